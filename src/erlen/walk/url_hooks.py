"""Who takes part in building the URLs of an application, beside its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .application import Application


class UrlHooks:
    """What :func:`url_for` has to ask before it goes past somebody."""

    # PERF: slots are read at each call; the names of a tuple take three times as long.
    __slots__ = ("adapt", "adapt_external", "inject_values", "is_any", "replace_url_for")

    def __init__(
        self, replace_url_for: bool, inject_values: bool, adapt: bool, adapt_external: bool
    ) -> None:
        #: ``url_for`` is overridden.
        self.replace_url_for: bool = replace_url_for
        #: There are ``url_defaults`` functions, or ``inject_url_defaults`` is overridden.
        self.inject_values: bool = inject_values
        #: The URL adapter may know more than the environment of the request does …
        self.adapt: bool = adapt
        #: … or at least of scheme and host.
        self.adapt_external: bool = adapt_external
        #: Somebody takes part in building the URL of a path.
        self.is_any: bool = inject_values or adapt


def find_url_hooks(
    app: Application, overridden: frozenset[str], settings: dict[str, Any]
) -> UrlHooks:
    """:param overridden: the methods that somebody replaced
    :param settings: those that a desk is made of
    """
    adapt = (
        not overridden.isdisjoint({"create_url_adapter", "request_context"})
        or app.subdomain_matching
        or app.url_map.needs_adapter
    )
    return UrlHooks(
        "url_for" in overridden,
        bool(app.url_default_functions) or "inject_url_defaults" in overridden,
        adapt,
        adapt or settings["SERVER_NAME"] is not None or settings["TRUSTED_HOSTS"] is not None,
    )
