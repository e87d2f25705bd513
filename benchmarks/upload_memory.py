"""How much memory an upload takes."""

from __future__ import annotations

from typing import Any

from memory import peak
from scenarios import BOUNDARY, MULTIPART, environ

HEAD = (
    b"--" + BOUNDARY.encode() + b"\r\n"
    b'Content-Disposition: form-data; name="file"; filename="a.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
)
TAIL = b"\r\n--" + BOUNDARY.encode() + b"--\r\n"


class Body:
    """A multipart body of ``size`` bytes that is made while it is read."""

    def __init__(self, size: int) -> None:
        self.head = HEAD
        self.left = size
        self.tail = TAIL
        self.length = len(HEAD) + size + len(TAIL)

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes."""
        if self.head:
            data, self.head = self.head[:size], self.head[size:]
            return data
        if self.left:
            count = min(size, self.left)
            self.left -= count
            return b"x" * count
        data, self.tail = self.tail[:size], self.tail[size:]
        return data


def growth(size: int) -> float:
    """Megabytes by which the peak of this process grows."""
    import erlen

    app = erlen.Erlen("upload")

    @app.post("/")
    def upload() -> Any:
        file = erlen.request.files["file"]
        return str(file.seek(0, 2))

    def call(size: int) -> None:
        body = Body(size)
        request: dict[str, Any] = environ("/", "POST", content_type=MULTIPART)
        request["wsgi.input"] = body
        request["CONTENT_LENGTH"] = str(body.length)
        got = b"".join(app(request, lambda *args: None))  # type: ignore[arg-type]
        assert got == str(size).encode(), got

    call(4 << 20)
    before = peak()
    call(size)
    return peak() - before
