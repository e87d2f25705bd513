from __future__ import annotations

import pytest

from erlen.http.response import Response


def test_writing() -> None:
    response = Response("a", headers={"X-A": "1"})
    assert response.stream.write("é") == 1
    assert response.stream.write(b"bc") == 2
    response.stream.writelines(["d", b"e"])
    assert response.data == "aébcde".encode()
    assert response.stream.tell() == 7
    assert response.stream is response.stream


def test_the_length_follows() -> None:
    response = Response("abc")
    response.stream.write("de")
    assert response.get_wsgi_headers({})["Content-Length"] == "5"
    response.data = "x"
    response.stream.write("y")
    assert response.get_wsgi_headers({})["Content-Length"] == "2"


def test_writing_behind_a_streamed_body() -> None:
    response = Response(iter(["a", "b"]))
    response.stream.write("c")
    assert response.get_data(as_text=True) == "abc"


def test_print_to_it() -> None:
    response = Response()
    print("hello", "world", sep=", ", file=response.stream, flush=True)
    assert response.data == b"hello, world\n"


def test_it_is_like_a_file() -> None:
    stream = Response().stream
    assert not stream.isatty()
    assert stream.encoding == "utf-8"
    assert stream.mode == "wb+"
    assert not stream.closed
    stream.flush()
    stream.close()
    assert stream.closed
    for use in (lambda: stream.write("x"), stream.flush):
        with pytest.raises(ValueError, match="closed"):
            use()
