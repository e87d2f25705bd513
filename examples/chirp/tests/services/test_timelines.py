"""services.timelines: the newest first, one page after another, at a constant cost."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa
from chirp.database import Database
from chirp.models import Chirp, Follow
from chirp.services import chirps, follows, pages, seeding, timelines
from chirp.services.errors import BadCursor


@pytest.fixture
def statements(database):
    """The statements that were sent, without those that begin and end transactions."""
    sent = []

    def note(connection, cursor, statement, parameters, context, many):
        if not statement.startswith(("BEGIN", "SELECT 1")):
            sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(database.engine, "before_cursor_execute", note)


@pytest.fixture
def invented(database, session):
    """Some people with chirps, follows and likes, made by the seed."""

    def invent(people=12, count=150, followed=40):
        with database.begin() as connection:
            seeding.seed(
                connection, people=people, chirps=count, follows=followed, likes=count,
                password="correct horse", random_seed=7,
            )  # fmt: skip
        return session.scalars(sa.select(seeding.Person).order_by(seeding.Person.id)).all()

    return invent


def all_pages(line, limit):
    """Every page of a time line, by following its cursors."""
    found, cursor = [], None
    while True:
        page = line(cursor, limit)
        assert len(page.items) <= limit
        found.append([view.id for view in page.items])
        if page.next_cursor is None:
            return found
        assert len(page.items) == limit
        cursor = page.next_cursor


@pytest.mark.parametrize("limit", [1, 7, 50, 100])
def test_personal_is_what_a_plain_query_gives(session, invented, limit):
    """The clever query against the obvious one, for each person, page by page."""
    people = invented()
    for viewer in people:
        followed = session.scalars(
            sa.select(Follow.followed_id).where(Follow.follower_id == viewer.id)
        ).all()
        plain = session.scalars(
            sa.select(Chirp.id)
            .where(Chirp.author_id.in_([*followed, viewer.id]))
            .order_by(Chirp.id.desc())
        ).all()
        clever = all_pages(
            lambda cursor, limit, v=viewer: timelines.personal(session, v, cursor, limit), limit
        )
        assert [i for page in clever for i in page] == list(plain)


def test_public_and_one_persons(session, invented):
    people = invented()
    everyone = session.scalars(sa.select(Chirp.id).order_by(Chirp.id.desc())).all()
    found = all_pages(lambda c, n: timelines.public(session, None, c, n), 20)
    assert [i for page in found for i in page] == list(everyone)
    one = people[3]
    theirs = session.scalars(
        sa.select(Chirp.id).where(Chirp.author_id == one.id).order_by(Chirp.id.desc())
    ).all()
    found = all_pages(lambda c, n: timelines.of_person(session, one, None, c, n), 3)
    assert [i for page in found for i in page] == list(theirs)


def test_pages_stay_while_new_ones_arrive_and_old_ones_go(session, ada, bob):
    made = [chirps.post(session, ada, f"Number {n}").id for n in range(10)]
    follows.follow(session, bob, "Ada")
    for line in (
        lambda c: timelines.personal(session, bob, c, 4),
        lambda c: timelines.public(session, bob, c, 4),
        lambda c: timelines.of_person(session, ada, bob, c, 4),
    ):
        first = line(None)
        newest = first.items[0].id
        made.append(chirps.post(session, ada, "News").id)
        # The one that the cursor was made from.
        chirps.delete(session, ada, first.items[-1].id)
        second = line(first.next_cursor)
        shown = [view.id for view in (*first.items, *second.items)]
        assert shown == [i for i in reversed(made) if i <= newest][:8]
        made.remove(first.items[-1].id)


def test_each_sees_their_own_side(session, ada, bob):
    first = chirps.post(session, ada, "Question")
    chirps.post(session, bob, "Answer", first.id)
    chirps.like(session, bob, first.id)
    answer, question = timelines.public(session, bob).items
    assert (answer.mine, answer.liked, answer.reply_to_name) == (True, False, "Ada")
    assert (question.mine, question.liked, question.likes, question.replies) == (False, True, 1, 1)
    answer, question = timelines.public(session, None).items
    assert not (answer.mine or answer.liked or question.mine or question.liked)


def test_shows_no_address(session, ada):
    chirps.post(session, ada, "Hello")
    (view,) = timelines.public(session, None).items
    assert "@" not in repr(view)
    assert len(view.author_email_hash) == 64


def test_empty(session, ada):
    for page in (
        timelines.public(session, None),
        timelines.personal(session, ada),
        timelines.of_person(session, ada, None),
    ):
        assert (list(page.items), page.next_cursor) == ([], None)


@pytest.mark.parametrize("people, count, followed", [(3, 30, 3), (40, 2000, 700)])
def test_the_number_of_statements_is_constant(
    session, invented, statements, people, count, followed
):
    viewer = invented(people, count, followed)[0]
    session.expire(viewer)
    viewer_id = viewer.id
    statements.clear()
    for line, expected in (
        (lambda c: timelines.public(session, viewer, c), 1),
        (lambda c: timelines.of_person(session, viewer, viewer, c), 1),
        (lambda c: timelines.personal(session, viewer, c), 2),
    ):
        cursor = None
        for _ in range(3):
            page = line(cursor)
            assert len(statements) == expected, statements
            statements.clear()
            cursor = page.next_cursor
            if cursor is None:
                break
    assert viewer.id == viewer_id


def test_limits_are_kept_to(session, ada):
    for n in range(105):
        session.add(Chirp(author_id=ada.id, text=f"Number {n}"))
    session.commit()
    assert len(timelines.public(session, None, limit=1000).items) == pages.LARGEST_PAGE
    assert len(timelines.public(session, None, limit=0).items) == 1
    assert len(timelines.personal(session, ada, limit=1000).items) == pages.LARGEST_PAGE


class TestCursor:
    def test_there_and_back(self):
        chance = random.Random(1)
        for number in [1, 255, 256, 2**63 - 1, *(chance.randrange(2**63) for _ in range(1000))]:
            cursor = pages.cursor_of(number)
            assert pages.before(cursor) == number
            assert cursor.replace("-", "a").replace("_", "a").isalnum()

    @pytest.mark.parametrize(
        "cursor",
        ["", " ", "=", "AQ==", "AB", "A", "é", "../..", "x" * 12, "x" * 100_000, "_____-____8",
         "AAE", "\0", "AQ\n", "1 OR 1=1"],
    )  # fmt: skip
    def test_refuses_what_no_page_gave_out(self, cursor):
        with pytest.raises(BadCursor):
            pages.before(cursor)


def test_the_work_does_not_grow_with_the_table(sqlite_url):
    """Many times as many chirps of the same people: as many steps of SQLite as before."""
    database = Database(sqlite_url)
    with database.begin() as connection:
        seeding.seed(
            connection, people=60, chirps=3000, follows=1200, likes=3000,
            password="correct horse", random_seed=7,
        )  # fmt: skip
    session = database.session()
    viewer = session.get_one(seeding.Person, 5)
    lines = {
        "public": lambda cursor: timelines.public(session, viewer, cursor),
        "person": lambda cursor: timelines.of_person(session, viewer, viewer, cursor),
        "personal": lambda cursor: timelines.personal(session, viewer, cursor),
    }

    def steps(page):
        page()
        counted = []
        raw = session.connection().connection.driver_connection
        raw.set_progress_handler(lambda: counted.append(1), 1)
        page()
        raw.set_progress_handler(None, 0)
        session.rollback()
        return len(counted)

    def work():
        newest = session.scalar(sa.select(sa.func.max(Chirp.id)))
        return {
            (name, place): steps(lambda line=line, cursor=cursor: line(cursor))
            for name, line in lines.items()
            for place, cursor in (("newest", None), ("middle", pages.cursor_of(newest // 2)))
        }

    before = work()
    with database.begin() as connection:
        connection.execute(
            Chirp.__table__.insert(),
            [
                {"author_id": 1 + (n * 7919) % 60, "text": f"Number {n}",
                 "likes_count": 0, "replies_count": 0}
                for n in range(60_000)
            ],
        )  # fmt: skip
    after = work()
    session.close()
    database.close()
    assert min(before.values()) > 100
    for line, number in after.items():
        assert number < 1.5 * before[line], (line, before[line], number)
