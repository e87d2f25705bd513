"""What answers in debug mode where no rule fits a path, or none its method: the rules there are."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from inspect import unwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from ..http.exceptions import HTTPException, MethodNotAllowed, NotFound
from .editors import editor_url
from .formats import answer, wanted_format
from .pages import render_page

if TYPE_CHECKING:
    from ..routing.rules import Rule

_MOST_RULES = 1000
_MOST_NEAR = 5
_LEAST_LIKENESS = 0.7
_LONGEST_PATH = 200
# A variable as other frameworks write it, which is taken for text here: {name}, {name:path}, :name.
_FOREIGN = re.compile(r"\{(\w+)(?::\w+)?\}|(?<=/):(\w+)")

_PAGE = Markup(
    '<header><h1>{name}</h1><div class="detail"><p class="errormsg">{method} {path}</p></div>'
    "</header>{parts}"
    '<div class="explanation"><p>This page is shown in debug mode alone. In production the answer'
    " is the error's own, or that of its handler.</p></div>"
)
_PART = Markup('<h2>{title}</h2><table class="rules {kind}">{rows}</table>')
_ROW = Markup(
    '<tr><td class="methods">{methods}</td><td><code>{rule}</code></td>'
    '<td class="endpoint">{endpoint}</td><td class="why">{why}</td></tr>'
)
_LINK = Markup('<a class="editor" href="{url}" title="Open in the editor">{endpoint}</a>')
_NOTE = Markup('<p class="note">{}</p>')


class Near(NamedTuple):
    """A rule that is like a path.

    :param why: what it takes to fit, if that can be told
    """

    rule: Rule
    why: str


def explain_routing(context: Any, error: HTTPException) -> Any:
    """The answer to an error of matching: a 404 tells the rules, the nearest ones first, a 405
    those of the path. Others are answered as ever.

    :param context: the request context
    """
    app, request = context.app, context.request
    rules = list(app.url_map.iter_rules())
    near: list[Near] = []
    if isinstance(error, MethodNotAllowed):
        rules = _of_path(context.url_adapter, error)
        title = "Methods of this path"
    elif isinstance(error, NotFound):
        near = nearest(rules, request.path)
        title = "All routes"
    else:
        return error
    kind = wanted_format(request.environ)
    content: Any
    if kind == "json":
        content = {
            "error": f"{error.code} {error.name}",
            "method": request.method,
            "path": request.path,
            "nearest": [one.rule.rule for one in near],
            "routes": [_as_json(rule) for rule in rules[:_MOST_RULES]],
        }
        if isinstance(error, MethodNotAllowed):
            content["allowed"] = sorted(error.valid_methods or ())
    elif kind == "text":
        lines = [f"{error.code} {error.name}: {request.method} {request.path}"]
        if near:
            lines += ["\nNearest routes:", *_near_lines(near)]
        lines += [f"\n{title}:", *(_lines(rules[:_MOST_RULES]) or ["  none"]), ""]
        content = "\n".join(lines)
    else:
        content = _html(app, request, error, near, title, rules)
    response = answer(content, error.code or 404, kind, app.response_class)
    for name, value in error.get_headers(request.environ):
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def _of_path(adapter: Any, error: MethodNotAllowed) -> list[Rule]:
    found: list[Rule] = []
    for method in sorted(error.valid_methods or ()):
        try:
            rule, _ = adapter.match(method=method, return_rule=True)
        except Exception:
            # It leads elsewhere.
            continue
        if all(rule is not other for other in found):
            found.append(rule)
    return found


def nearest(rules: list[Rule], path: str) -> list[Near]:
    """The rules that a path may have been meant for, the likest first."""
    path = path[:_LONGEST_PATH]
    scored = []
    for rule in rules:
        # What stands for a variable is not compared.
        matcher = SequenceMatcher(None, *_compared(rule.rule, path))
        if matcher.real_quick_ratio() >= _LEAST_LIKENESS:
            scored.append((matcher.ratio(), Near(rule, _why(rule, path))))
    scored.sort(key=lambda pair: -pair[0])
    return [near for score, near in scored[:_MOST_NEAR] if score >= _LEAST_LIKENESS]


def _compared(rule: str, path: str) -> tuple[str, str]:
    """A rule and a path with the same in place of variables and what stands for them.

    >>> _compared("/user/<int:id>", "/Users/5")
    ('/user/*', '/users/*')
    """
    parts, given = _FOREIGN.sub("<>", rule).lower().split("/"), path.lower().split("/")
    for place, part in enumerate(parts):
        if "<" in part:
            parts[place] = "*"
            if place < len(given) and given[place]:
                given[place] = "*"
    return "/".join(parts), "/".join(given)


def _why(rule: Rule, path: str) -> str:
    shape, given = _compared(rule.rule, path)
    if foreign := _FOREIGN.search(rule.rule):
        name = foreign[1] or foreign[2]
        return f"{foreign[0]} is taken as it stands: a variable is written <{name}> or <int:{name}>"
    if shape == given:
        if "*" not in shape and rule.rule != path:
            return "it differs in capital letters"
        return "a part of the path is no value for its variable, or it is another host's"
    if shape.rstrip("/") == given.rstrip("/"):
        return "it differs in the slash at the end"
    return ""


def _methods(rule: Rule) -> str:
    if rule.websocket:
        return "WebSocket"
    return ", ".join(sorted(rule.methods)) if rule.methods is not None else "any"


def _shown(rule: Rule) -> str:
    """The rule with its host, if it has one of its own."""
    return f"{rule.host or rule.subdomain or ''}{rule.rule}"


def _as_json(rule: Rule) -> dict[str, Any]:
    methods = None if rule.methods is None else sorted(rule.methods)
    return {
        "rule": _shown(rule),
        "methods": methods,
        "endpoint": str(rule.endpoint),
        "websocket": rule.websocket,
    }


def _lines(rules: list[Rule]) -> list[str]:
    width = max((len(_shown(rule)) for rule in rules), default=0)
    return [f"  {_shown(rule):{width}}  {_methods(rule)}  {rule.endpoint}" for rule in rules]


def _near_lines(near: list[Near]) -> list[str]:
    lines = _lines([one.rule for one in near])
    return [
        f"{line}  ({one.why})" if one.why else line for line, one in zip(lines, near, strict=True)
    ]


def _html(
    app: Any, request: Any, error: HTTPException, near: list[Near], title: str, rules: list[Rule]
) -> str:
    parts = Markup("")
    if near:
        rows = Markup("").join(_row(app, one.rule, one.why) for one in near)
        parts += _PART.format(title="Nearest routes", kind="near", rows=rows)
    rows = Markup("").join(_row(app, rule) for rule in rules[:_MOST_RULES])
    parts += _PART.format(title=title, kind="all", rows=rows)
    if len(rules) > _MOST_RULES:
        parts += _NOTE.format(f"{len(rules) - _MOST_RULES:,} more are not shown.")
    name = f"{error.code} {error.name}"
    return render_page(
        title=f"{name}: {request.path[:_LONGEST_PATH]}",
        content=_PAGE.format(name=name, method=request.method, path=request.path, parts=parts),
    )


def _row(app: Any, rule: Rule, why: str = "") -> Markup:
    endpoint: Any = str(rule.endpoint)
    view = app.view_functions.get(rule.endpoint)
    code = getattr(unwrap(view), "__code__", None) if callable(view) else None
    if code is not None:
        url = editor_url(code.co_filename, code.co_firstlineno)
        if url is not None:
            endpoint = _LINK.format(url=url, endpoint=endpoint)
    return _ROW.format(methods=_methods(rule), rule=_shown(rule), endpoint=endpoint, why=why)
