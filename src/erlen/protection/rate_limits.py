"""Rate limits: 429 for a client that asks too often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, TypeVar

from ..app.view_marks import ViewMarks
from ..context.contexts import RequestContext, current_request_context
from ..http.exceptions import TooManyRequests
from ..workers.light_hooks import LightHook
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
    by: Callable[[], str | None] | None
    methods: frozenset[str] | None


def client_address() -> str:
    """Who sends the current request: the address of the peer, of IPv6 the network of 64 bits that
    one subscriber has."""
    return _subscriber(current_request_context().request.remote_addr or "")


# PERF: clients come back; parsing an address takes longer than counting.
@lru_cache(maxsize=4096)
def _subscriber(text: str) -> str:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return text


@lru_cache(maxsize=4096)
def _digest(who: str) -> str:
    # Keys have a bound, whatever the client sends.
    return blake2b(who.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


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
        app.before_request(LightHook(self._check, self._needs_thread))
        app.after_request(LightHook(_add_headers))

    def limit(
        self,
        rates: str,
        *,
        by: Callable[[], str | None] | None = None,
        methods: Iterable[str] | None = None,
    ) -> Callable[[Marked], Marked]:
        """Limit a view, or the views of a blueprint together; in addition to the default.  Several
        limits on one view all hold.

        :param rates: ``"5 per minute"``, or several: ``"5 per minute; 50 per day"``
        :param by: called in the request, says who is counted, by default the client's address;
            ``None`` is not counted
        :param methods: count these alone
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
            who = client_address() if limit.by is None else limit.by()
            if who is None or (
                limit.methods is not None and ctx.request.method not in limit.methods
            ):
                continue
            counters = self._counters_of(app)
            key = f"{app.name}:{scope}:{_digest(who)}"
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
        is_static = endpoint is not None and (endpoint == "static" or endpoint.endswith(".static"))
        if default and not is_static and not self._is_behind_unknown_proxy(ctx):
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

    def _is_behind_unknown_proxy(self, ctx: RequestContext) -> bool:
        """Whether the peer is a proxy that the application was not told of: all clients have its
        address, and a limit meant for one would be for all of them."""
        environ = ctx.environ
        if (
            "HTTP_X_FORWARDED_FOR" not in environ and "HTTP_FORWARDED" not in environ
        ) or _PROXY_SEEN_TO in environ:
            return False
        try:
            is_near = ip_address(environ.get("REMOTE_ADDR") or "127.0.0.1").is_private
        except ValueError:
            # The socket of a proxy on this machine.
            is_near = True
        if is_near and not self._has_warned:
            self._has_warned = True
            ctx.app.logger.warning(
                "Rate limits: the default limit is off, because a proxy sends the requests of all"
                " clients. Wrap the application in erlen.middleware.proxy_fix.ProxyFix, which takes"
                " the client's address from X-Forwarded-For."
            )
        return is_near


def _add_headers(response: Response) -> Response:
    """``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers), and
    ``Retry-After`` also where an error handler has made the answer."""
    ctx = current_request_context()
    found: tuple[Rate, Verdict] | None = None if ctx.made_g is None else ctx.made_g.get(_G_KEY)
    if found is None:
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
