"""Agents read the names of exceptions: under Flask's names Erlen's errors have Werkzeug's."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Iterator

import pytest

import erlen.compat
from erlen.http.exceptions import NotFound, default_exceptions
from erlen.routing.exceptions import BuildError, RequestRedirect


@pytest.fixture
def compat() -> Iterator[None]:
    was_installed = erlen.compat.is_installed()
    erlen.compat.install()
    yield
    if not was_installed:
        erlen.compat.uninstall()


def test_errors_have_the_names_by_which_rules_ignore_them(compat: None) -> None:
    for cls in default_exceptions.values():
        assert cls.__module__ == "werkzeug.exceptions"
    assert RequestRedirect.__module__ == BuildError.__module__ == "werkzeug.routing.exceptions"
    shown = traceback.format_exception_only(NotFound("nothing"))
    assert shown == ["werkzeug.exceptions.NotFound: 404 Not Found: nothing\n"]


def test_the_names_lead_to_the_classes(compat: None) -> None:
    import werkzeug.exceptions

    assert werkzeug.exceptions.NotFound is NotFound
    again = pickle.loads(pickle.dumps(NotFound("nothing")))
    assert (type(again), pickle.loads(pickle.dumps(NotFound))) == (NotFound, NotFound)


def test_without_those_names_they_are_erlens() -> None:
    code = """
        import erlen.compat
        from erlen.http.exceptions import NotFound
        names = [NotFound.__module__]
        erlen.compat.install()
        class Mine(NotFound): ...
        names += [NotFound.__module__, Mine.__module__]
        erlen.compat.uninstall()
        print(*names, NotFound.__module__)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60
    )
    own = "erlen.http.exceptions"
    assert done.stdout.split() == [own, "werkzeug.exceptions", "__main__", own], done.stderr
