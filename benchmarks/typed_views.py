"""What typed views cost: ``python benchmarks/typed_views.py``.

Ratios of rounds that alternate: a typed JSON POST to the same view by hand, on both interfaces in
process; a list of 1,000 items to what msgspec's encoder takes for it alone. Then the times for
1,000 typed routes and their document.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from collections.abc import Callable
from io import BytesIO
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct

from erlen import Erlen, request
from erlen.api import Body, OpenAPI, Query

ROUNDS = 15


class Address(Struct):
    street: str
    city: str
    code: str


class Order(Struct):
    number: int
    count: int
    name: str
    mail: str
    price: float
    paid: bool
    parts: list[int]
    note: str
    colour: str
    size: int
    address: Address
    code: str


class Receipt(Struct):
    number: int
    name: str


class Holder(Struct):
    receipt: Receipt
    count: int


app = Erlen(__name__)
RECEIPTS = [Holder(Receipt(n, f"name {n}"), n) for n in range(1000)]


@app.post("/hand")
def hand() -> dict[str, Any]:
    found = request.get_json()
    return {"number": found["number"], "name": found["name"]}


@app.post("/typed")
def typed(order: Body[Order]) -> Receipt:
    return Receipt(order.number, order.name)


@app.post("/async-hand")
async def async_hand() -> dict[str, Any]:
    found = request.get_json()
    return {"number": found["number"], "name": found["name"]}


@app.post("/async-typed")
async def async_typed(order: Body[Order]) -> Receipt:
    return Receipt(order.number, order.name)


@app.get("/list")
def many() -> list[Holder]:
    return RECEIPTS


BODY = json.dumps(
    {
        "number": 1, "count": 2, "name": "Chair", "mail": "a@example.org", "price": 9.5,
        "paid": True, "parts": [1, 2, 3], "note": "none", "colour": "red", "size": 3, "code": "x",
        "address": {"street": "Main Street", "city": "Town", "code": "12345"},
    }
).encode()  # fmt: skip


def on_wsgi(path: str, method: str = "POST", count: int = 2000) -> float:
    began = perf_counter()
    for _ in range(count):
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(BODY)), "wsgi.input": BytesIO(BODY),
            "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
        }  # fmt: skip
        b"".join(app.wsgi_app(environ, lambda *_: None))
    return (perf_counter() - began) / count


def on_asgi(path: str, count: int = 2000) -> float:
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "asgi": {"version": "3.0"}, "server": ("localhost", 80), "client": ("127.0.0.1", 5000),
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(BODY)).encode()),
        ],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Any) -> None: ...

    async def run() -> float:
        began = perf_counter()
        for _ in range(count):
            await app.asgi_app(dict(scope), receive, send)
        return (perf_counter() - began) / count

    return asyncio.run(run())


def encoded(count: int = 100) -> float:
    encode = msgspec.json.Encoder().encode
    began = perf_counter()
    for _ in range(count):
        encode(RECEIPTS)
    return (perf_counter() - began) / count


def ratio(name: str, of: Callable[[], float], to: Callable[[], float]) -> None:
    of(), to()
    found = [of() / to() for _ in range(ROUNDS)]
    low, middle, high = statistics.quantiles(found, n=4)
    print(f"{name:50} {middle:6.2f}   {low:.2f} to {high:.2f}")


def routes(is_typed: bool) -> tuple[Erlen, float]:
    made = Erlen("routes")
    views: list[Any] = []
    for number in range(1000):
        space: dict[str, Any] = {"Body": Body, "Query": Query, "Order": Order, "Receipt": Receipt}
        takes = "(order: Body[Order], page: Query[int] = 1) -> Receipt" if is_typed else "()"
        exec(f"def view{number}{takes}: ...", space)
        views.append(space[f"view{number}"])
    began = perf_counter()
    for number, view in enumerate(views):
        made.add_url_rule(f"/{number}", view_func=view, methods=["POST"])
    return made, perf_counter() - began


def main() -> None:
    ratio("typed POST to one by hand, WSGI", lambda: on_wsgi("/typed"), lambda: on_wsgi("/hand"))
    ratio(
        "typed POST to one by hand, ASGI",
        lambda: on_asgi("/async-typed"),
        lambda: on_asgi("/async-hand"),
    )
    ratio("1,000 items to the encoder alone", lambda: on_wsgi("/list", "GET", 100), encoded)
    plain = min(routes(False)[1] for _ in range(3))
    made, best = min((routes(True) for _ in range(3)), key=lambda one: one[1])
    print(f"{'1,000 typed routes, beyond untyped ones':50} {1000 * (best - plain):6.0f} ms")
    began = perf_counter()
    OpenAPI(url=None).document(made)
    print(f"{'their document':50} {1000 * (perf_counter() - began):6.0f} ms")


if __name__ == "__main__":
    main()
