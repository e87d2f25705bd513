"""Serves the document of an application, and the page to read and try it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import escape

from ...app.current import url_for
from ...context.contexts import current_request_context
from ...http.exceptions import NotFound
from .document import document_of

if TYPE_CHECKING:
    from ...app.application import Erlen
    from ...http.response import Response

_NAME = "erlen.openapi"
_ENDPOINTS = ("openapi", "openapi_page", "openapi_file")
_FILES = {"page.js": "text/javascript", "page.css": "text/css"}

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{token}<title>{title}</title>
<link rel="stylesheet" href="{css}">
<script src="{js}" defer></script>
</head>
<body data-document="{document}">
<main id="api"><h1>{title}</h1><noscript>This page needs JavaScript; the document itself is at
<a href="{document}">{document}</a>.</noscript></main>
</body>
</html>
"""


class OpenAPI:
    """The OpenAPI document of an application at ``/openapi.json``, and a page at ``/docs``.

    >>> OpenAPI(app, title="Shop", version="1.0")

    :param app: the application; without one, call :meth:`init_app`
    :param title: what the API is called, by default the application's name
    :param version: that of the API
    :param description: what it is for, as text or CommonMark
    :param url: where the document is; ``None`` serves none, and no page
    :param page: where the page is; ``None`` serves none
    """

    def __init__(
        self,
        app: Erlen | None = None,
        *,
        title: str | None = None,
        version: str = "1.0",
        description: str | None = None,
        url: str | None = "/openapi.json",
        page: str | None = "/docs",
    ) -> None:
        self.title = title
        self.version = version
        self.description = description
        self.url = url
        self.page = page
        # The state of the application, the prefix, and the document of both.
        self._last: tuple[Any, str, bytes] | None = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Erlen) -> None:
        """Serve the document of an application.

        :raises RuntimeError: if it is served already
        """
        if _NAME in app.extensions:
            raise RuntimeError("This application has its OpenAPI already: make it once.")
        app.extensions[_NAME] = self
        if self.url is None:
            return
        app.add_url_rule(self.url, "openapi", self._answer_document)
        if self.page is not None:
            app.add_url_rule(self.page, "openapi_page", self._answer_page)
            files = f"{self.page.rstrip('/')}/<any('page.js', 'page.css'):name>"
            app.add_url_rule(files, "openapi_file", _answer_file)

    def document(self, app: Any) -> dict[str, Any]:
        """The document of an application."""
        hidden = _ENDPOINTS if self.url is not None else ()
        title = app.name if self.title is None else self.title
        found = document_of(app, title, self.version, self.description, hidden)
        # Defaults and examples may be of any type.
        plain: dict[str, Any] = msgspec.to_builtins(found, str_keys=True)
        return plain

    def _answer_document(self) -> Response:
        ctx = current_request_context()
        app, request = ctx.app, ctx.request
        root = request.root_path
        # Proxies tell the prefix with each request, so that no more than one is kept.
        rules = sum(1 for _ in app.url_map.iter_rules())
        state = rules, tuple(map(id, app.view_functions.values()))
        last = self._last
        if last is None or last[0] != state or last[1] != root:
            document = self.document(app)
            if root:
                document["servers"] = [{"url": root}]
            last = self._last = state, root, msgspec.json.encode(document)
        response: Response = app.response_class(last[2], 200, None, "application/json")
        response.add_etag()
        response.cache_control.no_cache = True
        return response.make_conditional(request)

    def _answer_page(self) -> Response:
        app = current_request_context().app
        token = ""
        # Where the application is protected against forged requests, the page may send them.
        csrf_token = app.jinja_env.globals.get("csrf_token") if app.secret_key else None
        if csrf_token is not None:
            token = f'<meta name="csrf-token" content="{escape(csrf_token())}">\n'
        page = _PAGE.format(
            token=token,
            title=escape(app.name if self.title is None else self.title),
            document=escape(url_for("openapi")),
            css=escape(url_for("openapi_file", name="page.css")),
            js=escape(url_for("openapi_file", name="page.js")),
        )
        response: Response = app.response_class(page)
        return response


def openapi_of(app: Any) -> OpenAPI:
    """What an application has set up, or what says the defaults."""
    found: OpenAPI | None = app.extensions.get(_NAME)
    return OpenAPI(url=None) if found is None else found


def _answer_file(name: str) -> Response:
    ctx = current_request_context()
    if name not in _FILES:
        raise NotFound()
    response: Response = ctx.app.response_class(_read(name), 200, None, _FILES[name])
    response.add_etag()
    response.cache_control.no_cache = True
    return response.make_conditional(ctx.request)


# Two of them.
@lru_cache(maxsize=2)
def _read(name: str) -> bytes:
    return (Path(__file__).parent / "page" / name).read_bytes()
