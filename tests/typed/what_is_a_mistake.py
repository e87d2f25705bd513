"""What a checker must refuse: each comment is of no use, and so an error, where it does not."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from erlen import Blueprint, Erlen, Response, current_app, request, session, websocket
from erlen.http import Heders  # type: ignore[attr-defined]
from erlen.typing import ResponseReturnValue

app = Erlen(__name__)
part = Blueprint("part", __name__)

# Misspelled names, read and written.
app.secret_kay = "secret"  # type: ignore[attr-defined]
print(app.confg)  # type: ignore[attr-defined]
del app.extension  # type: ignore[attr-defined]
Erlen.sesion_interface = None  # type: ignore[attr-defined]
print(current_app.loger)  # type: ignore[attr-defined]
print(part.url_prefx)  # type: ignore[attr-defined]
print(request.agrs)  # type: ignore[attr-defined]
print(session.permanant)  # type: ignore[attr-defined]
session.permanant = True  # type: ignore[attr-defined]
print(websocket.recieve)  # type: ignore[attr-defined]
app.config.from_pyfil("settings.py")  # type: ignore[attr-defined]
Response().cache_control.max_agee = 1  # type: ignore[attr-defined]
print(Heders)  # pyright: ignore

# Values that may be missing, or are of another type.
number: int = request.args.get("number", type=int)  # type: ignore[assignment]
text: str = request.headers.get("X-Name")  # type: ignore[assignment]
numbers: list[int] = request.args.getlist("number")  # type: ignore[assignment]
request.is_multithread = True  # type: ignore[assignment]
Response().data = 1  # type: ignore[assignment]


# Functions that cannot be what they are made.
@app.get("/number")  # type: ignore[type-var]
def view() -> int:
    return 1


@app.while_serving  # type: ignore[type-var]
async def no_generator() -> None: ...


@app.websocket("/echo")  # type: ignore[type-var]
def no_coroutine() -> None: ...


@app.after_request  # type: ignore[type-var]
def returns_nothing(response: Response) -> None: ...


@app.route  # type: ignore[arg-type]
def without_parentheses() -> ResponseReturnValue:
    return ""
