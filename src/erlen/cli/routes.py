"""``erlen routes``: the rules of the application."""

from __future__ import annotations

import inspect
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ..app.current import current_app
from .groups import with_appcontext
from .options import app_argument, app_option

if TYPE_CHECKING:
    from ..routing import Rule

_AUTOMATIC = {"HEAD", "OPTIONS"}
_WEBSOCKET = "WebSocket"


@click.command(
    "routes", short_help="Show the routes for the app.", params=[app_argument(), app_option()]
)
@click.option(
    "--sort",
    "-s",
    type=click.Choice(("endpoint", "methods", "domain", "rule", "match", "view")),
    default="endpoint",
    help="By what to sort. 'match' is the order in which the rules were added.",
)
@click.option("--all-methods", is_flag=True, help="Show HEAD and OPTIONS methods.")
@click.option("--text", metavar="TEXT", help="Only rows in which this is written somewhere.")
@click.option("--method", metavar="METHOD", help="Only this method, or 'websocket'.")
@click.option("--endpoint", metavar="PATTERN", help="Only these endpoints, as 'admin.*'.")
@with_appcontext
def routes_command(
    sort: str, all_methods: bool, text: str | None, method: str | None, endpoint: str | None
) -> None:
    """Show all registered routes with endpoints, methods and views."""
    rules = list(current_app.url_map.iter_rules())
    if not rules:
        click.echo("No routes were registered.")
        return
    host_matching = current_app.url_map.host_matching
    domain = "Host" if host_matching else "Subdomain"
    rows = [
        {
            "Endpoint": rule.endpoint,
            "Methods": _methods(rule, all_methods),
            domain: (rule.host if host_matching else rule.subdomain) or "",
            "Rule": rule.rule,
            "View": view_name(current_app.view_functions.get(rule.endpoint)),
        }
        for rule in rules
        if _answers(rule, method)
    ]
    rows = [row for row in rows if _is_wanted(row, text, endpoint)]
    if not rows:
        click.echo(f"None of the {len(rules)} routes is like that.")
        return
    if not any(row[domain] for row in rows):
        for row in rows:
            del row[domain]
    column = domain if sort == "domain" else sort.capitalize()
    if column in rows[0]:
        rows.sort(key=lambda row: row[column])
    _show(rows)


def _methods(rule: Rule, all_methods: bool) -> str:
    if rule.websocket:
        return _WEBSOCKET
    return ", ".join(sorted((rule.methods or set()) - (set() if all_methods else _AUTOMATIC)))


def _answers(rule: Rule, method: str | None) -> bool:
    if method is None:
        return True
    if method.lower() == _WEBSOCKET.lower():
        return rule.websocket
    return not rule.websocket and method.upper() in (rule.methods or {method.upper()})


def _is_wanted(row: dict[str, str], text: str | None, endpoint: str | None) -> bool:
    if endpoint is not None and not fnmatchcase(row["Endpoint"], endpoint):
        return False
    return text is None or any(text.lower() in value.lower() for value in row.values())


def view_name(view: Any) -> str:
    """Where a view is found: its module and its name, behind what decorates it.

    >>> view_name(app.view_functions["index"])
    'shop.views.index'
    """
    if view is None:
        return ""
    view = getattr(view, "view_class", view)
    while isinstance(view, partial):
        view = view.func
    view = inspect.unwrap(view)
    name = getattr(view, "__qualname__", None) or type(view).__qualname__
    module = str(getattr(view, "__module__", None))
    if module.partition(".")[0] in (__name__.partition(".")[0], "flask"):
        # The one kind of view that Erlen has itself, by the name that extensions know.
        return "send_static_file"
    return f"{module}.{name}".replace(".<locals>", "")


def _show(rows: list[dict[str, str]]) -> None:
    headers = {name: name for name in rows[0]}
    widths = {name: max(len(row[name]) for row in [headers, *rows]) for name in headers}
    lines = {name: "-" * width for name, width in widths.items()}
    for row in [headers, lines, *rows]:
        click.echo("  ".join(text.ljust(widths[name]) for name, text in row.items()).rstrip())
