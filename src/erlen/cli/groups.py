"""The groups of commands, and how they get the application."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import click

from ..app.script_info import ScriptInfo
from ..context.contexts import has_app_context

if TYPE_CHECKING:
    P = ParamSpec("P")
    R = TypeVar("R")

    class _PassesInfo(Protocol):
        def __call__(self, f: Callable[Concatenate[ScriptInfo, P], R], /) -> Callable[P, R]: ...


F = TypeVar("F", bound="Callable[..., Any]")

#: Calls a command with the :class:`ScriptInfo` in front of its other arguments.
pass_script_info: _PassesInfo = click.make_pass_decorator(ScriptInfo, ensure=True)


def with_appcontext(f: F) -> F:
    """Run a command inside of the application's context."""

    @click.pass_context
    def decorator(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        if not has_app_context():
            app = ctx.ensure_object(ScriptInfo).load_app()
            ctx.with_resource(app.app_context())
        return ctx.invoke(f, *args, **kwargs)

    return cast("F", update_wrapper(decorator, f))


class AppGroup(click.Group):
    """A group whose commands run inside of the application's context, unless they say
    ``with_appcontext=False``."""

    if not TYPE_CHECKING:

        def command(self, *args: Any, **kwargs: Any) -> Any:
            """Decorate a command."""
            if args and callable(args[0]):
                return self.command()(*args)
            wrap = kwargs.pop("with_appcontext", True)

            def decorator(f: Callable[..., Any]) -> click.Command:
                if wrap:
                    f = with_appcontext(f)
                command: click.Command = super(AppGroup, self).command(*args, **kwargs)(f)
                return command

            return decorator


AppGroup.group_class = AppGroup
