"""Hook tables and settings are changed in place, at any time, by any thread: the next request sees
it."""

from __future__ import annotations

import threading

import pytest

from erlen import Blueprint, Erlen, current_app, request, session, url_for


def make(way):
    app = Erlen("tables")
    app.secret_key = "test"
    app.extensions["calls"] = []

    @app.route("/")
    @way.colour
    def index():
        return "index"

    part = Blueprint("part", __name__, url_prefix="/part")
    part.add_url_rule("/", "index", way.colour(lambda: "part"))
    app.register_blueprint(part)
    for path in ("/", "/part/", "/nowhere"):
        way.ask(app, path)
    return app


# What each operation leaves of [a, b], with c as something new.
OPERATIONS = {
    "append": (lambda table, a, b, c: table.append(c), "abc"),
    "insert": (lambda table, a, b, c: table.insert(0, c), "cab"),
    "extend": (lambda table, a, b, c: table.extend([c]), "abc"),
    "iadd": (lambda table, a, b, c: table.__iadd__([c]), "abc"),
    "imul": (lambda table, a, b, c: table.__imul__(2), "abab"),
    "remove": (lambda table, a, b, c: table.remove(a), "b"),
    "pop": (lambda table, a, b, c: table.pop(), "a"),
    "clear": (lambda table, a, b, c: table.clear(), ""),
    "reverse": (lambda table, a, b, c: table.reverse(), "ba"),
    "sort": (lambda table, a, b, c: table.sort(key=lambda f: f.letter, reverse=True), "ba"),
    "set item": (lambda table, a, b, c: table.__setitem__(0, c), "cb"),
    "set slice": (lambda table, a, b, c: table.__setitem__(slice(0, 2), [c]), "c"),
    "delete item": (lambda table, a, b, c: table.__delitem__(0), "b"),
    "delete slice": (lambda table, a, b, c: table.__delitem__(slice(0, 2)), ""),
}
# The table, and the path of its scope.
TABLES = [
    ("before_request_funcs", None, "/"),
    ("before_request_funcs", "part", "/part/"),
    ("before_request_funcs", None, "/nowhere"),
    ("after_request_funcs", None, "/"),
    ("teardown_request_funcs", None, "/"),
    ("url_value_preprocessors", None, "/"),
]


def hooks_of(way, calls, takes_values):
    def hook_of(letter):
        def hook(*args):
            calls.append(letter)
            return args[0] if letter and len(args) == 1 and hasattr(args[0], "headers") else None

        # URL values are looked at by synchronous functions alone.
        hook = hook if takes_values else way.colour(hook)
        hook.letter = letter
        return hook

    return [hook_of(letter) for letter in "abc"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("table", "scope", "path"), TABLES)
def test_a_list_is_changed(way, table, scope, path, operation):
    app = make(way)
    calls = app.extensions["calls"]
    a, b, c = hooks_of(way, calls, table == "url_value_preprocessors")
    getattr(app, table)[scope] = [a, b]
    way.ask(app, path)
    outward = table in ("after_request_funcs", "teardown_request_funcs")
    assert "".join(calls) == ("ba" if outward else "ab")
    calls.clear()
    change, left = OPERATIONS[operation]
    change(getattr(app, table)[scope], a, b, c)
    for _ in range(2):
        way.ask(app, path)
        assert "".join(calls) == (left[::-1] if outward else left)
        calls.clear()


DICTIONARY = {
    "set item": (lambda table, new: table.__setitem__(None, new), "c"),
    "delete item": (lambda table, new: table.__delitem__(None), ""),
    "pop": (lambda table, new: table.pop(None), ""),
    "popitem": (lambda table, new: table.popitem(), ""),
    "clear": (lambda table, new: table.clear(), ""),
    "update": (lambda table, new: table.update({None: new}), "c"),
    "ior": (lambda table, new: table.__ior__({None: new}), "c"),
    "setdefault": (lambda table, new: table.setdefault(None, new), "ab"),
}


@pytest.mark.parametrize("operation", DICTIONARY)
def test_a_dictionary_is_changed(way, operation):
    app = make(way)
    calls = app.extensions["calls"]
    a, b, c = hooks_of(way, calls, False)
    app.before_request_funcs[None] = [a, b]
    way.ask(app)
    calls.clear()
    change, left = DICTIONARY[operation]
    change(app.before_request_funcs, [c])
    for _ in range(2):
        way.ask(app)
        assert "".join(calls) == left
        calls.clear()


def test_a_list_that_somebody_kept_is_changed(way):
    """The very list that was put into the table goes on being the table's."""
    app = make(way)
    calls = app.extensions["calls"]
    a, b, _ = hooks_of(way, calls, False)
    mine = [a]
    app.before_request_funcs[None] = mine
    way.ask(app)
    mine.append(b)
    calls.clear()
    way.ask(app)
    assert calls == ["a", "b"]


