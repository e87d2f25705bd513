"""services.tokens: what lets a program in."""

from __future__ import annotations

import pytest
from chirp.models import LARGEST_ID
from chirp.services import people, tokens
from chirp.services.errors import Conflict, Invalid, NotFound


def test_the_secret_is_shown_once_and_not_kept(session, ada):
    token, secret = tokens.create(session, ada, " my phone ")
    session.expire_all()
    assert token.name == "my phone"
    assert secret.startswith("chirp_")
    assert secret not in token.hash
    assert tokens.person_for(session, secret).id == ada.id


@pytest.mark.parametrize(
    "secret", ["", "chirp_", "chirp_x", "chirp_" + "x" * 10_000, "\0", "\ud800"]
)
def test_another_secret_is_nobodys(session, ada, secret):
    tokens.create(session, ada, "phone")
    assert tokens.person_for(session, secret) is None


def test_the_hash_is_no_secret(session, ada):
    token, _ = tokens.create(session, ada, "phone")
    assert tokens.person_for(session, token.hash) is None
    assert tokens.person_for(session, "chirp_" + token.hash) is None


def test_names_are_different_for_one_person(session, ada, bob):
    tokens.create(session, ada, "phone")
    with pytest.raises(Conflict) as refused:
        tokens.create(session, ada, "phone")
    assert refused.value.field == "name"
    tokens.create(session, bob, "phone")
    tokens.create(session, ada, "laptop")
    assert [token.name for token in tokens.of_person(session, ada)] == ["laptop", "phone"]


@pytest.mark.parametrize("name", ["", "x" * 65, "a\0"])
def test_names_are_texts(session, ada, name):
    with pytest.raises(Invalid) as refused:
        tokens.create(session, ada, name)
    assert refused.value.field == "name"


def test_a_name_of_wide_characters(session, ada):
    with pytest.raises(Invalid):
        tokens.create(session, ada, "👩🏿‍👩🏿‍👧🏿‍👦🏿" * 30)


def test_revoked_by_its_owner_alone(session, ada, bob):
    token, secret = tokens.create(session, ada, "phone")
    for wrong in (0, -1, LARGEST_ID + 1, 10**40):
        with pytest.raises(NotFound):
            tokens.revoke(session, ada, wrong)
    with pytest.raises(NotFound):
        tokens.revoke(session, bob, token.id)
    assert tokens.person_for(session, secret) is not None
    tokens.revoke(session, ada, token.id)
    assert tokens.person_for(session, secret) is None


def test_goes_with_its_person(session, ada):
    _, secret = tokens.create(session, ada, "phone")
    people.delete(session, ada, "correct horse")
    assert tokens.person_for(session, secret) is None
