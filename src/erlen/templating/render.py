"""Rendering templates in the current context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context.contexts import context_var, current_context, find_request_context
from ..signals import before_render_template, template_rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blinker import Signal
    from jinja2 import Template

    from .application import Application
    from .environment import DispatchingJinjaLoader, Environment


def _default_template_ctx_processor() -> dict[str, Any]:
    """What every template sees of the context: ``g``, and in a request ``request``.

    ``session`` is a global of the environment, a proxy: a template that does not use it does not
    read it.
    """
    context = context_var.get(None)
    values: dict[str, Any] = {}
    if context is not None:
        values["g"] = context.g
        request_context = context.request_context
        if request_context is not None:
            values["request"] = request_context.request
    return values


def update_template_context(app: Any, ctx: Any, context: Any = None) -> None:
    """Add what the context processors give to ``context``; what is in it already wins.

    It is the application's method of that name, which takes the context of the request first, or
    no such.
    """
    if context is None:
        context = ctx
    processors = app.template_context_processors
    scopes: Iterable[str | None] = (None,)
    # PERF: without processors of a blueprint's, it does not matter whose view this is.
    if len(processors) != 1 or None not in processors:
        request_context = find_request_context()
        if request_context is not None:
            scopes = (None, *reversed(request_context.request.blueprints))
    given = context.copy()
    for scope in scopes:
        for processor in processors.get(scope, ()):
            if processor is _default_template_ctx_processor:
                # PERF: it is known to be synchronous.
                context.update(_default_template_ctx_processor())
            else:
                context.update(app.ensure_sync(processor)())
    context.update(given)


def _tell(signal: Signal, app: Application, template: Template, context: dict[str, Any]) -> None:
    signal.send(app, _async_wrapper=app.ensure_sync, template=template, context=context)


def _render(app: Application, template: Template, context: dict[str, Any]) -> str:
    update = app.update_template_context
    if getattr(update, "__func__", None) is update_template_context:
        # PERF: what the call by signature comes to.
        update(context)
    else:
        app.call_by_signature("update_template_context", context_var.get(None), context)
    if before_render_template.receivers:
        _tell(before_render_template, app, template, context)
    text = template.render(context)
    if template_rendered.receivers:
        _tell(template_rendered, app, template, context)
    return text


def render_template(
    template_name_or_list: str | Template | list[str | Template], **context: Any
) -> str:
    """The text of a template.

    :param template_name_or_list: its name below the template folder; of a list the first that
        exists
    :param context: what it sees besides the context processors' values
    :raises TemplateNotFound: with a note of the folders that were searched
    """
    app = current_context().app
    return _render(app, app.jinja_env.get_or_select_template(template_name_or_list), context)


def render_template_string(source: str, **context: Any) -> str:
    """The text of a template given as text; it is escaped as HTML is."""
    app = current_context().app
    return _render(app, app.jinja_env.from_string(source), context)


def _stream(app: Application, template: Template, context: dict[str, Any]) -> Iterator[str]:
    update = app.update_template_context
    if getattr(update, "__func__", None) is update_template_context:
        # PERF: what the call by signature comes to.
        update(context)
    else:
        app.call_by_signature("update_template_context", context_var.get(None), context)
    if before_render_template.receivers:
        _tell(before_render_template, app, template, context)

    def generate() -> Iterator[str]:
        yield from template.generate(context)
        if template_rendered.receivers:
            _tell(template_rendered, app, template, context)

    pieces = generate()
    current = context_var.get(None)
    if current is not None and current.request_context is not None:
        from ..context.streaming import stream_with_context

        return stream_with_context(pieces)
    return pieces


def stream_template(
    template_name_or_list: str | Template | list[str | Template], **context: Any
) -> Iterator[str]:
    """A template piece by piece, to be returned from a view; the request stays active while it
    is sent."""
    app = current_context().app
    return _stream(app, app.jinja_env.get_or_select_template(template_name_or_list), context)


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """A template given as text, piece by piece; see :func:`stream_template`."""
    app = current_context().app
    return _stream(app, app.jinja_env.from_string(source), context)


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """A macro or variable that a template exports.

    >>> hello = get_template_attribute("_macros.html", "hello")
    >>> hello("World")
    """
    template = current_context().app.jinja_env.get_template(template_name)
    return getattr(template.module, attribute)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        # Jinja2 is a third of the time that importing the framework would take.
        if name in ("DispatchingJinjaLoader", "Environment"):
            from . import environment as jinja

            return getattr(jinja, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "DispatchingJinjaLoader",
    "Environment",
    "get_template_attribute",
    "render_template",
    "render_template_string",
    "stream_template",
    "stream_template_string",
]
