"""Cases that every server has to answer alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from exchange import Answer, Cut, exchange
from servers import Server

KINDS_OF_VIEW = ("sync", "async")
# What the server adds, and how it frames the body.
_OF_THE_SERVER = {
    "connection", "date", "keep-alive", "server", "transfer-encoding", "via",
}  # fmt: skip
_TOKEN = re.compile(r"\bsession=[^;]+")


@dataclass(frozen=True)
class Expected:
    """What an answer is; what is not given here is not asserted.

    :param status: 0 if the connection ends without an answer
    :param says: keys and values of the JSON object in the body
    :param headers: ``None`` for a header that is not there
    """

    status: int = 200
    body: bytes | None = None
    says: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    complete: bool | None = None

    def check(self, answer: Answer) -> None:
        shown = f"{answer.status} {answer.headers} {answer.body[:300]!r}"
        assert answer.status == self.status, shown
        if self.body is not None:
            assert answer.body == self.body, shown
        if self.says:
            assert {key: answer.json[key] for key in self.says} == self.says, shown
        for name, value in self.headers.items():
            assert answer.get(name) == value, shown
        if self.complete is not None:
            assert answer.complete is self.complete, shown


@dataclass(frozen=True)
class Difference(Expected):
    """What one server answers in place of what the others do.

    :param reason: what that server does, as the documentation says it
    """

    reason: str = ""


@dataclass(frozen=True)
class Case:
    """A request and its answer.

    :param data: the request; ``/VIEW/`` in it stands for ``/sync/`` and ``/async/``
    :param differs: by the names of servers
    """

    name: str
    data: bytes
    expected: Expected = Expected()
    differs: Mapping[str, Difference] = field(default_factory=dict)

    def ask(self, server: Server, view: str) -> Answer:
        try:
            return exchange(server.port, self.data.replace(b"/VIEW/", f"/{view}/".encode()))
        except Cut:
            return Answer(0)

    def expected_of(self, server: Server, view: str) -> Expected:
        return _for_view(self.differs.get(server.name, self.expected), view)


def _for_view(value: Any, view: str) -> Any:
    """``value`` with the kind of view in place of ``/VIEW/``, wherever that is in it."""
    if isinstance(value, str):
        return value.replace("/VIEW/", f"/{view}/")
    if isinstance(value, bytes):
        return value.replace(b"/VIEW/", f"/{view}/".encode())
    if isinstance(value, Mapping):
        return {key: _for_view(item, view) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_for_view(item, view) for item in value)
    if isinstance(value, Expected):
        return type(value)(**{key: _for_view(item, view) for key, item in vars(value).items()})
    return value


def each(cases: Iterable[Case]) -> Callable[[Any], Any]:
    """Run a test with ``case`` and ``view`` for each case and both kinds of view."""

    def decorate(test: Any) -> Any:
        test = pytest.mark.parametrize("case", cases, ids=lambda case: case.name)(test)
        return pytest.mark.parametrize("view", KINDS_OF_VIEW)(test)

    return decorate


def comparable(answer: Answer) -> tuple[Any, ...]:
    """What must be the same on every server."""
    headers = sorted(
        (key.lower(), _normal(key.lower(), value))
        for key, value in answer.headers
        if key.lower() not in _OF_THE_SERVER and not _only_frames(key, value, answer)
    )
    return answer.status, headers, answer.body, answer.complete, answer.interim


def _only_frames(name: str, value: str, answer: Answer) -> bool:
    """Whether a header says no more than where the body ends, which may be said otherwise."""
    return name.lower() == "content-length" and value == str(len(answer.body))


def _normal(name: str, value: str) -> str:
    """The value of a header without what may be different each time."""
    if name == "allow":
        return ", ".join(sorted(value.split(", ")))
    return _TOKEN.sub("session=...", value)


def compare(
    case: Case,
    view: str,
    server: Server,
    reference: Server,
    note: Callable[[str, str], None],
) -> None:
    """Assert that a server answers as expected, and as the reference does.

    :param note: takes what the table in the documentation shows
    """
    answer = case.ask(server, view)
    difference = case.differs.get(server.name)
    note("case", case.name)
    if difference is not None:
        note("difference", difference.reason)
    case.expected_of(server, view).check(answer)
    if server is reference:
        return
    other = case.ask(reference, view)
    if difference is None:
        assert comparable(answer) == comparable(other)
    else:
        assert comparable(answer) != comparable(other), "the server does what the others do"
