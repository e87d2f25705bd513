"""Case 96: a full disk is 507, and nothing is left behind."""

from __future__ import annotations

import errno
import gc
import os
import tempfile
from io import BufferedWriter, BytesIO, FileIO

import pytest

from erlen import Erlen, request, stream_request_body
from erlen.http import spool

SIZE = 200_000


@pytest.fixture(params=["unbuffered", "buffered"])
def full(request, monkeypatch):
    """Temporary files on a disk without room; those that were opened."""
    monkeypatch.setattr(spool, "BUDGET", spool._Budget(0))
    opened = []

    def open_full():
        file = FileIO("/dev/full", "w")
        if request.param == "buffered":
            # The disk is written to when the file is sought.
            file = BufferedWriter(file, 1 << 20)
        opened.append(file)
        return file

    monkeypatch.setattr(tempfile, "TemporaryFile", open_full)
    return opened


@pytest.fixture(params=["sync", "async"])
def app(request, interface):
    app = Erlen("x")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.colour = request.param
    return app


def serve(app, view, mark=lambda view: view):
    async def async_view():
        return view()

    app.add_url_rule("/", "x", mark(view if app.colour == "sync" else async_view), methods=["POST"])
    return app.test_client()


@pytest.mark.parametrize(
    "length", [pytest.param(SIZE, id="case-96-small"), pytest.param(700_000, id="case-96-large")]
)
def test_an_upload(app, full, length):
    files = []

    def view():
        files.append(request.files["f"].read())
        return "stored"

    body = {"f": (BytesIO(b"x" * length), "f.bin")}
    response = serve(app, view).post("/", data=body)
    if response.status_code == 200:
        # It fitted into memory.
        assert (length, len(files[0])) == (SIZE, SIZE)
    else:
        assert response.status_code == 507
        assert not files
    gc.collect()
    assert all(file.closed for file in full)


def test_an_error_handler_answers(app, full):
    app.register_error_handler(507, lambda error: ("no room", 507))
    client = serve(app, lambda: str(len(request.files)))
    response = client.post("/", data={"f": (BytesIO(b"x" * 700_000), "f.bin")})
    assert response.text == "no room"


def test_saving_leaves_no_part_behind(app, tmp_path, monkeypatch):
    target = tmp_path / "f.bin"

    def view():
        request.files["f"].save(target)
        return "stored"

    import shutil

    def copy(source, out, size):
        out.write(source.read(1000))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", copy)
    response = serve(app, view).post("/", data={"f": (BytesIO(b"x" * SIZE), "f.bin")})
    assert response.status_code == 507
    assert not target.exists()


def test_other_errors_of_the_disk_are_no_507(app, tmp_path):
    def view():
        request.files["f"].save(tmp_path / "missing" / "f.bin")
        return "stored"

    response = serve(app, view).post("/", data={"f": (BytesIO(b"x"), "f.bin")})
    assert response.status_code == 500


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is full")
def test_a_streamed_upload_goes_past_the_disk(app, full):
    client = serve(app, lambda: str(len(request.stream.read()))) if app.colour == "sync" else None
    if client is None:

        @app.post("/")
        @stream_request_body
        async def view():
            return str(sum([len(piece) async for piece in request.stream]))

        client = app.test_client()
    assert client.post("/", data=b"x" * 700_000).text == "700000"
