"""services.chirps: posting, deleting, replying, liking."""

from __future__ import annotations

import pytest
from chirp.models import LARGEST_ID, Chirp, Like
from chirp.services import chirps, people
from chirp.services.errors import Forbidden, Invalid, NotFound
from sqlalchemy import func, select

NO_IDS = [0, -1, 10**6, LARGEST_ID, LARGEST_ID + 1, 10**40]


def count(session, model=Chirp):
    return session.scalar(select(func.count()).select_from(model))


class TestPost:
    def test_stores_what_was_written(self, session, ada):
        made = chirps.post(session, ada, " Grüße 👩‍👩‍👧‍👦 \U0001f426\r\n日本 ")
        session.expire_all()
        view = chirps.get(session, made.id)
        assert view.text == "Grüße 👩‍👩‍👧‍👦 \U0001f426\n日本"
        assert (view.author_name, view.likes, view.replies, view.reply_to_id) == ("Ada", 0, 0, None)
        assert view.created_at.utcoffset().total_seconds() == 0

    def test_280_of_the_widest_characters_fit(self, session, ada):
        family = "👩🏿‍👩🏿‍👧🏿‍👦🏿" * 280
        made = chirps.post(session, ada, family)
        session.expire_all()
        assert chirps.get(session, made.id).text == family

    @pytest.mark.parametrize("text", ["", "   ", "x" * 281, "a\0b", "\x1b[31m"])
    def test_refuses(self, session, ada, text):
        with pytest.raises(Invalid) as refused:
            chirps.post(session, ada, text)
        assert refused.value.field == "text"
        assert count(session) == 0

    def test_a_script_is_a_text_like_any_other(self, session, ada):
        made = chirps.post(session, ada, "<script>alert('x')</script>")
        assert chirps.get(session, made.id).text == "<script>alert('x')</script>"

    def test_the_same_form_twice_is_one_chirp(self, session, ada):
        first = chirps.post(session, ada, "Hello", form_key="k")
        again = chirps.post(session, ada, " Hello ", form_key="k")
        assert first.id == again.id
        assert count(session) == 1

    def test_another_text_form_or_author_is_another_chirp(self, session, ada, bob):
        chirps.post(session, ada, "Hello", form_key="k")
        chirps.post(session, ada, "Hello again", form_key="k")
        chirps.post(session, ada, "Hello", form_key="other")
        chirps.post(session, ada, "Hello")
        chirps.post(session, ada, "Hello")
        chirps.post(session, bob, "Hello", form_key="k")
        assert count(session) == 6

    def test_a_reply_is_counted_once(self, session, ada, bob):
        first = chirps.post(session, ada, "Question")
        for _ in range(2):
            answer = chirps.post(session, bob, "Answer", first.id, form_key="k")
        assert chirps.get(session, first.id).replies == 1
        view = chirps.get(session, answer.id)
        assert (view.reply_to_id, view.reply_to_name) == (first.id, "Ada")

    @pytest.mark.parametrize("chirp_id", NO_IDS)
    def test_no_reply_to_what_is_not_there(self, session, ada, chirp_id):
        with pytest.raises(NotFound):
            chirps.post(session, ada, "Answer", chirp_id)
        assert count(session) == 0

    @pytest.mark.parametrize("form_key", [None, "k"])
    def test_not_by_a_person_who_was_deleted(self, session, database, ada, form_key):
        with database.session() as other:
            people.delete(other, people.by_name(other, "Ada"), "correct horse")
        with pytest.raises(NotFound):
            chirps.post(session, ada, "Hello", form_key=form_key)
        assert count(session) == 0


class TestDelete:
    def test_ones_own(self, session, ada, bob):
        first = chirps.post(session, ada, "Question")
        answer = chirps.post(session, bob, "Answer", first.id)
        further = chirps.post(session, ada, "Thanks", answer.id)
        chirps.like(session, ada, answer.id)
        gone = answer.id
        chirps.delete(session, bob, gone)
        assert chirps.get(session, first.id).replies == 0
        assert chirps.get(session, further.id).reply_to_id is None
        assert count(session, Like) == 0
        with pytest.raises(NotFound):
            chirps.get(session, gone)

    def test_not_anothers(self, session, ada, bob):
        made = chirps.post(session, ada, "Mine")
        with pytest.raises(Forbidden):
            chirps.delete(session, bob, made.id)
        assert chirps.get(session, made.id).text == "Mine"

    def test_not_twice(self, session, ada):
        first = chirps.post(session, ada, "Question")
        answer = chirps.post(session, ada, "Answer", first.id)
        chirps.delete(session, ada, answer.id)
        with pytest.raises(NotFound):
            chirps.delete(session, ada, answer.id)
        assert chirps.get(session, first.id).replies == 0

    def test_ids_are_not_given_again(self, session, ada):
        last = chirps.post(session, ada, "Last").id
        chirps.delete(session, ada, last)
        assert chirps.post(session, ada, "Next").id > last


class TestLike:
    def test_twice_is_once(self, session, ada, bob):
        made = chirps.post(session, ada, "Hello")
        for _ in range(2):
            chirps.like(session, bob, made.id)
        chirps.like(session, ada, made.id)
        assert chirps.get(session, made.id, bob).likes == 2
        assert chirps.get(session, made.id, bob).liked
        assert not chirps.get(session, made.id).liked

    def test_taken_back_twice_is_once(self, session, ada, bob):
        made = chirps.post(session, ada, "Hello")
        chirps.like(session, ada, made.id)
        chirps.like(session, bob, made.id)
        for _ in range(2):
            chirps.unlike(session, bob, made.id)
        view = chirps.get(session, made.id, bob)
        assert (view.likes, view.liked) == (1, False)

    @pytest.mark.parametrize("chirp_id", NO_IDS)
    def test_only_what_is_there(self, session, ada, chirp_id):
        for change in (chirps.like, chirps.unlike, chirps.delete):
            with pytest.raises(NotFound):
                change(session, ada, chirp_id)
        with pytest.raises(NotFound):
            chirps.get(session, chirp_id, ada)
        assert count(session, Like) == 0


def test_replies_are_pages_like_others(session, ada, bob):
    first = chirps.post(session, ada, "Question")
    answers = [chirps.post(session, bob, f"Answer {n}", first.id).id for n in range(5)]
    page = chirps.replies(session, first.id, ada, limit=3)
    assert [view.id for view in page.items] == answers[:1:-1]
    page = chirps.replies(session, first.id, ada, page.next_cursor, limit=3)
    assert [view.id for view in page.items] == answers[1::-1]
    assert page.next_cursor is None