def test_a_table_that_was_replaced_is_changed(way):
    app = make(way)
    calls = app.extensions["calls"]
    a, b, c = hooks_of(way, calls, False)
    app.before_request_funcs = {None: [a]}
    way.ask(app)
    app.before_request_funcs[None].append(b)
    way.ask(app)
    app.before_request_funcs[None] = [c]
    way.ask(app)
    assert calls == ["a", "a", "b", "c"]


def test_a_list_taken_out_early_is_changed(way):
    """What ``setdefault`` gave, or a missing key, is the table's list from then on."""
    app = make(way)
    calls = app.extensions["calls"]
    a = hooks_of(way, calls, False)[0]
    early = app.before_request_funcs[None]
    kept = app.after_request_funcs.setdefault(None, [])
    way.ask(app)
    early.append(a)
    kept.append(way.colour(lambda response: calls.append("after") or response))
    way.ask(app)
    assert calls == ["a", "after"]


def test_teardowns_of_the_application_context(way):
    app = make(way)
    calls = app.extensions["calls"]
    for n in range(3):
        app.teardown_appcontext_funcs.append(way.colour(lambda error, n=n: calls.append(n)))
        way.ask(app)
    assert calls == [0, 1, 0, 2, 1, 0]


def test_error_handlers(way):
    app = make(way)
    app.logger.disabled = True
    app.view_functions["fail"] = way.colour(lambda: 1 / 0)
    app.url_map.add(app.url_rule_class("/fail", endpoint="fail"))
    assert way.ask(app, "/fail").status == 500
    app.error_handler_spec[None][None][ZeroDivisionError] = way.colour(lambda error: "handled")
    assert way.ask(app, "/fail").text == "handled"
    app.error_handler_spec[None][None][ArithmeticError] = way.colour(lambda error: "wider")
    del app.error_handler_spec[None][None][ZeroDivisionError]
    assert way.ask(app, "/fail").text == "wider"
    app.error_handler_spec[None][None].clear()
    assert way.ask(app, "/fail").status == 500


@pytest.mark.parametrize("where", ["in place", "a handler of the class of errors"])
def test_handlers_of_http_errors(way, where, flask_name):
    app = make(way)
    NotFound = flask_name("werkzeug.exceptions.NotFound")
    assert way.ask(app, "/nowhere").status == 404
    code = 404 if where == "in place" else None
    app.error_handler_spec[None][code][NotFound] = way.colour(lambda error: ("mine", 410))
    assert way.ask(app, "/nowhere").status == 410


def test_views(way):
    app = make(way)
    app.view_functions["index"] = way.colour(lambda: "another")
    assert way.ask(app).text == "another"
    app.view_functions.update(index=lambda: "a synchronous one")
    assert way.ask(app).text == "a synchronous one"

    async def one():
        return "an async one"

    app.view_functions["index"] = one
    assert way.ask(app).text == "an async one"


def test_rules(way):
    app = make(way)
    assert way.ask(app, "/new").status == 404
    app.url_map.add(app.url_rule_class("/new", endpoint="new"))
    app.view_functions["new"] = way.colour(lambda: "new")
    assert way.ask(app, "/new").text == "new"


def test_what_url_for_asks(way):
    app = make(way)
    app.view_functions["index"] = way.colour(lambda: url_for("part.index"))
    assert way.ask(app).text == "/part/"
    app.url_default_functions[None].append(lambda endpoint, values: values.update(a=1))
    assert way.ask(app).text == "/part/?a=1"
    app.view_functions["index"] = way.colour(lambda: url_for("nothing"))
    app.url_build_error_handlers.append(lambda error, endpoint, values: "/built")
    assert way.ask(app).text == "/built"


def test_what_templates_see(way):
    from erlen import render_template_string

    app = make(way)
    app.view_functions["index"] = way.colour(lambda: render_template_string("{{ a }}"))
    assert way.ask(app).text == ""
    app.template_context_processors[None].append(lambda: {"a": 1})
    assert way.ask(app).text == "1"


# -- settings --------------------------------------------------------------------------------


def test_settings(way):
    app = make(way)

    @way.colour
    def index():
        session["a"] = 1
        return f"{current_app.config['OWN']} {request.host}"

    app.view_functions["index"] = index
    app.config["OWN"] = 1
    assert way.ask(app).text == "1 localhost"
    app.config.update(OWN=2)
    assert way.ask(app).text == "2 localhost"
    app.config["TRUSTED_HOSTS"] = ["other.test"]
    assert way.ask(app).status == 400
    app.config["TRUSTED_HOSTS"].append("localhost")
    assert way.ask(app).status == 200
    app.config.pop("TRUSTED_HOSTS")
    app.config.setdefault("TRUSTED_HOSTS", None)
    assert way.ask(app).status == 200
    app.config |= {"SESSION_COOKIE_NAME": "renamed"}
    assert way.ask(app).get("Set-Cookie").startswith("renamed=")
    app.config.from_mapping(SESSION_COOKIE_HTTPONLY=False)
    assert "HttpOnly" not in way.ask(app).get("Set-Cookie")
    app.config["MAX_CONTENT_LENGTH"] = 3
    app.view_functions["index"] = way.colour(lambda: request.get_data())
    app.url_map.add(app.url_rule_class("/", endpoint="index", methods=["POST"]))
    assert way.ask(app, "/", "POST", b"long").status == 413
    app.config["MAX_CONTENT_LENGTH"] = 4
    assert way.ask(app, "/", "POST", b"long").status == 200


