"""Rate limits: 429 for a client that asks too often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any, TypeVar

from ..app.view_marks import ViewMarks
from ..context.contexts import RequestContext, current_request_context
from ..http.exceptions import TooManyRequests
from ..sessions.server_side import namespace_of
from ..workers.light_hooks import LightHook
from .addresses import parse_address
from .counters import Counters, MemoryCounters, RedisCounters
from .rates import Rate, Verdict
from .settings import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..app.application import Erlen
    from ..app.view_marks import Markable
    from ..context.messages import Response

    Marked = TypeVar("Marked", bound=Markable)

_G_KEY = "_erlen_rate_limit"
# What is longer is worked out each time: a cache of texts must not keep what clients send.
_LONGEST_KEPT = 128
_PROXY_SEEN_TO = "werkzeug.proxy_fix.orig"

DEFAULTS: dict[str, Any] = {
    "RATE_LIMIT_ENABLED": True,
    # For all requests of a client together but those for static files: "600 per minute", or
    # "600 per minute; 10000 per day". None is no limit.
    "RATE_LIMIT_DEFAULT": None,
    # "redis://localhost:6379/0"; None counts in each process.
    "RATE_LIMIT_STORAGE": None,
    # Whether answers tell how much is left.
    "RATE_LIMIT_HEADERS": True,
}


class RateLimitExceeded(TooManyRequests):
    """429: the client asked more often than a rate allows.

    :param rate: the rate
    :param wait: in how many seconds it may ask again
    """

    def __init__(self, rate: Rate, wait: int) -> None:
        super().__init__(f"The limit is {rate}. Try again in {wait} seconds.", retry_after=wait)
        self.rate = rate


@dataclass(frozen=True, slots=True)
class _Limit:
    rates: tuple[Rate, ...]
    by: Callable[[], object] | None
    methods: frozenset[str] | None


def client_address() -> str:
    """Who sends the current request: the address of the peer, of IPv6 the network of 64 bits that
    one subscriber has."""
    return _subscriber(current_request_context().request.remote_addr or "")


def _subscriber(text: str) -> str:
    return _parsed(text) if len(text) <= _LONGEST_KEPT else text


# PERF: clients come back; parsing an address takes longer than counting.
@lru_cache(maxsize=4096)
def _parsed(text: str) -> str:
    address = parse_address(text)
    if address is None:
        return text
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)


def _key_of(who: object) -> str:
    """The text that somebody is counted under.  It has a bound, whatever the client sends, and
    ``1`` is another one than ``"1"``.

    :raises TypeError: for what is another one in each request
    """
    if isinstance(who, str):
        return _digest(who) if len(who) <= _LONGEST_KEPT else _digest.__wrapped__(who)
    if type(who).__repr__ is object.__repr__:
        raise TypeError(
            f"The function by= of a rate limit gave {who!r}, which is another one in each request:"
            " give what tells a client from others, such as the id of a user."
        )
    return _digest.__wrapped__(f"{who!r}", type(who).__qualname__)


@lru_cache(maxsize=4096)
def _digest(text: str, kind: str = "str") -> str:
    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, key=kind.encode()[:64]).hexdigest()


class RateLimits:
    """Counts requests, and answers 429 with ``Retry-After`` beyond a rate.

    >>> limits = RateLimits(app)
    >>> app.config["RATE_LIMIT_DEFAULT"] = "600 per minute"
    >>> @app.post("/login")
    ... @limits.limit("5 per minute")
    ... def login(): ...

    :param app: the application; without one, call :meth:`init_app`
    :param counters: where to count, in place of ``RATE_LIMIT_STORAGE``
    """

    def __init__(self, app: Erlen | None = None, counters: Counters | None = None) -> None:
        self._own: ViewMarks[tuple[_Limit, ...]] = ViewMarks("_erlen_rate_limits")
        self._exempt: ViewMarks[bool] = ViewMarks("_erlen_rate_exempt")
        self._given = counters
        self._counters: dict[str | None, Counters] = {}
        self._defaults: dict[str, _Limit] = {}
        self._has_warned = False
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Erlen) -> None:
        """Add them to an application; settings that begin with ``RATE_LIMIT_`` may be set later."""
        register(app, "erlen.rate_limits", self, DEFAULTS)
        check, add_headers = LightHook(self._check, self._needs_thread), LightHook(_add_headers)
        app.before_request(check)
        app.after_request(add_headers)
        app.before_websocket(check)
        app.after_websocket(add_headers)

    def limit(
        self,
        rates: str,
        *,
        by: Callable[[], object] | None = None,
        methods: Iterable[str] | None = None,
    ) -> Callable[[Marked], Marked]:
        """Limit a view, or the views of a blueprint together; in addition to the default.  Several
        limits on one view all hold.  Of a WebSocket the handshake is counted.

        :param rates: ``"5 per minute"``, or several: ``"5 per minute; 50 per day"``
        :param by: called in the request, says who is counted, by text, number or any other value;
            by default the client's address. ``None`` is not counted
        :param methods: count these alone; ``HEAD`` counts as ``GET``
        """
        limit = _Limit(
            Rate.parse_all(rates),
            by,
            None if methods is None else frozenset(map(str.upper, methods)),
        )

        def decorate(target: Marked) -> Marked:
            self._own.mark(target, (*(self._own.of(target) or ()), limit))
            return target

        return decorate

    def exempt(self, target: Marked) -> Marked:
        """Count nothing for a view, a blueprint or an endpoint."""
        self._exempt.mark(target, True)
        return target

    def _needs_thread(self) -> bool:
        """Whether counting waits for a network, or asks a function of the application's."""
        ctx = current_request_context()
        if not isinstance(self._counters_of(ctx.app), MemoryCounters):
            return True
        own = self._own.find(ctx.app, ctx.request.endpoint)
        return own is not None and any(limit.by is not None for limit in own[1])

    def _check(self) -> None:
        ctx = current_request_context()
        app, endpoint = ctx.app, ctx.request.endpoint
        config = app.config
        if not config["RATE_LIMIT_ENABLED"] or self._exempt.find(app, endpoint):
            return
        tightest: tuple[Rate, Verdict] | None = None
        for scope, limit in self._limits_for(ctx, endpoint):
            if limit.methods is not None and not _is_one_of(ctx.request.method, limit.methods):
                continue
            who = client_address() if limit.by is None else limit.by()
            if who is None:
                continue
            counters = self._counters_of(app)
            key = f"{namespace_of(app, app.secret_key)}:{scope}:{_key_of(who)}"
            for rate in limit.rates:
                verdict = counters.count(key, rate)
                if (
                    tightest is None
                    or not verdict.is_allowed
                    or verdict.remaining < tightest[1].remaining
                ):
                    tightest = rate, verdict
                    setattr(ctx.g, _G_KEY, tightest)
                if not verdict.is_allowed:
                    raise RateLimitExceeded(rate, verdict.wait)

    def _limits_for(
        self, ctx: RequestContext, endpoint: str | None
    ) -> Iterable[tuple[str, _Limit]]:
        default = ctx.app.config["RATE_LIMIT_DEFAULT"]
        if default and not _is_static(ctx.app, endpoint):
            if not self._has_warned:
                self._warn_of_proxy(ctx)
            limit = self._defaults.get(default)
            if limit is None:
                limit = self._defaults[default] = _Limit(Rate.parse_all(default), None, None)
            yield "", limit
        own = self._own.find(ctx.app, endpoint)
        if own is not None:
            name, limits = own
            for limit in limits:
                yield name, limit

    def _counters_of(self, app: Erlen) -> Counters:
        if self._given is not None:
            return self._given
        url = app.config["RATE_LIMIT_STORAGE"]
        counters = self._counters.get(url)
        if counters is None:
            counters = MemoryCounters() if url is None else RedisCounters(url, logger=app.logger)
            counters = self._counters.setdefault(url, counters)
        return counters

    def _warn_of_proxy(self, ctx: RequestContext) -> None:
        """Tell of a proxy that the application does not know: all clients have its address, and
        the limit of one is for all of them.  A client can pretend to be one, so it stays."""
        environ = ctx.environ
        if (
            "HTTP_X_FORWARDED_FOR" not in environ and "HTTP_FORWARDED" not in environ
        ) or _PROXY_SEEN_TO in environ:
            return
        # Or the socket of a proxy on this machine.
        address = parse_address(environ.get("REMOTE_ADDR") or "")
        if address is None or address.is_private:
            self._has_warned = True
            ctx.app.logger.warning(
                "Rate limits: a proxy seems to send the requests of all clients, which then share"
                " one limit. Wrap the application in erlen.middleware.proxy_fix.ProxyFix, which"
                " takes the client's address from X-Forwarded-For."
            )


