from __future__ import annotations

import io
import tempfile

import pytest

from erlen.http.environ_builder import create_environ
from erlen.http.files import FileStorage
from erlen.http.form_encoding import encode_multipart, stream_encode_multipart
from erlen.http.headers import Headers
from erlen.http.multidict import MultiDict
from erlen.http.request import Request


def read(boundary, body):
    return Request(
        create_environ(
            method="POST", data=body, content_type=f'multipart/form-data; boundary="{boundary}"'
        )
    )


@pytest.mark.parametrize(
    "value", ["", "größe", "two\r\nlines", "--boundary--", '"quoted"', "x" * 100_000]
)
def test_text_comes_back(value):
    request = read(*encode_multipart({"field": value}, boundary="boundary-of-its-own"))
    assert request.form["field"] == value


def test_numbers_and_lists():
    values = MultiDict([("a", 1), ("b", "x"), ("a", 2.5)])
    request = read(*encode_multipart(values))
    assert request.form.getlist("a") == ["1", "2.5"]
    assert request.form["b"] == "x"


def test_files():
    storage = FileStorage(
        io.BytesIO(b"\0\r\n--x\xff"), "größe.txt", headers=Headers({"X-Part": "1"})
    )
    request = read(*encode_multipart({"file": storage, "text": "t"}))
    file = request.files["file"]
    assert (file.filename, file.read()) == ("größe.txt", b"\0\r\n--x\xff")
    assert file.headers["X-Part"] == "1"
    assert request.form["text"] == "t"


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("a.png", "image/png"),
        ("a.unknownkind", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_media_type_follows_the_name(name, mimetype):
    request = read(*encode_multipart({"f": FileStorage(io.BytesIO(b"x"), name)}))
    assert request.files["f"].mimetype == mimetype


def test_an_open_file_is_read(tmp_path):
    (tmp_path / "a.png").write_bytes(b"png")
    with (tmp_path / "a.png").open("rb") as file:
        request = read(*encode_multipart({"f": file}))
    assert request.files["f"].filename.endswith("a.png")
    assert (request.files["f"].mimetype, request.files["f"].read()) == ("image/png", b"png")


def test_each_form_has_its_own_boundary():
    first, _ = encode_multipart({"a": "1"})
    second, _ = encode_multipart({"a": "1"})
    assert first != second
    assert encode_multipart({}, boundary="own")[0] == "own"


@pytest.mark.parametrize("use_tempfile", [True, False])
def test_a_large_form_is_written_to_a_file(use_tempfile):
    data = {"f": "x" * 5_000}
    stream, length, boundary = stream_encode_multipart(data, use_tempfile, threshold=1_000)
    with stream:
        assert isinstance(stream, io.BytesIO) is not use_tempfile
        if use_tempfile:
            assert isinstance(stream, tempfile.SpooledTemporaryFile)
        body = stream.read()
    assert len(body) == length
    assert body.startswith((b"--" + boundary.encode(), b"\r\n--"))
