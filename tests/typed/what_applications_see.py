"""What an application sees in an editor: ``make types`` checks it, nobody runs it."""

from __future__ import annotations

from logging import Logger
from typing import Any, assert_type

from erlen import (
    Blueprint,
    Erlen,
    Request,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    session,
    url_for,
    websocket,
)
from erlen.app.config import Config
from erlen.context.contexts import AppContext, RequestContext
from erlen.context.proxies import app_ctx, request_ctx
from erlen.context.websocket import Websocket
from erlen.json.provider import DefaultJSONProvider, JSONProvider
from erlen.sessions import SessionInterface, SessionMixin
from erlen.typing import ResponseReturnValue

app = Erlen(__name__)
part = Blueprint("part", __name__)


class Shop(Erlen):
    stock: int = 1


class OfFlask31(Erlen):
    def dispatch_request(self) -> ResponseReturnValue:
        return super().dispatch_request()

    def process_response(self, response: Response) -> Response:
        return assert_type(super().process_response(response), Response)

    def redirect(self, location: str, code: int = 302) -> Response:
        return super().redirect(location, code)


class OfFlask32(Erlen):
    def dispatch_request(self, ctx: AppContext) -> ResponseReturnValue:
        return super().dispatch_request(ctx)

    def process_response(self, ctx: AppContext, response: Response) -> Response:
        assert_type(ctx.request, Request)
        return assert_type(super().process_response(ctx, response), Response)


@app.route("/<int:number>")
def view(number: int) -> str:
    assert_type(current_app, Erlen)
    assert_type(current_app.config, Config)
    assert_type(current_app.logger, Logger)
    assert_type(request, Request)
    assert_type(session, SessionMixin)
    assert_type(session.permanent, bool)
    assert_type(app_ctx, AppContext)
    assert_type(request_ctx, RequestContext)
    assert_type(request_ctx.request, Request)
    assert_type(request_ctx.session, SessionMixin)
    assert_type(g.get("user"), Any)
    assert_type(url_for("view", number=number), str)
    assert_type(jsonify(number=number), Response)
    assert_type(make_response("text"), Response)
    return assert_type(render_template("page.html"), str)


@app.websocket("/echo")
async def echo() -> None:
    assert_type(websocket, Websocket)
    assert_type(await websocket.receive(), str | bytes)


class ShopSessions(SessionInterface):
    """An override may name the application's own class."""

    def get_cookie_name(self, app: Erlen) -> str:
        return app.name

    def open_session(self, app: Shop, request: Request) -> SessionMixin | None:
        return None if app.stock else super().open_session(app, request)

    def save_session(self, app: Shop, session: SessionMixin, response: Response) -> None:
        response.headers["X-Stock"] = str(app.stock)


class ShopJSON(DefaultJSONProvider):
    def __init__(self, app: Shop) -> None:
        super().__init__(app)
        self.stock = app.stock


app.session_interface = ShopSessions()
app.json_provider_class = ShopJSON
assert_type(app.json, JSONProvider)
assert_type(app.app_context(), AppContext)
with app.test_request_context() as context:
    assert_type(context, RequestContext)