def test_settings_that_change_what_an_error_is(way):
    from erlen import abort

    app = make(way)
    app.logger.disabled = True
    app.view_functions["index"] = way.colour(lambda: abort(418))
    assert way.ask(app).status == 418
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    assert way.ask(app).status == 500
    app.config["PROPAGATE_EXCEPTIONS"] = True
    assert way.serve(app).error is not None
    app.config["PROPAGATE_EXCEPTIONS"] = None
    app.testing = True
    assert way.serve(app).error is not None
    app.testing = False
    app.config["TRAP_HTTP_EXCEPTIONS"] = False
    assert way.ask(app).status == 418


def test_attributes_that_a_request_depends_on(way, flask_name):
    from erlen import Request, Response

    app = make(way)
    app.view_functions["index"] = way.colour(lambda: type(request._get_current_object()).__name__)
    app.request_class = type("OwnRequest", (Request,), {})
    assert way.ask(app).text == "OwnRequest"
    app.response_class = type("OwnResponse", (Response,), {"default_status": 203})
    assert way.ask(app).status == 203
    interface = flask_name("flask.sessions.SecureCookieSessionInterface")

    class Own(interface):
        def open_session(self, app, request):
            opened = super().open_session(app, request)
            opened["own"] = 1
            return opened

    app.session_interface = Own()
    app.view_functions["index"] = way.colour(lambda: str(session["own"]))
    assert way.ask(app).text == "1"

    class Globals(flask_name("flask.ctx._AppCtxGlobals")):
        mark = "own g"

    app.app_ctx_globals_class = Globals
    from erlen import g

    app.view_functions["index"] = way.colour(lambda: g.mark)
    assert way.ask(app).text == "own g"


# -- while others send requests --------------------------------------------------------------

CHANGES = 60


@pytest.mark.parametrize("what", ["hooks", "views", "settings", "overrides", "classes", "handlers"])
def test_every_change_is_seen_by_the_next_request(way, threads, what):
    """A thread changes the application while eight others send requests."""
    app = make(way)
    app.logger.disabled = True
    published = [0]
    done = threading.Event()

    def versions(n):
        """Changes the application so that its answers tell ``n``."""
        if what == "hooks":
            app.before_request_funcs[None].append(way.colour(lambda: str(n)))
            del app.before_request_funcs[None][:-1]
        elif what == "views":
            app.view_functions["index"] = way.colour(lambda: str(n))
        elif what == "settings":
            app.config["SESSION_COOKIE_NAME"] = f"v{n}"
        elif what == "overrides":
            app.make_response = lambda rv: app.response_class(str(n))
        elif what == "classes":
            app.response_class = type(
                "Own", (Erlen.response_class,), {"default_mimetype": f"v/{n}"}
            )
        else:
            app.error_handler_spec[None][404][NotFound] = way.colour(lambda error: (str(n), 200))

    NotFound = app.aborter_class().mapping[404]

    def told(answer):
        if what == "settings":
            return int(answer.get("Set-Cookie").partition("=")[0][1:])
        if what == "classes":
            return int(answer.get("Content-Type").partition("/")[2].partition(";")[0])
        return int(answer.text)

    if what == "settings":

        def index():
            session["a"] = 1
            return "index"

        app.view_functions["index"] = way.colour(index)
    path = "/nowhere" if what == "handlers" else "/"
    versions(0)
    asked = [0] * 8

    def change():
        for n in range(1, CHANGES + 1):
            versions(n)
            # From here on, every request that begins has to see it.
            published[0] = n
            # Some requests of each change, and many changes of each request.
            if n % 10 == 0:
                before = list(asked)
                while any(now == then for now, then in zip(asked, before, strict=True)):
                    if failed:
                        return
                    done.wait(0.001)
        done.set()

    failed = []

    def ask(number):
        while not done.is_set() and not failed:
            at_least = published[0]
            try:
                found = told(way.ask(app, path))
                assert found >= at_least, f"{found} was told after {at_least}"
            except BaseException:
                failed.append(number)
                raise
            asked[number] += 1

    threads(9, lambda n: change() if n == 8 else ask(n))
    assert told(way.ask(app, path)) == CHANGES


def test_hooks_that_are_added_while_others_send_requests_are_all_there(way, threads):
    app = make(way)
    calls = app.extensions["calls"]
    stop = threading.Event()

    def change():
        try:
            for n in range(100):
                app.teardown_request_funcs[None].append(lambda error, n=n: calls.append(n))
                app.config[f"OWN_{n}"] = n
        finally:
            stop.set()

    def ask():
        while not stop.is_set():
            way.ask(app)

    threads(9, lambda n: change() if n == 8 else ask())
    calls.clear()
    way.ask(app)
    assert calls == list(range(99, -1, -1))
