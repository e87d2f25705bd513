from __future__ import annotations

import os
import tracemalloc
from io import FileIO, TextIOWrapper
from pathlib import Path
from zipfile import ZipFile

import pytest

from erlen.http import spool
from erlen.http.exceptions import InsufficientStorage
from erlen.http.spool import BUDGET, SpooledUpload


@pytest.fixture(autouse=True)
def balanced():
    """Whatever a test does, the memory that it took is given back."""
    before = BUDGET.left
    yield
    assert BUDGET.left == before


@pytest.fixture(params=["memory", "disk"])
def upload(request, monkeypatch):
    if request.param == "disk":
        monkeypatch.setattr(spool, "_SHARE", 4)
    with SpooledUpload() as file:
        yield file


def test_what_was_written_is_read(upload):
    assert upload.write(b"abc") == 3
    assert upload.write(bytearray(b"def\n")) == 4
    upload.write(b"ghi")
    assert upload.tell() == 10
    assert upload.seek(0) == 0
    assert upload.read(4) == b"abcd"
    assert upload.readline() == b"ef\n"
    assert upload.seek(-3, os.SEEK_END) == 7
    assert list(upload) == [b"ghi"]
    assert upload.seekable() and upload.readable() and upload.writable()


@pytest.mark.parametrize("read_first", [False, True])
def test_writing_goes_on_at_the_position(upload, read_first):
    upload.write(b"abcdef")
    upload.seek(0)
    if read_first:
        assert upload.read(2) == b"ab"
    upload.write(b"XY")
    upload.seek(0)
    assert upload.read() == (b"abXYef" if read_first else b"XYcdef")


def test_it_is_a_file_for_the_standard_library(upload):
    with ZipFile(upload, "w") as archive:
        archive.writestr("a.txt", "content")
    upload.seek(0)
    with ZipFile(upload) as archive:
        assert archive.read("a.txt") == b"content"
    upload.seek(0)
    upload.truncate()
    upload.write(b"Zeile\n")
    upload.seek(0)
    wrapper = TextIOWrapper(upload, encoding="utf-8")
    assert wrapper.readline() == "Zeile\n"
    wrapper.detach()


def test_a_descriptor_moves_it_to_disk(upload):
    upload.write(b"abc")
    assert os.pread(upload.fileno(), 3, 0) == b"abc" or upload.flush() is None
    upload.flush()
    assert os.pread(upload.fileno(), 3, 0) == b"abc"


def test_closing_twice_is_fine(upload):
    upload.write(b"abc")
    upload.close()
    upload.close()
    assert upload.closed
    with pytest.raises(ValueError):
        upload.read()


def test_all_uploads_share_the_memory(monkeypatch):
    monkeypatch.setattr(BUDGET, "left", 10)
    first, second = SpooledUpload(), SpooledUpload()
    first.write(b"12345678")
    second.write(b"1234")
    assert first._file is None and second._file is not None
    assert BUDGET.left == 2
    first.close()
    second.close()
    assert BUDGET.left == 10
    monkeypatch.undo()


def test_one_that_is_dropped_gives_its_memory_back():
    before = BUDGET.left
    upload = SpooledUpload()
    upload.write(b"x" * 100)
    assert BUDGET.left == before - 100
    del upload
    assert BUDGET.left == before


@pytest.mark.parametrize("size", [1, 2, 100, 4_095, 4_096, 70_000])
def test_pieces_take_no_more_memory_than_their_bytes(size):
    total = 256 * 1024
    tracemalloc.start()
    try:
        with SpooledUpload() as upload:
            for number in range(total // size):
                upload.write(bytes([number % 256]) * size)
            assert upload._file is None
            assert tracemalloc.get_traced_memory()[1] < 2 * total
            upload.seek(0)
            content = upload.read()
    finally:
        tracemalloc.stop()
    assert content[::size][:300] == bytes(number % 256 for number in range(total // size))[:300]
    assert len(content) == total // size * size


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_and_nothing_is_kept(monkeypatch):
    monkeypatch.setattr(spool, "_SHARE", 4)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda: FileIO("/dev/full", "w"))
    upload = SpooledUpload()
    upload.write(b"abc")
    with pytest.raises(InsufficientStorage) as caught:
        upload.write(b"def")
    assert "No space left" in str(caught.value.__cause__)
    assert upload.closed
