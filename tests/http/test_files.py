from __future__ import annotations

import os
import sys
from contextlib import closing
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http import files
from erlen.http.files import FileMultiDict, FileStorage, secure_filename
from erlen.http.headers import Headers


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("photo.jpg", "photo.jpg"),
        ("My cool movie.mov", "My_cool_movie.mov"),
        ("a  b\tc\nd", "a_b_c_d"),
        ("größe.txt", "groe.txt"),
        ("ﬁle ².txt", "file_2.txt"),
        ("日本語", ""),
        ("a.tar.gz", "a.tar.gz"),
        (".bashrc", "bashrc"),
        ("-x~y|z?.txt", "-xyz.txt"),
        ("../../../etc/passwd", "etc_passwd"),
        ("..\\..\\x.txt", "x.txt"),
        ("C:\\dir\\x.txt", "C_dir_x.txt"),
        ("/etc/passwd", "etc_passwd"),
        ("a/b/../c", "a_b_.._c"),
        ("a\0.png", "a.png"),
        ("..", ""),
        ("/", ""),
        ("", ""),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert secure_filename(name) == safe


@pytest.mark.parametrize(
    ("name", "safe"), [("con", "_con"), ("COM1.txt", "_COM1.txt"), ("conx", "conx"), ("", "")]
)
def test_devices_of_windows(monkeypatch: pytest.MonkeyPatch, name: str, safe: str) -> None:
    assert secure_filename(name) == name
    monkeypatch.setattr(files.os, "name", "nt")
    assert secure_filename(name) == safe


@given(st.text(max_size=40))
def test_any_name_becomes_one_that_stays_in_its_folder(name: str) -> None:
    safe = secure_filename(name)
    assert safe.isascii()
    assert os.path.basename(safe) == safe
    assert safe not in (".", "..")
    assert not set(safe) & set('\\/:*?"<>| \0')
    assert secure_filename(safe) == safe


def test_what_a_client_tells() -> None:
    file = FileStorage(BytesIO(b"abc"), "x.txt", "field", "Text/Plain; charset=utf-8", 3)
    assert (file.filename, file.name) == ("x.txt", "field")
    assert file.content_type == file.headers["Content-Type"] == "Text/Plain; charset=utf-8"
    assert file.mimetype == "text/plain"
    assert file.mimetype_params == {"charset": "utf-8"}
    assert file.content_length == 3
    assert file.headers["Content-Length"] == "3"
    assert file
    assert repr(file) == "<FileStorage: 'x.txt' ('Text/Plain; charset=utf-8')>"


def test_nothing_told() -> None:
    file = FileStorage()
    assert file.read() == b""
    assert file.filename is None
    assert file.name is None
    assert file.content_type is None
    assert file.mimetype == ""
    assert file.content_length == 0
    assert list(file.headers) == []
    assert not file


@pytest.mark.parametrize("length", ["x", "-1", "1" * 50, "٣", ""])
def test_a_length_that_is_none(length: str) -> None:
    headers = Headers()
    headers["Content-Length"] = length
    assert FileStorage(headers=headers).content_length == 0


def test_the_name_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("abc")
    for name in (path, os.fsencode(path)):
        with open(name, "rb") as stream:
            assert FileStorage(stream).filename == str(path)
            assert FileStorage(stream, "given").filename == "given"


def test_files_without_a_name(tmp_path: Path) -> None:
    with open(os.open(tmp_path / "x", os.O_CREAT), "rb") as numbered:
        assert FileStorage(numbered).filename is None
    unnamed: Any = TextIOWrapper(BytesIO())
    assert FileStorage(unnamed).filename is None
    standard: Any = sys.__stdin__
    assert FileStorage(standard).filename is None


def test_it_is_a_file() -> None:
    file = FileStorage(BytesIO(b"a\nb\nc"))
    assert list(file) == [b"a\n", b"b\n", b"c"]
    file.seek(2)
    assert file.read(1) == b"b"
    assert file.tell() == 3
    assert file.readable()
    assert file.seekable()
    with pytest.raises(AttributeError, match="no_such"):
        file.no_such  # noqa: B018


def test_what_a_spooled_file_hides() -> None:
    with SpooledTemporaryFile() as stream:
        stream.write(b"abc")
        assert FileStorage(stream).getvalue() == b"abc"
        with pytest.raises(AttributeError):
            FileStorage(stream).no_such  # noqa: B018


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize("buffer_size", [1, 16384])
def test_saving_to_a_path(tmp_path: Path, as_text: bool, buffer_size: int) -> None:
    path = tmp_path / "saved"
    FileStorage(BytesIO(b"content")).save(str(path) if as_text else path, buffer_size)
    assert path.read_bytes() == b"content"


def test_saving_to_a_file_from_where_it_was_read_to() -> None:
    file = FileStorage(BytesIO(b"content"))
    file.read(3)
    target = BytesIO()
    file.save(target)
    assert target.getvalue() == b"tent"
    assert not target.closed


def test_saving_where_nothing_can_be(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileStorage(BytesIO(b"x")).save(tmp_path / "none" / "x")


def test_closing() -> None:
    file = FileStorage(BytesIO(b"x"))
    file.close()
    file.close()
    assert file.stream.closed


def test_closing_never_fails() -> None:
    class Broken:
        closed = 0

        def close(self) -> None:
            self.closed += 1
            raise OSError("the disk is gone")

    stream: Any = Broken()
    FileStorage(stream).close()
    assert stream.closed == 1


def test_files_of_a_form(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"hello")
    files = FileMultiDict()
    files.add_file("a", str(path))
    files.add_file("a", BytesIO(b"x"), "x.bin")
    first, second = files.getlist("a")
    with closing(first), closing(second):
        assert first.filename == str(path)
        assert first.content_type == "text/plain"
        assert first.read() == b"hello"
        assert second.content_type == "application/octet-stream"
        files.add_file("b", second)
        assert files["b"] is second
