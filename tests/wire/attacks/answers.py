"""Whatever a view returns, what goes out is one answer, and the next is the next."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from exchange import Answer, Connection, Cut, exchange, request
from faulty import Faulty

VIEWS = ("sync", "async")


def answers(server: Faulty, path: str, method: str = "GET") -> tuple[Answer | None, bool]:
    """What is answered, and whether the connection is kept.

    :raises AssertionError: if something else than the page that is asked for next comes behind it
    """
    with Connection(server.port) as connection:
        connection.send(request(path, method) + request("/probe"))
        try:
            first = connection.answer(method)
        except (Cut, ConnectionError):
            return None, False
        try:
            second = connection.answer()
        except (Cut, ConnectionError):
            return first, False
        assert (second.status, second.text) == (200, "probe"), (path, first, second)
        return first, True


def each(server: Faulty, path: str, method: str = "GET") -> Iterator[tuple[Answer | None, bool]]:
    for view in VIEWS:
        yield answers(server, f"/attacked/{view}/{path}", method)


def case_88_statuses_that_are_none(server: Faulty) -> None:
    for status in ("99", "0", "-1", "1000", "70000", "abc"):
        for way in ("tuple", "response", "later"):
            for answer, is_kept in each(server, f"status/{way}/{status}"):
                assert answer is not None and answer.status == 500, (status, way, answer)
                assert is_kept


def case_88_final_statuses_of_1xx(server: Faulty) -> None:
    """A client would take the next answer for this one, or another protocol for HTTP."""
    for status in (100, 101, 102, 103, 199):
        for way in ("tuple", "response", "later"):
            for answer, is_kept in each(server, f"status/{way}/{status}"):
                assert answer is not None, (status, way)
                assert (answer.status, answer.interim) == (500, []), (status, way, answer)
                assert is_kept


def case_89_lengths_by_hand(server: Faulty) -> None:
    for kind in ("text", "list", "stream"):
        for length in ("0", "1", "3", "4", "5", "400", "abc", "-4"):
            for answer, is_kept in each(server, f"length/{kind}/{length}"):
                if kind == "stream" and length != "4":
                    # 500, no whole answer, or what was announced; and nothing behind it.
                    if answer is not None and answer.status == 200 and answer.complete:
                        assert answer.body == b"text"[: int(length)]
                else:
                    assert answer is not None and answer.body == b"text", (kind, length, answer)
                    assert is_kept


def case_89_lengths_of_what_is_not_sent(server: Faulty) -> None:
    for kind in ("text", "stream"):
        for answer, is_kept in each(server, f"length/{kind}/400", "HEAD"):
            assert answer is not None and answer.body == b""
            assert is_kept


def case_90_framing_by_hand(server: Faulty) -> None:
    for value in ("chunked", "identity", "gzip, chunked"):
        for answer, is_kept in each(server, f"header?name=Transfer-Encoding&value={quote(value)}"):
            assert answer is not None and answer.status == 500
            assert is_kept


def case_90_headers_of_the_connection(server: Faulty) -> None:
    for name, value in {"Connection": "close", "Keep-Alive": "timeout=5"}.items():
        for answer, is_kept in each(server, f"header?name={name}&value={value}"):
            assert answer is not None and answer.text == "text"
            assert is_kept
            # The server may say that it is kept.
            assert answer.get(name) in (None, "keep-alive"), (name, answer)


def case_91_headers_that_are_none(server: Faulty) -> None:
    pairs = [
        ("X-A", "a\r\nX-B: b"), ("X-A", "a\nX-B: b"), ("X-A", "a\0b"), ("X-A", "5 \u20ac"),
        ("X A", "b"), ("X-A:", "b"), ("", "b"), ("X\r\nY", "b"),
    ]  # fmt: skip
    for name, value in pairs:
        for answer, is_kept in each(
            server, f"header?name={quote(name, safe='')}&value={quote(value)}"
        ):
            assert answer is not None and answer.status == 500, (name, value, answer)
            assert answer.get("X-B") is None
            assert is_kept


def case_92_answers_without_the_file(server: Faulty) -> None:
    """No length without its body."""
    for headers, status in (
        ({"If-Match": '"other"'}, 412),
        ({"If-None-Match": '"tag"'}, 304),
        ({"Range": "bytes=100-"}, 416),
    ):
        for view in VIEWS:
            with Connection(server.port) as connection:
                path = f"/attacked/{view}/conditional"
                connection.send(request(path, headers=headers) + request("/probe"))
                answer = connection.answer()
                assert answer.status == status, answer
                assert connection.answer().text == "probe"


def case_32_what_a_client_sent_in_a_redirect(server: Faulty) -> None:
    for target in ("/a\r\nSet-Cookie: a=b", "/a\nX: y", "//[bad", "http://[::1]:80x/"):
        for view in VIEWS:
            path = f"/attacked/{view}/redirect?to={quote(target, safe='')}"
            answer = exchange(server.port, request(path))
            assert answer.get("Set-Cookie") is None and answer.get("X") is None
            assert answer.status in (302, 400, 500), answer
