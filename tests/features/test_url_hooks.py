"""Building URLs: who overrides a method or registers a function is called."""

from __future__ import annotations

import pytest

from erlen import Blueprint, Erlen, current_app, g, render_template_string, url_for
from erlen.routing import BuildError


def ask(app, path="/ask", **options):
    """What a view and a template build; the first request is not yet taken down the short way."""
    client = app.test_client()
    [text] = {client.get(path, **options).text for _ in range(3)}
    return text


def with_page(app, **values):
    app.add_url_rule("/page/<int:n>", "page", lambda n: "")

    @app.get("/ask")
    def asking():
        built = url_for("page", **values)
        assert (
            render_template_string("{{ url_for('page', **values)|safe }}", values=values) == built
        )
        assert current_app.url_for("page", **values) == built
        return built

    return app


def test_inject_url_defaults_of_a_subclass():
    class App(Erlen):
        def inject_url_defaults(self, endpoint, values):
            values.setdefault("lang", endpoint)
            super().inject_url_defaults(endpoint, values)

    app = with_page(App("x"), n=1)

    @app.url_defaults
    def more(endpoint, values):
        values["more"] = values["lang"]

    assert ask(app) == "/page/1?lang=page&more=page"


def test_inject_url_defaults_of_an_instance():
    app = with_page(Erlen("x"), n=1)
    assert ask(app) == "/page/1"
    app.inject_url_defaults = lambda endpoint, values: values.update(n=2)
    assert ask(app) == "/page/2"
    del app.inject_url_defaults
    assert ask(app) == "/page/1"


def test_url_for_of_a_subclass_and_of_an_instance():
    class App(Erlen):
        def url_for(self, endpoint, **values):
            return f"{super().url_for(endpoint, **values)}?v=1"

    app = with_page(App("x"), n=1)
    assert ask(app) == "/page/1?v=1"
    app.url_for = lambda endpoint, **values: f"/own/{endpoint}"
    app.jinja_env.globals["url_for"] = app.url_for
    assert ask(app) == "/own/page"


def test_functions_that_come_later():
    app = with_page(Erlen("x"), n=1)
    assert ask(app) == "/page/1"
    app.url_default_functions[None].append(lambda endpoint, values: values.update(a=2))
    assert ask(app) == "/page/1?a=2"
    app.url_default_functions[None].clear()
    assert ask(app) == "/page/1"


def test_functions_of_blueprints():
    app = with_page(Erlen("x"), n=1)
    shop = Blueprint("shop", __name__, url_prefix="/<lang>")
    cart = Blueprint("cart", __name__, url_prefix="/cart")

    @shop.url_value_preprocessor
    def take(endpoint, values):
        g.lang = values.pop("lang")

    @shop.url_defaults
    def give(endpoint, values):
        values.setdefault("lang", g.lang)

    @cart.url_defaults
    def count(endpoint, values):
        # Those of the blueprint around it come first.
        values["n"] = values["lang"]

    @cart.get("/<int:id>")
    def item(id):
        return (
            f"{url_for('.item', id=id)} {url_for('page', n=1)} {url_for('.item', id=1, lang='fr')}"
        )

    shop.register_blueprint(cart)
    app.register_blueprint(shop)
    assert ask(app, "/de/cart/7") == "/de/cart/7?n=de /page/1 /fr/cart/1?n=fr"


def test_functions_are_called_once_for_each_url():
    app = Erlen("x")
    app.add_url_rule("/page/<int:n>", "page", lambda n: "")
    called = []
    app.url_default_functions[None].append(lambda endpoint, values: called.append(endpoint))

    @app.get("/ask")
    def asking():
        with pytest.raises(BuildError):
            url_for("page")
        with pytest.raises(ValueError):
            url_for("page", n="x")
        return url_for("page", n=3)

    assert ask(app) == "/page/3"
    assert called == ["page"] * 9


def test_errors_go_to_their_handlers():
    class App(Erlen):
        def handle_url_build_error(self, error, endpoint, values):
            return f"{super().handle_url_build_error(error, endpoint, values)}!"

    app = App("x")
    app.add_url_rule("/page/<int:n>", "page", lambda n: "")
    app.url_build_error_handlers.append(lambda error, endpoint, values: f"/help/{values['q']}")
    app.add_url_rule("/ask", "ask", lambda: url_for("page", q=1))
    assert ask(app) == "/help/1!"


def test_an_application_context_of_another_class():
    class App(Erlen):
        def app_context(self):
            context = super().app_context()
            context.url_adapter = self.url_map.bind("job.example", "/jobs")
            return context

    app = with_page(App("x"), n=1)
    with app.app_context():
        assert url_for("page", n=1) == "http://job.example/jobs/page/1"
        assert url_for("page", n=1, _external=False) == "/jobs/page/1"


def test_a_request_context_of_another_class():
    from erlen.context.contexts import RequestContext

    class Context(RequestContext):
        @property
        def url_adapter(self):
            return self.app.url_map.bind("other.example", "/there", path_info="/ask")

    class App(Erlen):
        def request_context(self, environ):
            return Context(self, environ)

    assert ask(with_page(App("x"), n=1)) == "/there/page/1"
    assert ask(with_page(App("x"), n=1, _external=True)) == "http://other.example/there/page/1"


def test_a_host_that_is_not_trusted_is_in_no_url():
    app = Erlen("x")
    app.config["TRUSTED_HOSTS"] = ["good.example"]
    app.add_url_rule("/ask", "ask", lambda: url_for("ask", _external=True))

    @app.errorhandler(400)
    def refused(error):
        with pytest.raises(RuntimeError):
            url_for("ask", _external=True)
        return "refused", 400

    client = app.test_client()
    for _ in range(3):
        good = client.get("/ask", headers={"Host": "good.example"})
        assert good.text == "http://good.example/ask"
        assert client.get("/ask", headers={"Host": "bad.example"}).text == "refused"


def test_the_configuration_may_change():
    app = Erlen("x")
    app.add_url_rule("/ask", "ask", lambda: url_for("ask", _external=True))
    assert ask(app) == "http://localhost/ask"
    app.config["SERVER_NAME"] = "example.org"
    assert ask(app, base_url="http://localhost") == "http://example.org/ask"
    app.config["SERVER_NAME"] = None
    assert ask(app) == "http://localhost/ask"
