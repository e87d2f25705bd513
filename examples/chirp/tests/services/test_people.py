"""services.people: registering, logging in, changing, leaving."""

from __future__ import annotations

import hashlib

import pytest
from chirp.models import Chirp, Follow, Like, LoginAttempt, Person, Token
from chirp.services import attempts, chirps, follows, passwords, people, tokens
from chirp.services.errors import Invalid, NotFound, TooManyAttempts
from sqlalchemy import func, select


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_registers_with_a_hash_and_not_the_password(session):
    person = people.register(session, " Ada ", "Ada@Example.ORG", "correct horse")
    session.expire_all()
    assert (person.name, person.email) == ("Ada", "Ada@example.org")
    assert person.password_hash.startswith("scrypt:")
    assert "horse" not in person.password_hash
    assert person.created_at.utcoffset().total_seconds() == 0


def test_the_default_is_the_strong_one(monkeypatch, session):
    monkeypatch.undo()
    assert people.register(
        session, "Ada", "a@example.org", "correct horse"
    ).password_hash.startswith("scrypt:32768:8:1$")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": "a b"}),
        ("name", {"name": "ADA"}),
        ("email", {"email": "nobody"}),
        ("email", {"email": "a@b"}),
        ("email", {"email": "x" * 300 + "@example.org"}),
        ("email", {"email": "aDa@example.org"}),
        ("password", {"password": "short"}),
        ("password", {"password": "x" * 1001}),
        ("password", {"password": "aaaaaaaaaa"}),
        ("password", {"password": "Somebody_Else"}),
        ("password", {"password": "half a character \ud800"}),
    ],
)
def test_says_at_which_field_it_is_wrong(session, ada, field, values):
    given = {"name": "somebody_else", "email": "else@example.org", "password": "correct horse"}
    with pytest.raises(Invalid) as refused:
        people.register(session, **{**given, **values})
    assert refused.value.field == field
    assert count(session, Person) == 1
    # The session is as good as before.
    assert people.register(session, **given).name == "somebody_else"


@pytest.mark.parametrize("login", ["Ada", "ADA", " ada ", "Ada@example.org", "ADA@EXAMPLE.ORG"])
def test_logs_in_by_name_or_address(session, ada, login):
    assert people.authenticate(session, login, "correct horse", "192.0.2.1").id == ada.id


@pytest.mark.parametrize(
    ("login", "password"),
    [("Ada", "wrong horse"), ("nobody", "correct horse"), ("", ""), ("Ada", ""),
     ("Ada", "x" * 10_000), ("\0", "\0"), ("Ada", "\ud800"), ("\ud800", "correct horse"),
     ("\0@example.org", "x")],
)  # fmt: skip
def test_does_not_log_in(session, ada, login, password):
    assert people.authenticate(session, login, password, "192.0.2.1") is None


def test_unknown_people_take_as_long(monkeypatch, session, ada):
    """The same work is done for a name that nobody has: one comparison with a full hash."""
    compared = []
    real = passwords.check_password_hash
    monkeypatch.setattr(
        passwords, "check_password_hash", lambda h, p: compared.append(h) or real(h, p)
    )
    people.authenticate(session, "Ada", "wrong horse", "192.0.2.1")
    people.authenticate(session, "Nobody", "wrong horse", "192.0.2.1")
    assert [stored.partition("$")[0] for stored in compared] == ["scrypt:1024:1:1"] * 2


class TestLimits:
    def test_after_five_failures_the_password_is_not_looked_at(self, session, ada):
        for _ in range(5):
            assert people.authenticate(session, "Ada", "wrong", "192.0.2.1") is None
        with pytest.raises(TooManyAttempts) as refused:
            people.authenticate(session, "ada", "correct horse", "192.0.2.1")
        assert 0 < refused.value.seconds <= attempts.WINDOW.total_seconds()
        # Their owner, elsewhere, still comes in.
        assert people.authenticate(session, "Ada", "correct horse", "192.0.2.2") is not None

    def test_the_same_for_people_who_do_not_exist(self, session):
        for _ in range(5):
            people.authenticate(session, "nobody", "wrong", "192.0.2.1")
        with pytest.raises(TooManyAttempts):
            people.authenticate(session, "nobody", "wrong", "192.0.2.1")

    def test_a_success_forgets_the_failures(self, session, ada):
        for _ in range(3):
            for _ in range(4):
                people.authenticate(session, "Ada", "wrong", "192.0.2.1")
            assert people.authenticate(session, "Ada", "correct horse", "192.0.2.1") is not None

    def test_one_address_cannot_try_everybody(self, session):
        for number in range(attempts.LIMITS["address"]):
            assert people.authenticate(session, f"p{number}", "wrong", "192.0.2.1") is None
        with pytest.raises(TooManyAttempts):
            people.authenticate(session, "other", "wrong", "192.0.2.1")

    def test_ends_with_the_window_and_refusals_do_not_prolong_it(self, monkeypatch, session, ada):
        moment = attempts.now()
        monkeypatch.setattr(attempts, "now", lambda: moment)
        for _ in range(5):
            people.authenticate(session, "Ada", "wrong", "192.0.2.1")
        moment += attempts.WINDOW / 2
        with pytest.raises(TooManyAttempts) as refused:
            people.authenticate(session, "Ada", "correct horse", "192.0.2.1")
        assert refused.value.seconds == attempts.WINDOW.total_seconds() / 2
        moment += attempts.WINDOW / 2 + attempts.WINDOW / 100
        assert people.authenticate(session, "Ada", "correct horse", "192.0.2.1") is not None

    def test_nothing_readable_is_kept_and_old_ones_go(self, monkeypatch, session):
        people.authenticate(session, "Ada", "wrong", "192.0.2.1")
        subjects = session.scalars(select(LoginAttempt.subject)).all()
        assert all(len(subject) == 64 and "Ada" not in subject for subject in subjects)
        later = attempts.now() + 2 * attempts.WINDOW
        monkeypatch.setattr(attempts, "now", lambda: later)
        people.authenticate(session, "Bob", "wrong", "192.0.2.1")
        assert count(session, LoginAttempt) == 3


