"""Who gives a request another rule, or lets it say whose blueprints are its own: each step asks it
anew, so that the hooks of those blueprints run from there on.

What is expected is what Flask does.
"""

from __future__ import annotations

import pytest

from erlen import Blueprint, Erlen, Request, request, request_started


def make(way):
    """Two blueprints that tell what runs of them, and an application that has served."""
    app = Erlen("changed")
    app.seen = seen = []

    def telling(text, answer=None):
        def tell(*args):
            seen.append(text)
            return args[0] if answer == "first" else answer

        return tell

    for name in ("one", "two"):
        blueprint = Blueprint(name, name)
        view = way.colour(lambda name=name, **values: f"view {name} {values}")
        blueprint.add_url_rule(f"/{name}", "view", view)
        blueprint.url_value_preprocessor(telling(f"values {name}"))
        blueprint.before_request(way.colour(telling(f"before {name}")))
        blueprint.after_request(way.colour(telling(f"after {name}", "first")))
        blueprint.teardown_request(way.colour(telling(f"teardown {name}")))
        blueprint.errorhandler(KeyError)(way.colour(telling(f"handler {name}", f"handled {name}")))
        app.register_blueprint(blueprint)
    way.ask(app, "/one")
    assert seen == ["values one", "before one", "after one", "teardown one"]
    seen.clear()
    other = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "two.view")

    def move(first=None, *args):
        request.url_rule = other
        return first

    return app, move


BEGINS = ["values one", "before one"]
ENDS = ["after two", "teardown two"]


def test_before_all_hooks(way):
    app, move = make(way)
    with request_started.connected_to(lambda app: move(), app):
        assert way.ask(app, "/one").text == "view two {}"
    assert app.seen == ["values two", "before two", *ENDS]


def test_in_a_preprocessor(way):
    app, move = make(way)
    app.url_value_preprocessors[None].append(lambda endpoint, values: move())
    assert way.ask(app, "/one").text == "view two {}"
    assert app.seen == [*BEGINS, *ENDS]


def test_in_a_hook_before_the_view(way):
    app, move = make(way)
    app.before_request_funcs[None].append(way.colour(move))
    assert way.ask(app, "/one").text == "view two {}"
    assert app.seen == [*BEGINS, *ENDS]


def test_with_other_values(way):
    app, _ = make(way)

    def change():
        request.view_args = {"of": "a hook"}

    app.before_request_funcs[None].append(way.colour(change))
    assert way.ask(app, "/one").text == "view one {'of': 'a hook'}"


@pytest.mark.parametrize("hooks", [True, False])
def test_in_the_view(way, hooks):
    """With and without hooks of the rule that matched."""
    app, move = make(way)
    app.view_functions["one.view"] = way.colour(lambda: move("moved"))
    if not hooks:
        for table in (app.before_request_funcs, app.after_request_funcs):
            del table["one"]
        del app.teardown_request_funcs["one"]
    assert way.ask(app, "/one").text == "moved"
    assert app.seen == [*(BEGINS if hooks else BEGINS[:1]), *ENDS]


def test_in_a_view_that_fails(way):
    app, move = make(way)

    def view():
        move()
        raise KeyError

    app.view_functions["one.view"] = way.colour(view)
    assert way.ask(app, "/one").text == "handled two"
    assert app.seen == [*BEGINS, "handler two", *ENDS]


def test_in_an_error_handler(way):
    app, move = make(way)

    def view():
        raise KeyError

    app.view_functions["one.view"] = way.colour(view)
    app.error_handler_spec["one"][None][KeyError] = way.colour(lambda error: move("handled"))
    assert way.ask(app, "/one").text == "handled"
    assert app.seen == [*BEGINS, *ENDS]


def test_in_a_hook_behind_the_view(way):
    """Those that run behind the view are known by then."""
    app, move = make(way)
    app.after_request_funcs["one"].append(way.colour(move))
    assert way.ask(app, "/one").text == "view one {}"
    assert app.seen == [*BEGINS, "after one", "teardown two"]


def test_in_a_teardown_function(way):
    app, move = make(way)
    app.teardown_request_funcs["one"].append(way.colour(move))
    assert way.ask(app, "/one").text == "view one {}"
    assert app.seen == [*BEGINS, "after one", "teardown one"]


def test_where_the_methods_are_called(way):
    """As with an agent that wraps each of them."""
    app, move = make(way)
    for name in ("preprocess_request", "process_response", "do_teardown_request"):
        setattr(app, name, getattr(app, name))
    app.before_request_funcs[None].append(way.colour(move))
    assert way.ask(app, "/one").text == "view two {}"
    assert app.seen == [*BEGINS, *ENDS]


@pytest.mark.parametrize("name", ["blueprint", "blueprints", "endpoint"])
def test_by_a_class_of_requests(way, name):
    app, _ = make(way)
    own = {"blueprint": "two", "blueprints": ["two"], "endpoint": "two.view"}[name]
    app.request_class = type("Own", (Request,), {name: property(lambda self: own)})
    assert way.ask(app, "/one").text == "view one {}"
    assert app.seen == ["values two", "before two", *ENDS]


def test_by_a_class_that_is_changed_later(way, monkeypatch):
    app, _ = make(way)
    monkeypatch.setattr(Request, "blueprints", property(lambda self: ["two"]))
    way.ask(app, "/one")
    monkeypatch.undo()
    way.ask(app, "/one")
    own = [*BEGINS, "after one", "teardown one"]
    assert app.seen == ["values two", "before two", *ENDS, *own]


def test_names_that_a_client_chooses_are_not_kept(way):
    app, _ = make(way)
    app.request_class = type(
        "Own", (Request,), {"blueprints": property(lambda self: [self.args["name"]])}
    )
    for name in ("two", "x", "y", "z"):
        way.ask(app, f"/one?name={name}")
    named = {plan.named for plan in app._changes.desk.made.values()}
    assert named <= {None, ("two",)}
