"""Names that modules of Flask and Werkzeug have by their own imports alone, and those that are
nowhere any more."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import erlen.compat
from erlen.compat.imported import look_up, origins
from erlen.compat.missing import instead_of
from erlen.compat.names import module_names, target_of


@pytest.fixture(autouse=True)
def compat() -> Iterator[None]:
    was_installed = erlen.compat.is_installed()
    erlen.compat.install(flask_script=True)
    yield
    if not was_installed:
        erlen.compat.uninstall()


@pytest.mark.parametrize("module", origins())
def test_every_name_of_the_table_is_there(module: str) -> None:
    found = importlib.import_module(module)
    for name, origin in origins()[module].items():
        value = getattr(found, name)
        if origin.name is None:
            assert value is importlib.import_module(target_of(origin.module) or origin.module)


@pytest.mark.parametrize("module", origins())
def test_the_table_hides_nothing_that_the_module_has(module: str) -> None:
    own = vars(importlib.import_module(str(target_of(module))))
    assert [name for name in origins()[module] if name in own] == []


# What public code was seen to take from there.
SEEN = """
flask.app: request Response HTTPException Rule
flask.cli: current_app
flask.helpers: request
flask.sessions: TaggedJSONSerializer
flask.templating: TemplateNotFound
flask.views: request
flask.wrappers: ResponseBase
werkzeug._internal: _missing _logger _get_environ _wsgi_decoding_dance
werkzeug._reloader: ReloaderLoop StatReloaderLoop reloader_loops
werkzeug.formparser: FileStorage
werkzeug.routing: matcher
werkzeug.serving: get_interface_ip _ansi_style _log_add_style ForkingWSGIServer
werkzeug.serving: select_address_family
werkzeug.test: Headers Response
werkzeug.urls: quote urlsplit urlencode
werkzeug.utils: escape Headers
werkzeug.wrappers.response: ResponseStream
"""


@pytest.mark.parametrize("line", SEEN.strip().splitlines())
def test_names_that_public_code_was_seen_to_take(line: str) -> None:
    module, _, names = line.partition(": ")
    for name in names.split():
        exec(f"from {module} import {name}")


def test_the_objects_are_those_of_their_home() -> None:
    from flask import request
    from flask.app import Response as of_app
    from flask.views import request as of_views
    from flask.wrappers import Response
    from werkzeug.test import Response as of_test
    from werkzeug.wrappers import Response as plain

    assert of_views is request
    assert of_app is Response
    assert of_test is plain is not Response


@pytest.mark.parametrize("name", module_names())
def test_a_module_has_no_name_that_it_lacks_on_flask(name: str) -> None:
    module = importlib.import_module(name)
    assert not hasattr(module, "no_such_name")
    assert getattr(module, "no_such_name", 1) == 1
    with pytest.raises(ImportError, match=f"'no_such_name' from '{name}'"):
        exec(f"from {name} import no_such_name")


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("from werkzeug.urls import url_quote", "urllib.parse.quote"),
        ("from werkzeug import secure_filename", "werkzeug.utils.secure_filename"),
        ("from werkzeug.wsgi import DispatcherMiddleware", "werkzeug.middleware.dispatcher"),
        ("from werkzeug.wrappers import ETagResponseMixin", "werkzeug.wrappers.Request and"),
        ("from werkzeug.local import _ProxyLookup", "a method"),
        ("from werkzeug.routing.rules import RulePart", "erlen.routing.segments.Part"),
        ("from flask.json import JSONEncoder", "a subclass of flask.json.provider"),
        ("from flask.app import setupmethod", "flask.sansio.scaffold.setupmethod"),
        ("from flask.globals import _request_ctx_stack", "flask.globals.request_ctx"),
        ("from flask.ext.cache import Cache", "import flask_NAME"),
        ("import werkzeug.contrib.cache", "cachelib"),
        ("from flask import Module", "flask.Blueprint"),
    ],
)
def test_what_is_gone_has_an_error_that_says_where_the_thing_is_now(
    line: str, instead: str
) -> None:
    with pytest.raises(ImportError) as caught:
        exec(line)
    assert f"Write instead: {instead}" in str(caught.value)


def test_an_attribute_that_is_gone_says_it_too() -> None:
    import werkzeug
    from werkzeug import urls

    with pytest.raises(AttributeError, match=r"werkzeug\.utils\.secure_filename"):
        werkzeug.secure_filename  # noqa: B018
    with pytest.raises(AttributeError, match=r"urllib\.parse\.urlsplit"):
        urls.url_parse  # noqa: B018


class Hook:
    """A finder that asks those behind it, as agents' hooks do."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:  # type: ignore[arg-type]
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


def test_asking_whether_a_gone_module_exists_is_no_error_behind_a_hook_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "meta_path", [Hook(), *sys.meta_path])
    test_asking_whether_a_gone_module_exists_is_no_error()


def test_asking_whether_a_gone_module_exists_is_no_error() -> None:
    assert importlib.util.find_spec("flask.ext") is None
    assert importlib.util.find_spec("werkzeug.contrib") is None
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module("werkzeug.contrib")
    assert caught.value.name == "werkzeug.contrib"


def test_what_is_written_instead_exists() -> None:
    from erlen.compat.missing import _INSTEAD

    for module, names in _INSTEAD.items():
        for name, text in names.items():
            if name == "*":
                assert target_of(module) is None
            else:
                assert name not in vars(importlib.import_module(module))
            dotted = text.partition(" ")[0].rstrip(",").partition("(")[0]
            home, _, attribute = dotted.rpartition(".")
            if home in sys.stdlib_module_names or home.startswith(("urllib", "werkzeug", "flask")):
                try:
                    owner = importlib.import_module(home)
                except ModuleNotFoundError:
                    parent, _, last = home.rpartition(".")
                    owner = getattr(importlib.import_module(parent), last)
                assert hasattr(owner, attribute), text


def test_private_names_have_no_advice_of_chance() -> None:
    # Many modules have something of this name, and none is what was meant.
    assert instead_of("flask.app", "_nothing") is None
    with pytest.raises(AttributeError):
        look_up("flask.app", "_nothing")


def test_star_imports_take_no_more_than_before() -> None:
    names: dict[str, object] = {}
    exec("from flask.app import *", names)
    assert "Flask" in names
    assert "request" not in names


def test_a_child_of_a_package_is_an_attribute_of_it() -> None:
    import werkzeug.datastructures
    import werkzeug.routing

    assert werkzeug.datastructures.structures.MultiDict is werkzeug.datastructures.MultiDict
    assert werkzeug.routing.map.Map is werkzeug.routing.Map
