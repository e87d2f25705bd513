"""A decorated function stays what it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, TypedDict, assert_type

import click

from erlen import (
    Blueprint,
    Erlen,
    Response,
    after_this_request,
    copy_current_request_context,
    redirect,
    url_for,
)
from erlen.cli import AppGroup, with_appcontext
from erlen.http import HTTPException, NotFound
from erlen.typing import ResponseReturnValue
from erlen.views import MethodView, View

app = Erlen(__name__)
part = Blueprint("part", __name__)


class Row(TypedDict):
    number: int


@app.route("/rows/<int:number>", methods=["GET", "POST"])
@app.get("/<int:number>")
@part.patch("/<int:number>")
def row(number: int, *, word: str = "") -> Row:
    return {"number": number}


@app.post("/rows")
async def made() -> tuple[Row, int, dict[str, str]]:
    return assert_type(row(1, word="a"), Row), 201, {"X-Made": "yes"}


@app.delete("/rows")
async def gone() -> Response | tuple[str, int]:
    assert_type(await made(), tuple[Row, int, dict[str, str]])
    return "", 204


@app.put("/rows")
def moved() -> ResponseReturnValue:
    return redirect(url_for("row", number=1))


@app.get("/lines")
async def lines() -> AsyncIterator[str]:
    yield "line"


@app.get("/sync-lines")
def sync_lines() -> Iterator[bytes]:
    yield b"line"


assert_type(lines(), AsyncIterator[str])


@app.before_request
@part.before_app_request
def before() -> None: ...


@app.before_request
async def before_async() -> ResponseReturnValue | None:
    return before()


@app.after_request
def after(response: Response) -> Response:
    @after_this_request
    def late(response: Response) -> Response:
        return response

    return assert_type(late(response), Response)


@app.teardown_request
@app.teardown_appcontext
async def teardown(error: BaseException | None) -> None: ...


@app.errorhandler(404)
@part.app_errorhandler(NotFound)
def not_found(error: NotFound) -> tuple[dict[str, str | None], int]:
    return {"error": error.description}, 404


@app.errorhandler(HTTPException)
async def any_error(error: HTTPException) -> tuple[Row, int | None]:
    assert_type(not_found(NotFound()), tuple[dict[str, str | None], int])
    return {"number": 0}, error.code


assert_type(after(Response()), Response)


@app.websocket("/numbers/<int:number>")
@part.websocket("/numbers/<int:number>")
async def numbers(number: int) -> AsyncIterator[str]:
    yield str(number)


assert_type(numbers(1), AsyncIterator[str])


@app.context_processor
def context() -> dict[str, int]:
    return {"a": 1}


@app.template_filter()
@app.template_filter("named")
def shout(text: str) -> str:
    return text.upper()


assert_type(context(), dict[str, int])
assert_type(shout("a"), str)


@app.cli.command("hello")
@click.argument("name")
def hello(name: str) -> None: ...


@app.cli.command
def bare() -> None: ...


@app.cli.group()
def people() -> None: ...


@people.command(with_appcontext=False)
def show() -> None: ...


group = AppGroup("group")


@group.command("one")
def one() -> None: ...


@click.command()
@with_appcontext
def alone() -> None: ...


for command in (hello, bare, show, one, alone):
    assert_type(command, click.Command)
assert_type(people, click.Group)


@copy_current_request_context
def job(number: int) -> str:
    return str(number)


assert_type(job(1), str)


class Page(View):
    """A method may name its variables, and may be asynchronous."""

    async def dispatch_request(self, name: str) -> str:
        return name


class Rows(MethodView):
    def get(self, number: int) -> Row:
        return {"number": number}


app.add_url_rule("/pages/<name>", view_func=Page.as_view("page"))
app.add_url_rule("/api/<int:number>", view_func=Rows.as_view("api"))


class Shop(Erlen):
    def make_response(self, rv: Any) -> Response:
        return super().make_response(rv)
