"""A WebSocket client (RFC 6455) that costs little next to the server that it measures."""

from __future__ import annotations

import os
import selectors
import socket
import struct
import sys
from base64 import b64encode
from itertools import cycle
from time import perf_counter

TEXT = b"A message of some thirty letters"
_MASK = os.urandom(4)
# FIN and the opcode for text; a client masks what it sends, a server does not.
SENT = struct.pack("!BB", 0x81, 0x80 | len(TEXT)) + _MASK
SENT += bytes(a ^ b for a, b in zip(TEXT, cycle(_MASK), strict=False))
ECHO = struct.pack("!BB", 0x81, len(TEXT)) + TEXT


def connect(port: int) -> socket.socket:
    """An open connection to ``/ws``, which has echoed one message."""
    connection = socket.create_connection(("127.0.0.1", port), 30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(4096)
        if not data:
            break
        head += data
    if not head.startswith(b"HTTP/1.1 101 "):
        sys.exit(f"no WebSocket at {port}: {head!r}")
    connection.sendall(SENT)
    got = head.partition(b"\r\n\r\n")[2]
    while len(got) < len(ECHO):
        got += connection.recv(4096) or sys.exit(f"the WebSocket at {port} was closed")
    if got != ECHO:
        sys.exit(f"the WebSocket at {port} sends {got!r}")
    return connection


def rate(port: int, connections: int, seconds: float) -> float:
    """Echoed messages per second; every connection has one on its way at any time."""
    ready = selectors.DefaultSelector()
    opened = [connect(port) for _ in range(connections)]
    parts: dict[socket.socket, bytes] = {}
    for connection in opened:
        ready.register(connection, selectors.EVENT_READ)
    count = 0
    start = perf_counter()
    end = start + seconds
    for connection in opened:
        connection.send(SENT)
    while (now := perf_counter()) < end:
        for key, _ in ready.select(1):
            connection = key.fileobj  # type: ignore[assignment]
            got = connection.recv(4096)
            if got != ECHO:
                got = parts.pop(connection, b"") + got
                if len(got) < len(ECHO) and got:
                    parts[connection] = got
                    continue
                if got != ECHO:
                    sys.exit(f"the WebSocket at {port} sends {got!r}")
            count += 1
            connection.send(SENT)
    for connection in opened:
        connection.close()
    ready.close()
    return count / (now - start)
