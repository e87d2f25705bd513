"""services.seeding: what it writes is what people would have left behind."""

from __future__ import annotations

import pytest
from chirp.models import Chirp, Follow, Like, Person
from chirp.services import chirps, follows, people, seeding, timelines
from sqlalchemy import func, select

NUMBERS = {"people": 40, "chirps": 500, "follows": 300, "likes": 700}


@pytest.fixture
def seed(database):
    def seed(**changed):
        said = []
        with database.begin() as connection:
            seeded = seeding.seed(
                connection,
                **{**NUMBERS, "password": "correct horse", "random_seed": 3, **changed},
                progress=lambda *values: said.append(values),
            )
        return seeded, said

    return seed


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def check_counts(session):
    """The counts that chirps carry are those of the rows."""
    likes = dict(session.execute(select(Like.chirp_id, func.count()).group_by(Like.chirp_id)).all())
    replies = dict(
        session.execute(
            select(Chirp.reply_to_id, func.count())
            .where(Chirp.reply_to_id.is_not(None))
            .group_by(Chirp.reply_to_id)
        ).all()
    )
    for chirp in session.scalars(select(Chirp)):
        assert chirp.likes_count == likes.get(chirp.id, 0)
        assert chirp.replies_count == replies.get(chirp.id, 0)
        assert chirp.reply_to_id is None or chirp.reply_to_id < chirp.id


def test_writes_as_many_as_asked_for(seed, session):
    seeded, said = seed()
    assert {
        "people": count(session, Person),
        "chirps": count(session, Chirp),
        "follows": count(session, Follow),
        "likes": count(session, Like),
    } == NUMBERS
    assert (seeded.people, seeded.chirps, seeded.follows, seeded.likes) == tuple(NUMBERS.values())
    check_counts(session)
    assert session.scalar(select(func.sum(Chirp.replies_count))) > 20
    ends = {what: (done, total) for what, done, total in said}
    assert ends == {
        "people": (40, 40), "follows": (300, 300), "chirps": (500, 500), "likes": (700, 700)
    }  # fmt: skip


def test_its_people_live_on(seed, session):
    """Its rows stand beside those that people make before and after."""
    before = people.register(session, "Before", "before@example.org", "correct horse")
    chirps.post(session, before, "Before")
    seeded, _ = seed()
    someone = people.authenticate(session, seeded.name, seeded.password, "192.0.2.1")
    after = people.register(session, "After", "after@example.org", "correct horse")
    made = chirps.post(session, after, "After")
    follows.follow(session, after, seeded.name)
    assert timelines.public(session, someone).items[0].id == made.id
    assert after.id > someone.id > before.id
    first = timelines.personal(session, after).items[0]
    chirps.like(session, someone, first.id)
    people.delete(session, someone, seeded.password)
    check_counts(session)


def test_again_adds_as_many(seed, session):
    seed()
    session.rollback()
    seed()
    assert count(session, Person) == 80
    assert count(session, Chirp) == 1000
    check_counts(session)


def test_the_same_number_gives_the_same(session, seed):
    def written():
        session.rollback()
        lowest = session.scalar(select(func.min(Chirp.id)))
        return session.execute(
            select(Chirp.text, Chirp.likes_count, Chirp.replies_count)
            .where(Chirp.id < lowest + 500, ~Chirp.text.contains("@"))
            .order_by(Chirp.id)
        ).all()

    seed()
    first = written()
    session.execute(Chirp.__table__.delete())
    session.execute(Person.__table__.delete())
    session.commit()
    seed()
    assert written() == first
    assert len(first) > 300


def test_times_rise_with_ids_and_end_now(seed, session):
    seed()
    times = session.scalars(select(Chirp.created_at).order_by(Chirp.id)).all()
    assert times == sorted(times)
    assert (seeding.now() - times[-1]).total_seconds() < 60
    assert seeding.SPAN * 0.9 < times[-1] - times[0] <= seeding.SPAN


def test_few_are_followed_by_many(seed, session):
    seed()
    numbers = sorted(
        session.scalars(select(func.count()).select_from(Follow).group_by(Follow.followed_id)),
        reverse=True,
    )
    # A quarter of the people have much more than a quarter of the followers.
    assert sum(numbers[:10]) > 1.5 * sum(numbers) / 4


@pytest.mark.parametrize(
    "numbers",
    [
        {"people": 1, "chirps": 0, "follows": 0, "likes": 0},
        {"people": 1, "chirps": 10, "follows": 0, "likes": 5},
        {"people": 2, "chirps": 3, "follows": 1, "likes": 3},
        {"people": 30, "chirps": 7, "follows": 435, "likes": 105},
    ],
)
def test_small_and_dense_ones(seed, session, numbers):
    seed(**numbers)
    assert count(session, Follow) == numbers["follows"]
    assert count(session, Like) == numbers["likes"]
    check_counts(session)


@pytest.mark.parametrize(
    "numbers", [{"people": 0}, {"chirps": -1}, {"people": 3, "follows": 4}, {"likes": 10_001}]
)
def test_refuses_what_does_not_go_together(seed, session, numbers):
    with pytest.raises(ValueError):
        seed(**numbers)
    assert count(session, Person) == 0
