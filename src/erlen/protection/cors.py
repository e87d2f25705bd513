"""CORS: which pages of other origins may read the answers (Fetch, section 3.2).

Who may is said of views, blueprints and endpoints, never of paths: what the router takes for a
view, in whatever spelling, is what the policy of that view is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..app.view_marks import ViewMarks
from ..context.contexts import RequestContext, current_request_context
from ..http.exceptions import HTTPException, MethodNotAllowed
from ..workers.light_hooks import LightHook
from .origins import Origin, OriginList
from .settings import Derived, register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..app.application import Erlen
    from ..app.view_marks import Markable
    from ..context.messages import Response

    Marked = TypeVar("Marked", bound=Markable)

_ALLOW_ORIGIN = "Access-Control-Allow-Origin"
_G_KEY = "_erlen_cors_done"

DEFAULTS: dict[str, Any] = {
    # "*", or origins: ["https://example.org", "https://*.example.org"]; () is none.
    "CORS_ORIGINS": (),
    # None is those that the route has.
    "CORS_METHODS": None,
    # Request headers beside those that pages may always send; "*" is any.
    "CORS_ALLOW_HEADERS": ("Authorization", "Content-Type", "X-CSRF-Token"),
    "CORS_EXPOSE_HEADERS": (),
    # Whether cookies may be sent along.
    "CORS_CREDENTIALS": False,
    # Seconds that a browser keeps the answer to its question.
    "CORS_MAX_AGE": 600,
}
_OPTIONS = {key.removeprefix("CORS_").lower() for key in DEFAULTS}


@dataclass(frozen=True, slots=True)
class Policy:
    """What pages of other origins may do; the fields are the settings."""

    # None is all.
    origins: OriginList | None
    methods: frozenset[str] | None
    # Lower-case names and as written; None is all.
    allow_headers: dict[str, str] | None
    expose_headers: str
    credentials: bool
    max_age: int | None

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Policy:
        """A policy from values under the names of the settings.

        :raises ValueError: for cookies with ``"*"``, and for what is no origin
        """
        origins, methods = settings["CORS_ORIGINS"], settings["CORS_METHODS"]
        is_open = origins == "*" or (not isinstance(origins, str) and "*" in origins)
        if is_open and settings["CORS_CREDENTIALS"]:
            raise ValueError(
                "CORS_CREDENTIALS with CORS_ORIGINS '*' would let every site act as the user and"
                " read the answers. Name the origins, or leave cookies out."
            )
        headers = settings["CORS_ALLOW_HEADERS"]
        return cls(
            None if is_open else OriginList(origins, "CORS_ORIGINS"),
            None if methods is None else frozenset(name.upper() for name in methods),
            None if headers == "*" else {name.lower(): name for name in headers},
            ", ".join(settings["CORS_EXPOSE_HEADERS"]),
            bool(settings["CORS_CREDENTIALS"]),
            settings["CORS_MAX_AGE"],
        )


class CORS:
    """Lets pages of other origins read what the application answers.

    >>> cors = CORS(app)
    >>> app.config["CORS_ORIGINS"] = ["https://example.org"]     # for all views
    >>> cors.allow(api, origins="*")                             # for a blueprint

    The policy goes with errors and redirects too. It does not stop a page from sending: see
    :mod:`erlen.protection.csrf`.

    :param app: the application; without one, call :meth:`init_app`
    """

    def __init__(self, app: Erlen | None = None) -> None:
        self._own: ViewMarks[dict[str, Any]] = ViewMarks("_erlen_cors")
        # The policies of settings seen so far: one for each different set.
        self._policies: dict[tuple[Any, ...], Policy] = {}
        self._default = Derived(DEFAULTS, Policy.from_settings)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Erlen) -> None:
        """Add it to an application; settings that begin with ``CORS_`` may be set later."""
        register(app, "erlen.cors", self, DEFAULTS)
        app.before_request(LightHook(self._answer_preflight))
        app.after_request(LightHook(self._add_headers))

    @overload
    def allow(self, target: Marked, /, **options: Any) -> Marked: ...

    @overload
    def allow(self, target: None = None, /, **options: Any) -> Callable[[Marked], Marked]: ...

    def allow(self, target: Any = None, /, **options: Any) -> Any:
        """Give a view, a view class, a blueprint or an endpoint a policy of its own.

        >>> @app.get("/feed")
        ... @cors.allow(origins="*")
        ... def feed(): ...

        :param options: ``origins``, ``methods``, ``allow_headers``, ``expose_headers``,
            ``credentials``, ``max_age``; what is left out is as configured
        """
        unknown = options.keys() - _OPTIONS
        if unknown:
            raise TypeError(
                f"allow() has no option {', '.join(sorted(unknown))}: there are"
                f" {', '.join(sorted(_OPTIONS))}."
            )
        own = {f"CORS_{name.upper()}": value for name, value in options.items()}
        # What is wrong is told where it is written.
        Policy.from_settings({**DEFAULTS, **own})
        if target is not None:
            self._own.mark(target, own)
            return target

        def decorate(view: Marked) -> Marked:
            self._own.mark(view, own)
            return view

        return decorate

    def _policy_of(self, app: Erlen, endpoint: str | None) -> Policy:
        own = self._own.find(app, endpoint)
        if own is None:
            return self._default.of(app.config)
        settings = {name: app.config[name] for name in DEFAULTS} | own[1]
        key = tuple(
            tuple(value) if isinstance(value, (list, set, frozenset)) else value
            for value in settings.values()
        )
        found = self._policies.get(key)
        if found is None:
            found = self._policies[key] = Policy.from_settings(settings)
        return found

    def _answer_preflight(self) -> Response | None:
        """The answer to a browser that asks whether it may send a request."""
        ctx = current_request_context()
        request = ctx.request
        if request.method != "OPTIONS":
            return None
        environ = request.environ
        wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
        sent = environ.get("HTTP_ORIGIN")
        if not wanted or not sent:
            return None
        endpoint = _endpoint_for(ctx, wanted)
        if endpoint is None:
            # The router's own answer, which allows nothing.
            return None
        policy = self._policy_of(ctx.app, endpoint)
        setattr(ctx.g, _G_KEY, True)
        response: Response = ctx.app.response_class(status=204)
        del response.headers["Content-Type"]
        response.vary.update(
            ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
        )
        allowed = _allowed_origin(policy, sent)
        if allowed is None or (policy.methods is not None and wanted not in policy.methods):
            return response
        headers = response.headers
        headers[_ALLOW_ORIGIN] = allowed
        headers["Access-Control-Allow-Methods"] = wanted
        names = _allowed_headers(policy, environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""))
        if names:
            headers["Access-Control-Allow-Headers"] = ", ".join(names)
        if policy.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        if policy.max_age is not None:
            headers["Access-Control-Max-Age"] = str(policy.max_age)
        return response

    def _add_headers(self, response: Response) -> Response:
        ctx = current_request_context()
        headers = response.headers
        if (ctx.made_g is not None and _G_KEY in ctx.made_g) or _ALLOW_ORIGIN in headers:
            return response
        request = ctx.request
        endpoint = request.endpoint
        error = request.routing_exception
        if endpoint is None and isinstance(error, MethodNotAllowed):
            # The path is that of a view, whose policy goes with the error.
            methods = error.valid_methods or ()
            found = (_endpoint_for(ctx, method) for method in methods)
            endpoint = next(filter(None, found), None)
        policy = self._policy_of(ctx.app, endpoint)
        if policy.origins is not None:
            if not policy.origins:
                return response
            # Also without Origin: a cache must not give this answer to a page.
            response.add_vary("Origin")
        sent = ctx.environ.get("HTTP_ORIGIN")
        allowed = "*" if policy.origins is None else _allowed_origin(policy, sent)
        if allowed is None:
            return response
        headers[_ALLOW_ORIGIN] = allowed
        if policy.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        if policy.expose_headers:
            headers["Access-Control-Expose-Headers"] = policy.expose_headers
        return response


def _allowed_origin(policy: Policy, sent: str | None) -> str | None:
    """The value of ``Access-Control-Allow-Origin``, if there is to be one."""
    if policy.origins is None:
        return "*"
    origin = Origin.from_header(sent or "")
    return origin.to_header() if origin is not None and origin in policy.origins else None


def _allowed_headers(policy: Policy, asked: str) -> Iterable[str]:
    """Those of the headers asked for that may be sent."""
    names = [name.strip() for name in asked.split(",")]
    if policy.allow_headers is not None:
        return [name for name in names if name.lower() in policy.allow_headers]
    # RFC 9110, section 5.6.2, as far as names of headers use it.
    return [
        name
        for name in names
        if name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    ]


def _endpoint_for(ctx: RequestContext, method: str) -> str | None:
    """The endpoint that the path of the request has for a method."""
    adapter = ctx.url_adapter
    if adapter is None or not method.isupper():
        return None
    try:
        rule, _ = adapter.match(method=method, return_rule=True)
    except HTTPException:
        return None
    return None if rule.websocket else rule.endpoint


__all__ = ["CORS"]
