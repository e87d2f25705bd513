"""Who takes part in building the URLs of an application, beside its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..routing import Map

# The methods that are asked about, beside those that the walk takes care of.
URL_METHODS = ("inject_url_defaults", "url_for")


class UrlHooks:
    """What :func:`url_for` has to ask before it goes past somebody."""

    # PERF: slots are read at each call; the names of a tuple take three times as long.
    __slots__ = ("adapt", "adapt_external", "inject_values", "replace_url_for")

    def __init__(
        self, replace_url_for: bool, inject_values: bool, adapt: bool, adapt_external: bool
    ) -> None:
        #: ``url_for`` is overridden.
        self.replace_url_for = replace_url_for
        #: There are ``url_defaults`` functions, or ``inject_url_defaults`` is overridden.
        self.inject_values = inject_values
        #: The URL adapter may know more than the environment of the request does …
        self.adapt = adapt
        #: … or at least of scheme and host.
        self.adapt_external = adapt_external


#: As long as nothing is known, anybody may.
ANYBODY = UrlHooks(True, True, True, True)


class BuildsUrls(Protocol):
    """What is asked of the application."""

    @property
    def config(self) -> Mapping[str, Any]: ...

    subdomain_matching: bool
    url_default_functions: Any
    url_map: Map


def find_url_hooks(
    app: BuildsUrls, config_is_watched: bool, is_overridden: Callable[[str], bool]
) -> UrlHooks:
    """:param config_is_watched: whether a change of the configuration is noticed
    :param is_overridden: whether application or class have another method of a name
    """
    adapt = (
        is_overridden("create_url_adapter")
        or is_overridden("request_context")
        or app.subdomain_matching
        or app.url_map.needs_adapter
    )
    return UrlHooks(
        is_overridden("url_for"),
        bool(app.url_default_functions) or is_overridden("inject_url_defaults"),
        adapt,
        adapt
        or not config_is_watched
        or app.config["SERVER_NAME"] is not None
        or app.config["TRUSTED_HOSTS"] is not None,
    )
