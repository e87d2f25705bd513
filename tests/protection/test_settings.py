"""The settings of extensions, and what is derived from them."""

from __future__ import annotations

import pytest

from erlen import Erlen
from erlen.protection.settings import Derived, register

DEFAULTS = {"A": 1, "B": ()}


def test_defaults_stand_where_nothing_is_set():
    app, extension = Erlen(__name__), object()
    app.config["A"] = 2
    register(app, "erlen.test", extension, DEFAULTS)
    assert (app.config["A"], app.config["B"]) == (2, ())
    assert app.extensions["erlen.test"] is extension


def test_an_application_has_one():
    app = Erlen(__name__)
    register(app, "erlen.test", object(), DEFAULTS)
    with pytest.raises(RuntimeError, match=r"has its object already: call object\(app\)"):
        register(app, "erlen.test", object(), DEFAULTS)


def test_it_is_made_once_for_each_set_of_settings():
    made = []

    def make(settings):
        made.append(settings)
        return len(made)

    derived = Derived(DEFAULTS, make)
    config = {"A": 1, "B": ["x"], "other": 0}
    assert (derived.of(config), derived.of(config)) == (1, 1)
    # Changed in place.
    config["B"].append("y")
    assert (derived.of(config), derived.of(dict(config))) == (2, 2)
    assert made[1] == {"A": 1, "B": ["x", "y"]}
