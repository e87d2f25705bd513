"""Fault 12: clients that go away in the middle of an upload."""

from __future__ import annotations

import os
import socket

import pytest
from exchange import Connection, exchange, request
from processes import descriptors, eventually, unread

MULTIPART = {"Content-Type": "multipart/form-data; boundary=XX"}
HEAD = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
SIZE = 2 << 20
PATHS = [
    "/store",
    "/store/pieces",
    "/store/file",
    "/async/store",
    "/async/store/pieces",
    "/async/store/file",
]
# These are not called before their body was received.
RECEIVE_FIRST = {"/async/store", "/async/store/file"}


@pytest.mark.parametrize("how", ["reset", "closed", "half closed"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("path", PATHS)
def test_fault_12_nothing_is_stored(server, interface, path, framing, how, record_property):
    content = b"x" * SIZE
    if path.endswith("file"):
        content = HEAD + content + b"\r\n--XX--\r\n"
    whole = request(path, "POST", MULTIPART, content if framing == "length" else [content])
    exchange(server.port, whole)
    before = server.settled_counts()
    expected = 0 if interface == "asgi" and path in RECEIVE_FIRST else 1
    with Connection(server.port) as connection:
        # The last byte that is sent is one of the content.
        connection.send(whole[: len(whole) // 2])
        if expected:
            server.counts_since(before, storing=1)
        else:
            # A reset takes along what the server has not read yet, even the request itself.
            assert eventually(lambda: unread(connection.socket), lambda left: left == 0) == 0
        if how == "reset":
            connection.reset()
        elif how == "half closed":
            connection.socket.shutdown(socket.SHUT_WR)
            connection.some()
    counts = server.counts_since(before, teardowns=1)
    record_property("outcome", "stored" if counts["stored"] else "an error, nothing is stored")
    assert counts["teardowns"] == 1
    if interface == "wsgi" and framing == "chunked" and not path.endswith("file"):
        # Granian tells a WSGI application that the body has ended.
        record_property("remark", "On WSGI a chunked body that was cut off looks complete.")
        assert counts["stored"] == 1
    else:
        assert counts["stored"] == 0
    assert counts["storing"] == expected


def test_fault_12_temporary_files_are_removed(interface, start, tmp_path):
    """More than stays in memory."""
    with start(interface, environ={"TMPDIR": str(tmp_path)}) as server:
        # An async view on WSGI starts an event loop, which stays.
        for path in ("/", "/async"):
            exchange(server.port, request(path))
        files = descriptors(server.worker)
        for path in PATHS * 2:
            before = server.settled_counts()
            with Connection(server.port) as connection:
                length = {"Content-Length": str(60 << 20), **MULTIPART}
                connection.send(request(path, "POST", length) + HEAD)
                for _ in range(40):
                    connection.send(b"x" * (1 << 20))
                connection.reset()
            server.counts_since(before, teardowns=1)
        left = eventually(lambda: descriptors(server.worker), lambda now: now <= files)
        assert left <= files
        assert os.listdir(tmp_path) == []
