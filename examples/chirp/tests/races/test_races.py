"""What happens when people do the same thing at the same moment.

Each contender has a connection of its own and waits for the others before it begins.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from chirp.models import Chirp, Follow, Like, LoginAttempt, Person
from chirp.services import attempts, chirps, follows, people, tokens
from chirp.services.errors import Conflict, Invalid, NotFound, TooManyAttempts
from sqlalchemy import func, select

CONTENDERS = 8


@pytest.fixture
def at_once(database, session):
    """Runs a function on several threads at the same moment; gives what each returned or raised."""

    def run(function, contenders=CONTENDERS):
        # On SQLite, an open transaction of the test would keep all others waiting.
        session.commit()
        barrier = threading.Barrier(contenders)

        def contend(number):
            with database.session() as session:
                barrier.wait(30)
                try:
                    return function(session, number)
                except Exception as error:
                    return error

        with ThreadPoolExecutor(contenders) as pool:
            return list(pool.map(contend, range(contenders)))

    return run


def count(session, model):
    session.commit()
    return session.scalar(select(func.count()).select_from(model))


def of_kind(results, kind):
    return [result for result in results if type(result) is kind]


class TestTheSameName:
    def test_one_wins_and_the_others_see_it_at_the_field(self, at_once, session):
        results = at_once(
            lambda s, n: people.register(
                s, random.choice(["Ada", "ADA", "ada"]), f"ada{n}@example.org", "correct horse"
            )
        )
        assert len(of_kind(results, Person)) == 1
        refused = of_kind(results, Invalid)
        assert len(refused) == CONTENDERS - 1
        assert {error.field for error in refused} == {"name"}
        assert count(session, Person) == 1

    def test_the_same_for_an_address(self, at_once, session):
        results = at_once(
            lambda s, n: people.register(s, f"ada_{n}", "ada@example.org", "correct horse")
        )
        assert len(of_kind(results, Person)) == 1
        assert {error.field for error in of_kind(results, Invalid)} == {"email"}
        assert count(session, Person) == 1

    def test_different_ones_all_come_in(self, at_once, session):
        results = at_once(
            lambda s, n: people.register(s, f"ada_{n}", f"ada{n}@example.org", "correct horse")
        )
        assert len(of_kind(results, Person)) == CONTENDERS
        assert count(session, Person) == CONTENDERS


class TestTheSameForm:
    def test_is_one_chirp(self, at_once, session, ada):
        results = at_once(
            lambda s, n: chirps.post(s, s.get(Person, ada.id), "Hello", form_key="once").id
        )
        assert len(set(results)) == 1
        assert isinstance(results[0], int)
        assert count(session, Chirp) == 1

    def test_and_one_reply(self, at_once, session, ada):
        first = chirps.post(session, ada, "Question").id
        results = at_once(
            lambda s, n: chirps.post(s, s.get(Person, ada.id), "Answer", first, "once").id
        )
        assert len(set(results)) == 1
        assert count(session, Chirp) == 2
        assert chirps.get(session, first).replies == 1


class TestLikes:
    def test_the_same_person_likes_once(self, at_once, session, ada):
        made = chirps.post(session, ada, "Hello").id
        results = at_once(lambda s, n: chirps.like(s, s.get(Person, ada.id), made))
        assert results == [None] * CONTENDERS
        assert count(session, Like) == 1
        assert chirps.get(session, made).likes == 1
        results = at_once(lambda s, n: chirps.unlike(s, s.get(Person, ada.id), made))
        assert results == [None] * CONTENDERS
        assert count(session, Like) == 0
        assert chirps.get(session, made).likes == 0

    def test_many_people_like_one_chirp(self, at_once, session, register, ada):
        made = chirps.post(session, ada, "Hello").id
        fans = [register(f"fan_{n}").id for n in range(CONTENDERS)]
        results = at_once(lambda s, n: chirps.like(s, s.get(Person, fans[n]), made))
        assert results == [None] * CONTENDERS
        assert chirps.get(session, made).likes == count(session, Like) == CONTENDERS

    def test_everything_at_once(self, at_once, session, register, ada):
        """Likes, unlikes, replies and deletions of the same few chirps: the counts are right."""
        made = [chirps.post(session, ada, f"Number {n}").id for n in range(3)]
        fans = [register(f"fan_{n}").id for n in range(CONTENDERS)]

        def act(s, number):
            chance = random.Random(number)
            person = s.get(Person, fans[number])
            answers = []
            for _ in range(15):
                chirp_id = chance.choice(made)
                what = chance.choice(["like", "like", "unlike", "reply", "delete"])
                if what == "like":
                    chirps.like(s, person, chirp_id)
                elif what == "unlike":
                    chirps.unlike(s, person, chirp_id)
                elif what == "reply":
                    answers.append(chirps.post(s, person, "Answer", chirp_id).id)
                elif answers:
                    chirps.delete(s, person, answers.pop())

        assert at_once(act) == [None] * CONTENDERS
        for chirp_id in made:
            view = chirps.get(session, chirp_id)
            likes = select(func.count()).select_from(Like).where(Like.chirp_id == chirp_id)
            replies = select(func.count()).select_from(Chirp).where(Chirp.reply_to_id == chirp_id)
            assert (view.likes, view.replies) == (session.scalar(likes), session.scalar(replies))

    def test_a_chirp_goes_while_it_is_liked_and_answered(self, at_once, session, register, ada):
        fans = [register(f"fan_{n}").id for n in range(CONTENDERS)]
        for _ in range(3):
            made = chirps.post(session, ada, "Short-lived").id

            def act(s, number, made=made):
                person = s.get(Person, ada.id if number == 0 else fans[number])
                if number == 0:
                    chirps.delete(s, person, made)
                elif number % 2:
                    chirps.like(s, person, made)
                else:
                    chirps.post(s, person, "Answer", made)

            results = at_once(act)
            assert {type(result) for result in results} <= {type(None), NotFound}
            assert results[0] is None
        assert count(session, Like) == 0


class TestChirps:
    def test_none_is_lost(self, at_once, session, register):
        authors = [register(f"author_{n}").id for n in range(CONTENDERS)]

        def write(s, number):
            person = s.get(Person, authors[number])
            return [chirps.post(s, person, f"{number}: {n}").id for n in range(25)]

        results = at_once(write)
        ids = {chirp_id for result in results for chirp_id in result}
        assert len(ids) == CONTENDERS * 25
        session.commit()
        assert set(session.scalars(select(Chirp.id))) == ids

    def test_one_is_deleted_once(self, at_once, session, ada):
        first = chirps.post(session, ada, "Question").id
        answer = chirps.post(session, ada, "Answer", first).id
        results = at_once(lambda s, n: chirps.delete(s, s.get(Person, ada.id), answer))
        assert results.count(None) == 1
        assert len(of_kind(results, NotFound)) == CONTENDERS - 1
        assert chirps.get(session, first).replies == 0


def test_following_is_once(at_once, session, ada, bob):
    results = at_once(lambda s, n: follows.follow(s, s.get(Person, ada.id), "Bob").id)
    assert results == [bob.id] * CONTENDERS
    assert count(session, Follow) == 1


def test_a_person_leaves_while_others_act(at_once, session, register, ada):
    fans = [register(f"fan_{n}").id for n in range(CONTENDERS)]
    made = chirps.post(session, ada, "Hello").id
    chirps.post(session, session.get(Person, fans[1]), "Stays")

    def act(s, number):
        if number == 0:
            return people.delete(s, s.get(Person, ada.id), "correct horse")
        person = s.get(Person, fans[number])
        time.sleep(0.002 * number)
        if number % 3 == 0:
            return follows.follow(s, person, "Ada").id
        if number % 3 == 1:
            return chirps.like(s, person, made)
        return chirps.post(s, person, "Answer", made).id

    results = at_once(act)
    assert results[0] is None
    assert {type(result) for result in results} <= {type(None), int, NotFound}
    assert count(session, Like) == count(session, Follow) == 0


def test_token_names_are_used_once(at_once, session, ada):
    results = at_once(lambda s, n: tokens.create(s, s.get(Person, ada.id), "phone")[1])
    assert len(of_kind(results, str)) == 1
    assert len(of_kind(results, Conflict)) == CONTENDERS - 1


def test_guesses_at_the_same_moment_do_not_slip_through(at_once, session, ada):
    contenders = 3 * attempts.LIMITS["both"]
    results = at_once(lambda s, n: people.authenticate(s, "Ada", "wrong", "192.0.2.1"), contenders)
    looked_at = results.count(None)
    assert looked_at <= attempts.LIMITS["both"]
    assert len(of_kind(results, TooManyAttempts)) == contenders - looked_at
    assert count(session, LoginAttempt) <= 3 * attempts.LIMITS["both"]


def test_a_password_is_changed_to_one_of_them(at_once, session, ada):
    results = at_once(
        lambda s, n: people.change_password(
            s, s.get(Person, ada.id), "correct horse", f"new password {n}"
        ),
        4,
    )
    session.commit()
    session.expire_all()
    assert ada.session_epoch == results.count(None) >= 1
    fitting = [
        n
        for n in range(4)
        if people.authenticate(session, "Ada", f"new password {n}", f"192.0.2.{n}")
    ]
    assert len(fitting) == 1
    assert results[fitting[0]] is None
