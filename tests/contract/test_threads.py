"""Many threads ask at once for what is made at first use, and others change the application."""

from __future__ import annotations

import sys
import threading

import pytest

from erlen import Blueprint, Erlen, abort, g, render_template_string, session, url_for
from erlen.routing import Rule

THREADS = 16
PATHS = ["/", "/part/7", "/part/json", "/part/missing", "/broken", "/nowhere"]


@pytest.fixture(autouse=True)
def _switch_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def make(way):
    app = Erlen("threads")
    app.secret_key = "key"
    part = Blueprint("part", "threads", url_prefix="/part")

    @app.before_request
    def before():
        g.seen = ["app"]

    @part.before_request
    def before_part():
        g.seen.append("part")

    @app.context_processor
    def values():
        return {"seen": " ".join(g.seen)}

    @app.errorhandler(ZeroDivisionError)
    def handle(error):
        return "handled", 500

    @part.errorhandler(404)
    def handle_part(error):
        return f"no such part {' '.join(g.seen)}", 404

    def index():
        session["n"] = 1
        return render_template_string("{{ seen }} {{ url_for('part.item', n=1) }}")

    app.add_url_rule("/", "index", way.colour(index))
    app.add_url_rule("/broken", "broken", way.colour(lambda: 1 / 0))
    part.add_url_rule("/<int:n>", "item", way.colour(lambda n: url_for(".item", n=n + 1)))
    part.add_url_rule("/json", "json", way.colour(lambda: {"seen": g.seen}))
    part.add_url_rule("/missing", "missing", way.colour(lambda: abort(404)))
    app.register_blueprint(part)
    return app


def at_once(threads, work):
    """``work(n)`` in many threads, which begin together."""
    together = threading.Barrier(THREADS)

    def begin(n):
        together.wait(30)
        work(n)

    threads(THREADS, begin)


def answer(way, app, path):
    answer = way.ask(app, path)
    return answer.status, answer.text


def names(answer):
    return {name.lower() for name, _ in answer.headers}


def test_first_requests(way, threads):
    alone = make(way)
    expected = {path: answer(way, alone, path) for path in PATHS}
    assert [status for status, _ in expected.values()] == [200, 200, 200, 404, 500, 404]
    for _ in range(5):
        app = make(way)

        def ask(n, app=app):
            # Each begins with another one.
            for path in (PATHS * 2)[n % len(PATHS) :][: len(PATHS)]:
                assert answer(way, app, path) == expected[path]

        at_once(threads, ask)


def test_what_is_added_meanwhile_is_seen_by_the_next_request(way, threads):
    """Whoever has added something finds it, and nothing that another one added is lost."""
    for _ in range(3):
        app = make(way)
        expected = answer(way, app, "/part/7")

        def change(n, app=app, expected=expected):
            def sign(response):
                response.headers[f"x-{n}"] = "signed"
                return response

            app.after_request_funcs.setdefault("part", []).append(sign)
            assert f"x-{n}" in names(way.ask(app, "/part/7"))
            app.after_request_funcs[f"other {n}"].append(sign)
            for rule in (f"/part/added/{n}", f"/added/<int:x>/{n}", f"/added/<x>/<y>/{n}"):
                app.view_functions[rule] = way.colour(lambda **values: f"{n} {values}")
                app.url_map.add(Rule(rule, endpoint=rule))
                assert answer(way, app, "/part/7") == expected
            assert answer(way, app, f"/part/added/{n}") == (200, f"{n} {{}}")
            assert answer(way, app, f"/added/1/{n}") == (200, f"{n} {{'x': 1}}")
            assert answer(way, app, f"/added/1/2/{n}") == (200, f"{n} {{'x': '1', 'y': '2'}}")
            app.jinja_env.globals[f"added_{n}"] = n

        at_once(threads, change)
        signed = names(way.ask(app, "/part/7"))
        assert [n for n in range(THREADS) if f"x-{n}" not in signed] == []
        assert [n for n in range(THREADS) if f"added_{n}" not in app.jinja_env.globals] == []


def test_tables_that_tell_of_no_change(way, threads):
    """An extension may have put its own lists and dictionaries there."""
    app = make(way)
    app.before_request_funcs = {None: list(app.before_request_funcs[None])}
    app.teardown_request_funcs[None] = [lambda error: None]

    def change(n):
        for k in range(20):
            app.before_request_funcs.setdefault(f"scope {n} {k}", []).append(lambda: None)
            app.teardown_request_funcs.setdefault(f"scope {n} {k}", []).append(lambda error: None)
            assert answer(way, app, "/") == (200, "app /part/1")

    at_once(threads, change)


def test_what_is_made_once_is_the_same_for_all(threads):
    for _ in range(20):
        app = Erlen("threads")
        found = []
        at_once(threads, lambda n, app=app, found=found: found.append(app.jinja_env))
        assert len(set(map(id, found))) == 1


def test_applications_are_made_while_their_class_changes(threads):
    class App(Erlen):
        pass

    made = []

    def work(n):
        for k in range(20):
            if n % 2:
                made.append(App("threads"))
            else:
                App.something = k

    at_once(threads, work)
    assert len(made) == THREADS // 2 * 20