def _is_one_of(method: str, methods: frozenset[str]) -> bool:
    # RFC 9110, 9.3.2: a HEAD does all that a GET does but send the body.
    return method in methods or (method == "HEAD" and "GET" in methods)


def _is_static(app: Erlen, endpoint: str | None) -> bool:
    """Whether an endpoint is that of the static files of the application or of a blueprint, which
    nobody else can have where there are some; and not only called so."""
    if endpoint is None or not endpoint.endswith("static"):
        return False
    name, dot, last = endpoint.rpartition(".")
    of: Any = app.blueprints.get(name) if dot else app
    return last == "static" and of is not None and of.has_static_folder


def _add_headers(response: Response | None) -> Response | None:
    """``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers), and
    ``Retry-After`` also where an error handler has made the answer."""
    ctx = current_request_context()
    found: tuple[Rate, Verdict] | None = None if ctx.made_g is None else ctx.made_g.get(_G_KEY)
    if found is None or response is None:
        return response
    rate, verdict = found
    headers = response.headers
    if not verdict.is_allowed:
        headers.setdefault("Retry-After", str(verdict.wait))
    if ctx.app.config["RATE_LIMIT_HEADERS"] and "RateLimit" not in headers:
        wait = f";t={verdict.wait}" if verdict.wait else ""
        headers["RateLimit-Policy"] = f'"rate";q={rate.times};w={rate.seconds}'
        headers["RateLimit"] = f'"rate";r={verdict.remaining}{wait}'
    return response


__all__ = ["MemoryCounters", "RateLimitExceeded", "RateLimits", "RedisCounters", "client_address"]
