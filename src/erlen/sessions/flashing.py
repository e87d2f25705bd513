"""Messages for the next page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, overload

from ..context.contexts import current_request_context
from ..signals import message_flashed


def flash(message: str, category: str = "message") -> None:
    """Keep a message for the next request of this client.

    :param category: what kind it is: ``"message"``, ``"error"``, ``"info"``, ``"warning"``, or
        any other name
    """
    ctx = current_request_context()
    # A new list, so that the session notices the change.
    flashes = [*ctx.session.get("_flashes", ()), (category, message)]
    ctx.session["_flashes"] = flashes
    app = ctx.app
    if message_flashed.receivers:
        message_flashed.send(
            app, _async_wrapper=app.ensure_sync, message=message, category=category
        )


@overload
def get_flashed_messages(
    with_categories: Literal[False] = False, category_filter: Iterable[str] = ()
) -> list[str]: ...


@overload
def get_flashed_messages(
    with_categories: Literal[True], category_filter: Iterable[str] = ()
) -> list[tuple[str, str]]: ...


@overload
def get_flashed_messages(
    with_categories: bool, category_filter: Iterable[str] = ()
) -> list[Any]: ...


def get_flashed_messages(
    with_categories: bool = False, category_filter: Iterable[str] = ()
) -> list[Any]:
    """The messages kept for this request; asking again in the same request gives the same ones.

    :param with_categories: give pairs of category and message
    :param category_filter: only these categories
    """
    ctx = current_request_context()
    flashes = ctx.flashes
    if flashes is None:
        session = ctx.session
        flashes = session.pop("_flashes") if "_flashes" in session else []
        ctx.flashes = flashes
    if category_filter:
        wanted = set(category_filter)
        flashes = [item for item in flashes if item[0] in wanted]
    return list(flashes) if with_categories else [item[1] for item in flashes]