class TestPassword:
    def test_a_change_ends_every_log_in(self, session, ada):
        before = ada.session_epoch
        people.change_password(session, ada, "correct horse", "battery staple")
        session.expire_all()
        assert ada.session_epoch == before + 1
        assert people.authenticate(session, "Ada", "battery staple", "192.0.2.1") is not None
        assert people.authenticate(session, "Ada", "correct horse", "192.0.2.1") is None

    def test_takes_the_old_one(self, session, ada):
        with pytest.raises(Invalid) as refused:
            people.change_password(session, ada, "wrong", "battery staple")
        assert refused.value.field == "old"
        with pytest.raises(Invalid) as refused:
            people.change_password(session, ada, "correct horse", "short")
        assert refused.value.field == "new"
        assert people.authenticate(session, "Ada", "correct horse", "192.0.2.1") is not None

    def test_guessing_the_old_one_has_a_limit(self, session, ada):
        for _ in range(5):
            with pytest.raises(Invalid):
                people.change_password(session, ada, "wrong", "battery staple")
        with pytest.raises(TooManyAttempts):
            people.change_password(session, ada, "correct horse", "battery staple")


class TestProfile:
    def test_keeps_and_empties_the_biography(self, session, ada):
        people.update_profile(session, ada, " Engines.\r\nPoetry. ")
        session.expire_all()
        assert ada.biography == "Engines.\nPoetry."
        people.update_profile(session, ada, "  ")
        assert ada.biography == ""

    @pytest.mark.parametrize("biography", ["x" * 501, "a\0b"])
    def test_refuses(self, session, ada, biography):
        with pytest.raises(Invalid) as refused:
            people.update_profile(session, ada, biography)
        assert refused.value.field == "biography"

    def test_names_are_found_whatever_their_case(self, session, ada):
        assert people.by_name(session, "aDA").id == ada.id
        with pytest.raises(NotFound):
            people.by_name(session, "nobody")

    def test_gravatar_knows_the_hash(self):
        assert (
            people.email_hash(" Ada@Example.org ") == hashlib.sha256(b"ada@example.org").hexdigest()
        )


class TestLeaving:
    def test_takes_all_that_is_theirs_and_counts_the_rest_right(self, session, ada, bob):
        kept = chirps.post(session, ada, "I stay")
        theirs = chirps.post(session, bob, "I go")
        answer = chirps.post(session, ada, "An answer", theirs.id)
        chirps.post(session, bob, "One", kept.id)
        chirps.post(session, bob, "Two", kept.id)
        chirps.like(session, bob, kept.id)
        chirps.like(session, ada, kept.id)
        follows.follow(session, ada, "Bob")
        follows.follow(session, bob, "Ada")
        tokens.create(session, bob, "phone")
        people.delete(session, bob, "correct horse")
        session.expire_all()
        assert count(session, Person) == 1
        assert count(session, Follow) == count(session, Token) == 0
        assert count(session, Like) == 1
        assert set(session.scalars(select(Chirp.id))) == {kept.id, answer.id}
        view = chirps.get(session, kept.id, ada)
        assert (view.likes, view.replies, view.liked) == (1, 0, True)
        assert chirps.get(session, answer.id).reply_to_id is None
        # The name is free again.
        people.register(session, "bob", "bob@example.org", "correct horse")

    def test_takes_the_password(self, session, ada):
        with pytest.raises(Invalid) as refused:
            people.delete(session, ada, "wrong")
        assert refused.value.field == "password"
        assert people.by_name(session, "Ada") is ada

    def test_of_many_likes(self, session, ada, bob):
        made = [chirps.post(session, ada, f"Number {n}").id for n in range(30)]
        for chirp_id in made:
            chirps.like(session, bob, chirp_id)
        people.delete(session, bob, "correct horse")
        assert session.scalar(select(func.sum(Chirp.likes_count))) == 0
