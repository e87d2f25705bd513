"""What an error page shows beside the code: variables, request and session, without secrets."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from ..http.exceptions import HTTPException
from ..http.hosts import get_current_url
from ..http.request import Request
from .masks import MASK, Masks, is_secret
from .values import Values, is_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .frames import DebugFrameSummary

    Rows = list[tuple[str, str]]

_MOST_ROWS = 200
# A cookie of a few characters is a choice, and no secret.
_SHORTEST_COOKIE = 8
# What of a request is shown only if the application has looked at it: it is read no more.
_IF_READ = (("Form", "form"), ("Files", "files"))


class Section(NamedTuple):
    """A table of the page.

    :param left_out: how many rows it has not
    """

    title: str
    rows: Rows
    left_out: int = 0


class Details:
    """The values that belong to an error.

    :param environ: the WSGI environment of the request
    :param context: its request context, if it had one
    :param app: the application, if it is known
    """

    def __init__(self, environ: dict[str, Any], context: Any = None, app: Any = None) -> None:
        self.masks: Masks = Masks()
        self._values = Values(self.masks)
        self._environ = environ
        self._context = context
        app = getattr(context, "app", app)
        config = getattr(app, "config", None)
        if isinstance(config, dict):
            self.masks.learn_all(config)
        try:
            self._request: Any = context.request
        except Exception:
            # There is no context, or the application's own class fails.
            self._request = Request(environ, populate_request=False)
        self._learn_request()

    def _learn_request(self) -> None:
        masks, request = self.masks, self._request
        for name, value in islice(request.headers, _MOST_ROWS):
            if is_secret(name):
                masks.learn([value, value.partition(" ")[2]])
        authorization = request.authorization
        if authorization is not None:
            masks.learn([authorization.token or "", getattr(authorization, "password", "") or ""])
        for value in islice(request.cookies.values(), _MOST_ROWS):
            if len(value) >= _SHORTEST_COOKIE:
                masks.learn(value)
        masks.learn_all(dict(islice(request.args.items(), _MOST_ROWS)))
        form = vars(request).get("form")
        if form is not None:
            masks.learn_all(dict(islice(form.items(), _MOST_ROWS)))

    # -- variables -----------------------------------------------------------------------

    def variables_of(self, frames: Sequence[DebugFrameSummary]) -> dict[int, Section]:
        """The local variables of frames, by the number of the frame."""
        listed = {frame.number: _variables(frame) for frame in frames}
        for variables, _ in listed.values():
            for name, value in variables:
                self.masks.learn_named(name, value)
        flat = [variable for variables, _ in listed.values() for variable in variables]
        texts = iter(self._values.describe(flat))
        return {
            number: Section("Variables", [(name, next(texts)) for name, _ in variables], left_out)
            for number, (variables, left_out) in listed.items()
            if variables
        }

    # -- the request ---------------------------------------------------------------------

    def sections(self) -> list[Section]:
        """The tables of the request."""
        request, environ = self._request, self._environ
        found = [
            self._table(
                "Request",
                [
                    ("Method", _Plain(environ.get("REQUEST_METHOD", ""))),
                    ("URL", _Plain(_url(environ))),
                    ("Endpoint", getattr(request, "endpoint", None)),
                    ("Arguments of the view", getattr(request, "view_args", None)),
                    ("Client", _Plain(environ.get("REMOTE_ADDR", ""))),
                ],
            ),
            self._table("Query", request.args.items(multi=True)),
        ]
        for title, name in _IF_READ:
            read = vars(request).get(name)
            if read is not None:
                found.append(self._table(title, read.items(multi=True)))
        session = self._session()
        if session is not None:
            found.append(session)
        cookies = list(request.cookies.items(multi=True))
        hidden = [(name, MASK if is_data(value) else "''") for name, value in cookies[:_MOST_ROWS]]
        found.append(Section("Cookies", hidden, max(0, len(cookies) - _MOST_ROWS)))
        headers = [(name, _Plain(_decoded(value))) for name, value in request.headers]
        found.append(self._table("Headers", headers))
        return [section for section in found if section.rows]

    def _session(self) -> Section | None:
        context = self._context
        if context is None or not hasattr(context, "open_session"):
            return None
        opened = context.opened_session
        if opened is None and context.app.session_interface.does_io:
            return Section("Session", [("", "It was not asked for in this request.")])
        # To open it may take the code of the application.
        found: list[Any] = []
        [told] = self._values.compute(
            [("", lambda: found.append(dict(opened or context.open_session())))]
        )
        if not found:
            return Section("Session", [("", told)])
        if not found[0]:
            return Section("Session", [("", "It is empty.")])
        return self._table("Session", found[0].items())

    def _table(self, title: str, items: Iterable[tuple[Any, Any]]) -> Section:
        items = list(items)
        shown = items[:_MOST_ROWS]
        texts = self._values.describe(shown)
        rows = [(str(name), text) for (name, _), text in zip(shown, texts, strict=True)]
        return Section(title, rows, len(items) - len(shown))


class _Plain:
    """Text that is shown without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _decoded(text: str) -> str:
    """Text of a server, which gives bytes as Latin-1."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def _url(environ: dict[str, Any]) -> str:
    try:
        return get_current_url(environ)
    except HTTPException:
        # The host is none.
        return str(environ.get("PATH_INFO", ""))


def _variables(frame: DebugFrameSummary) -> tuple[list[tuple[str, object]], int]:
    """The variables that a person looks for, and how many more there are."""
    names: Mapping[str, Any] = frame.local_ns
    # Those of a module are its functions and imports, too.
    is_module = frame.name == "<module>"
    variables = [
        (name, value)
        for name, value in list(names.items())
        if not name.startswith("__") and (not is_module or is_data(value))
    ]
    return variables[:_MOST_ROWS], max(0, len(variables) - _MOST_ROWS)
