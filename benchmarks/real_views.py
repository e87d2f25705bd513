"""Applications whose views and hooks do what those of real applications do.

The source is the same for Flask and for Erlen, on WSGI and on ASGI: only the import differs, and
whether the views are ``async``.  Hooks and error handlers are synchronous on both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from application import application_of

# What make() has.
NAMES = (
    "hooks with g",
    "static, hooks",
    "url_for, queries",
    "page",
    "session, cookie",
    "headers, cookie",
    "JSON post",
    "JSON error",
)
JSON = "application/json"
PAGES = {
    "home": "Home",
    "offers": "Offers",
    "orders": "Your orders",
    "basket": "Basket",
    "search": "Search",
    "help": "Help",
    "terms": "Terms",
    "imprint": "Imprint",
    "press": "Press",
    "account": "Your account",
}

View = Callable[..., Any]
Decorator = Callable[[View], View]


@dataclass(frozen=True)
class Sent:
    """A request, for either interface.

    :param headers: beside those that every browser sends, by names in lower case
    :param status: what it is to be answered with
    """

    path: str
    method: str = "GET"
    query: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass
class Field:
    """A field of a form, as form libraries hand them to templates."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    required: bool = False


def make(f: Any, is_async: bool = False) -> dict[str, tuple[Any, Sent]]:
    """Application and request of each scenario.

    :param f: the module that has the names of ``flask``
    :param is_async: whether the views are ``async``
    """
    view = as_async if is_async else as_it_is
    return {
        **with_hooks(f, view),
        **with_links(f, view),
        **with_pages(f, view),
        **with_headers(f, view),
        **with_api(f, view),
    }


def as_it_is(view: View) -> View:
    """The view."""
    return view


def as_async(view: View) -> View:
    """The view as an async one that awaits what is there at once, as if it were in a cache."""

    @wraps(view)
    async def twin(**values: Any) -> Any:
        await found()
        return view(**values)

    return twin


async def found() -> None:
    """What a cache has."""


def with_hooks(f: Any, view: Decorator) -> dict[str, tuple[Any, Sent]]:
    """Hooks that know who asks and for what, around a blueprint's view and a static file."""
    app = application_of(f, "hooked")
    app.config["MEMBERS"] = frozenset({"orders.index"})
    orders = f.Blueprint("orders", __name__, url_prefix="/orders")

    @app.before_request
    def identify() -> None:
        if f.request.endpoint != "static":
            f.g.user = f.request.headers.get("X-User")
        f.g.request_id = f.request.headers.get("X-Request-Id", "none")

    @orders.before_request
    def admit() -> None:
        if f.request.endpoint in f.current_app.config["MEMBERS"] and f.g.user is None:
            f.abort(401)

    @app.after_request
    def mark(response: Any) -> Any:
        response.headers["X-Request-Id"] = f.g.request_id
        return response

    @app.teardown_request
    def close(error: BaseException | None) -> None:
        connection = f.g.pop("connection", None)
        if connection is not None:
            connection.close()

    @orders.get("/")
    @view
    def index() -> Any:
        return f"The orders of {f.g.user}"

    app.register_blueprint(orders)
    headers = {"x-user": "ada", "x-request-id": "7f3a9c52"}
    return {
        "hooks with g": (app, Sent("/orders/", headers=headers)),
        "static, hooks": (app, Sent("/static/style.css", headers={"cookie": "theme=dark"})),
    }


def with_links(f: Any, view: Decorator) -> dict[str, tuple[Any, Sent]]:
    """Ten URLs, with queries, anchors, and a host."""
    app = application_of(f, "linked")

    @app.get("/")
    @view
    def index() -> Any:
        build = f.url_for
        return "\n".join(
            [
                build("index", page=2),
                build("index", _anchor="top"),
                build("index", _external=True),
                build("user", name="ada"),
                build("user", name="Ada Lovelace", tab="posts", page=3),
                build("post", name="ada", id=17, _anchor="comments"),
                build("post", name="ada", id=17, _external=True, _anchor="comment-4"),
                build("search", q="analytical engine", page=2, _anchor="results"),
                build("search", q="notes", tag=["loom", "leaves"], _external=True),
                build("search", q="50% off & more", _external=True, _scheme="https"),
            ]
        )

    app.add_url_rule("/user/<name>", "user", lambda name: name)
    app.add_url_rule("/user/<name>/post/<int:id>", "post", lambda name, id: name)
    app.add_url_rule("/search", "search", lambda: "")
    return {"url_for, queries": (app, Sent("/"))}


