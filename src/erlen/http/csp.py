"""The ``Content-Security-Policy`` header (CSP level 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .header_value import Directives

if TYPE_CHECKING:
    from .properties import Attribute


def csp_property(key: str) -> Attribute[str | None, str | None]:
    """An attribute for a directive."""

    def write(self: ContentSecurityPolicy, value: str | None) -> None:
        if value is None:
            self.pop(key, None)
        else:
            self[key] = value

    return property(
        lambda self: self.get(key), write, lambda self: self.pop(key, None), f"``{key}``."
    )


class ContentSecurityPolicy(Directives[str]):
    """Directives, as attributes and as a dictionary; a value is the text behind the name.

    >>> policy = ContentSecurityPolicy()
    >>> policy.default_src = "'self'"
    >>> policy.to_header()
    "default-src 'self'"
    """

    base_uri: Attribute[str | None, str | None] = csp_property("base-uri")
    child_src: Attribute[str | None, str | None] = csp_property("child-src")
    connect_src: Attribute[str | None, str | None] = csp_property("connect-src")
    default_src: Attribute[str | None, str | None] = csp_property("default-src")
    font_src: Attribute[str | None, str | None] = csp_property("font-src")
    form_action: Attribute[str | None, str | None] = csp_property("form-action")
    frame_ancestors: Attribute[str | None, str | None] = csp_property("frame-ancestors")
    frame_src: Attribute[str | None, str | None] = csp_property("frame-src")
    img_src: Attribute[str | None, str | None] = csp_property("img-src")
    manifest_src: Attribute[str | None, str | None] = csp_property("manifest-src")
    media_src: Attribute[str | None, str | None] = csp_property("media-src")
    navigate_to: Attribute[str | None, str | None] = csp_property("navigate-to")
    object_src: Attribute[str | None, str | None] = csp_property("object-src")
    plugin_types: Attribute[str | None, str | None] = csp_property("plugin-types")
    prefetch_src: Attribute[str | None, str | None] = csp_property("prefetch-src")
    report_to: Attribute[str | None, str | None] = csp_property("report-to")
    report_uri: Attribute[str | None, str | None] = csp_property("report-uri")
    sandbox: Attribute[str | None, str | None] = csp_property("sandbox")
    script_src: Attribute[str | None, str | None] = csp_property("script-src")
    script_src_attr: Attribute[str | None, str | None] = csp_property("script-src-attr")
    script_src_elem: Attribute[str | None, str | None] = csp_property("script-src-elem")
    style_src: Attribute[str | None, str | None] = csp_property("style-src")
    style_src_attr: Attribute[str | None, str | None] = csp_property("style-src-attr")
    style_src_elem: Attribute[str | None, str | None] = csp_property("style-src-elem")
    worker_src: Attribute[str | None, str | None] = csp_property("worker-src")

    def to_header(self) -> str:
        """The policy as a header value."""
        return dump_csp_header(self)


def dump_csp_header(header: ContentSecurityPolicy) -> str:
    """A policy as a header value."""
    return "; ".join(f"{key} {value}" for key, value in header.items())


def parse_csp_header(
    value: str | None, on_update: Callable[[ContentSecurityPolicy], None] | None = None
) -> ContentSecurityPolicy:
    """The directives of a policy header; a name without a value is left out."""
    items = []
    for part in (value or "").split(";"):
        name, _, text = part.strip().partition(" ")
        if text.strip():
            items.append((name.strip(), text.strip()))
    return ContentSecurityPolicy(items, on_update)