def with_pages(f: Any, view: Decorator) -> dict[str, tuple[Any, Sent]]:
    """A page with ten links, a form and flashed messages; a view that reads and writes the session
    and a cookie."""
    app = application_of(f, "paged")
    app.config["SHOP"] = "Leaves & Looms"

    @app.get("/account")
    @view
    def account() -> Any:
        fields = [
            Field("name", "Your name", value="Ada Lovelace", required=True),
            Field("mail", "E-mail", "email", "ada@example.org", required=True),
            Field("city", "City", value='"Oak" & Ash'),
        ]
        return f.render_template("account.html", pages=PAGES, fields=fields)

    @app.get("/visit")
    @view
    def visit() -> Any:
        theme = f.request.cookies.get("theme", "light")
        f.session["visits"] = f.session.get("visits", 0) + 1
        response = f.make_response(f"{f.session['user']} {theme}")
        response.set_cookie(
            "theme", theme, max_age=31_536_000, secure=True, httponly=True, samesite="Lax"
        )
        return response

    @app.get("/login")
    def login() -> Any:
        f.session["user"] = "ada"
        return "welcome"

    @app.get("/save")
    def save() -> Any:
        f.session["user"] = "ada"
        f.flash("Your changes are saved.", "success")
        f.flash("Your address is <not> known to the post.", "warning")
        return "saved"

    for page in list(PAGES)[:-1]:
        app.add_url_rule(f"/{page}", page, lambda: "")

    def cookie_of(path: str) -> str:
        answer: str = app.test_client().get(path).headers["Set-Cookie"]
        return answer.partition(";")[0]

    both = {"cookie": f"theme=dark; {cookie_of('/login')}"}
    return {
        "page": (app, Sent("/account", headers={"cookie": cookie_of("/save")})),
        "session, cookie": (app, Sent("/visit", headers=both)),
    }


def with_headers(f: Any, view: Decorator) -> dict[str, tuple[Any, Sent]]:
    """A view that looks at headers and a cookie, and sets some."""
    app = application_of(f, "headed")

    @app.get("/")
    @view
    def index() -> Any:
        agent = f.request.headers.get("User-Agent", "")
        kind = "mobile" if "Mobile" in agent else "desktop"
        theme = f.request.cookies.get("theme", "light")
        response = f.make_response(f"{kind} {theme} {f.request.headers['Accept-Language']}")
        response.headers["Cache-Control"] = "private, max-age=60"
        response.set_cookie("seen", kind, max_age=3600, samesite="Lax")
        return response

    headers = {"cookie": "theme=dark; consent=all; seen=mobile"}
    return {"headers, cookie": (app, Sent("/", headers=headers))}


def with_api(f: Any, view: Decorator) -> dict[str, tuple[Any, Sent]]:
    """A JSON API that takes an item, or says what is wrong with it."""
    app = application_of(f, "served")
    api = f.Blueprint("api", __name__, url_prefix="/api")

    @api.post("/items")
    @view
    def add() -> Any:
        item = f.request.get_json()
        if not isinstance(item.get("name"), str):
            f.abort(422, description="name has to be a text")
        if not isinstance(item.get("price"), int | float) or item["price"] < 0:
            f.abort(422, description="price has to be a number")
        return {"id": 17, **item}, 201

    @api.errorhandler(422)
    def refuse(error: Any) -> Any:
        return {"error": error.name, "detail": error.description}, error.code

    app.register_blueprint(api)
    good = b'{"name": "Leaf", "price": 2.5, "tags": ["green", "woven"], "stock": {"oak": 4}}'
    bad = good.replace(b"2.5", b'"much"')
    headers = {"content-type": JSON}
    return {
        "JSON post": (app, Sent("/api/items", "POST", "", good, headers, 201)),
        "JSON error": (app, Sent("/api/items", "POST", "", bad, headers, 422)),
    }
