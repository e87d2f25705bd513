"""Template strings (``t"…"``) as answers: their values are text, whatever is in them."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from erlen import Blueprint, Erlen, Response, abort, make_response, request
from erlen.templating.template_strings import html_of
from erlen.views import MethodView

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 14), reason="Python has template strings since 3.14"
)

EVIL = """<script>alert("1" + '2' & 3)</script>"""
SAFE = "&lt;script&gt;alert(&#34;1&#34; + &#39;2&#39; &amp; 3)&lt;/script&gt;"


def t(source, **names):
    """``t"source"`` with the names; its syntax is an error before 3.14."""
    return eval(f"t{source!r}", names)


class Html:
    """Markup of somebody's own."""

    def __init__(self, text="<hr>"):
        self.text = text

    def __html__(self):
        return self.text

    def __str__(self):
        return EVIL

    __repr__ = __str__


class Formatted(Html):
    def __html_format__(self, wanted):
        return f"<i>{wanted}</i>"


class Evil:
    """Text in all its forms."""

    def __str__(self):
        return EVIL

    __repr__ = __str__

    def __format__(self, wanted):
        return f"{wanted}{EVIL}"


class EvilText(str):
    def __str__(self):
        return EVIL

    def __format__(self, wanted):
        return EVIL


@pytest.mark.parametrize(
    ("source", "value", "html"),
    [
        # What the template itself says is HTML, and a value is text.
        ("<p class=\"a\">{x}</p> &amp; 'b'", EVIL, f"<p class=\"a\">{SAFE}</p> &amp; 'b'"),
        ("{x}{x}", EVIL, SAFE * 2),
        ("", None, ""),
        ("{{x}} {x}", 1, "{x} 1"),
        ("{x}", None, "None"),
        ("{x}", [EVIL], None),
        ("{x}", (Markup("<b>"),), None),
        ("{x}", {"<b>": EVIL}, None),
        ("{x}", Evil(), SAFE),
        ("{x}", EVIL.encode(), None),
        ("{x}", ValueError(EVIL), SAFE),
        # A value is no template, whatever it looks like.
        ("{x}", "{x} {{ 7 * 7 }} {request}", "{x} {{ 7 * 7 }} {request}"),
        # Conversions come before, so that what they give is text.
        ("{x!r}", EVIL, None),
        ("{x!a}", "<é>", "&#39;&lt;\\xe9&gt;&#39;"),
        ("{x!s}", Evil(), SAFE),
        ("{x!r}", Evil(), SAFE),
        ("{x!s}", Markup("<b>"), "&lt;b&gt;"),
        ("{x!r}", Markup("<b>"), "Markup(&#39;&lt;b&gt;&#39;)"),
        ("{x!s}", Html(), SAFE),
        ("{x=}", "<", "x=&#39;&lt;&#39;"),
        # So do formats, and the width is that of the text.
        ("{x:>4}", "<", "   &lt;"),
        ("{x:<<4}", "a", "a&lt;&lt;&lt;"),
        ("{x:<b>}", Evil(), f"&lt;b&gt;{SAFE}"),
        ("{x!r:>5}", "<", "  &#39;&lt;&#39;"),
        ("{x:{chr(60)}>3}", "a", "&lt;&lt;a"),
        ("{x:,.2f}", 1234.5, "1,234.50"),
        ("{x!s:>9}", Markup("<b>"), "      &lt;b&gt;"),
        # What says that it is HTML is HTML, as in a template of Jinja's.
        ("{x}", Markup("<b>bold</b>"), "<b>bold</b>"),
        ("{x}", Html(), "<hr>"),
        ("{x}", Formatted(), "<hr>"),
        ("{x:wide}", Formatted(), "<i>wide</i>"),
    ],
)
def test_values_are_escaped_as_jinja_does(source, value, html):
    if html is None:
        html = escape(repr(value))
    assert html_of(t(source, x=value)) == html
    if source == "{x}":
        app = Erlen(__name__)
        assert app.jinja_env.from_string("{{ x }}").render(x=value) == html


def test_templates_among_the_values_are_html_and_their_values_are_text():
    inner = t("<li>{x}</li>", x=EVIL)
    assert html_of(t("<ul>{x}</ul>", x=inner)) == f"<ul><li>{SAFE}</li></ul>"
    assert html_of(t("{x}", x=t("{y}", y=t("<b>{z}</b>", z="<")))) == "<b>&lt;</b>"
    # Several are one by addition.
    items = sum((t("<li>{x}</li>", x=x) for x in "<>"), t(""))
    assert html_of(t("<ul>{x}</ul>", x=items)) == "<ul><li>&lt;</li><li>&gt;</li></ul>"
    # A list of them is a list, and its text is text; so is what a conversion makes of one.
    for source in ("{[x]}", "{x!r}", "{x!s}", "{x!s:>9}"):
        html = html_of(t(source, x=inner))
        assert "<" not in html
        assert "Template(" in html
    with pytest.raises(TypeError, match="format"):
        html_of(t("{x:>9}", x=inner))


def test_a_text_with_a_str_of_its_own_gives_no_markup():
    for source in ("{x}", "{x!s}", "{x!r}", "{x:>3}", "{x!s:>3}"):
        assert "<script" not in html_of(t(source, x=EvilText("<b>")))


def test_html_is_formatted_by_who_knows_how():
    with pytest.raises(ValueError, match=r"\{x:>9\} cannot be formatted: Html .* \{x!s:>9\}"):
        html_of(t("{x:>9}", x=Html()))
    with pytest.raises(ValueError, match="format"):
        html_of(t("{x:>9}", x=Markup("<b>")))


@given(st.text(), st.sampled_from(["{x}", "{x!s}", "{x!r}", "{x!a}", "{x:>20}", "{x!r:<3}"]))
def test_no_text_leaves_its_place(text, source):
    html = html_of(t(f'<a title="{source}">', x=text))
    inside = html.removeprefix('<a title="').removesuffix('">')
    assert not set(inside) & set("<>\"'")
    assert inside.count("&") == len(re.findall("&(?:amp|lt|gt|#34|#39);", inside))


@pytest.fixture(params=["wsgi", "asgi"])
def interface(request, monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)


@pytest.fixture
def client(interface):
    app = Erlen(__name__)
    part = Blueprint("part", __name__)

    @app.route("/")
    def index():
        return t("<p>{x}</p>", x=request.args["x"])

    @app.route("/async")
    async def asynchronous():
        return t("<p>{x}</p>", x=request.args["x"])

    @app.route("/tuple")
    def with_status():
        return t("<p>{x}</p>", x=request.args["x"]), 201, {"X-A": "1"}

    @app.route("/made")
    def made():
        response = make_response(t("<p>{x}</p>", x=request.args["x"]), 202)
        response.headers["X-A"] = "2"
        return response

    class View(MethodView):
        def get(self):
            return t("<p>{x}</p>", x=request.args["x"])

    app.add_url_rule("/class", view_func=View.as_view("class"))

    @part.before_request
    def instead():
        return t("<b>{x}</b>", x=request.args["x"])

    part.add_url_rule("/hook", "hook", lambda: "not reached")
    app.register_blueprint(part)

    @app.route("/missing")
    def missing():
        abort(404, request.args["x"])

    @app.errorhandler(404)
    def not_found(error):
        return t("<h1>{x}</h1>", x=error.description), 404

    @app.route("/fails")
    def fails():
        return t("{x:>9}", x=Html())

    return app.test_client()


@pytest.mark.parametrize(
    ("path", "status", "html"),
    [
        ("/", 200, "<p>{}</p>"),
        ("/async", 200, "<p>{}</p>"),
        ("/tuple", 201, "<p>{}</p>"),
        ("/made", 202, "<p>{}</p>"),
        ("/class", 200, "<p>{}</p>"),
        ("/hook", 200, "<b>{}</b>"),
        ("/missing", 404, "<h1>{}</h1>"),
    ],
)
def test_whatever_answers_may_return_one(client, path, status, html):
    answer = client.get(path, query_string={"x": EVIL})
    assert answer.status_code == status
    assert answer.text == html.format(SAFE)
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.content_length == len(answer.data)
    assert client.head(path, query_string={"x": EVIL}).data == b""


def test_what_fails_in_one_is_an_error_of_the_view(client):
    assert client.get("/fails").status_code == 500


def test_a_response_class_of_the_applications_is_used():
    from erlen import Response

    class Page(Response):
        default_mimetype = "application/xhtml+xml"

    app = Erlen(__name__)
    app.response_class = Page
    app.add_url_rule("/", "index", lambda: t("<p/>"))
    answer = app.test_client().get("/")
    assert (answer.mimetype, answer.text) == ("application/xhtml+xml", "<p/>")


def test_a_response_of_one_says_who_makes_html_of_it():
    response = Response(t("<p>{name}</p>", name=EVIL))
    with pytest.raises(TypeError, match=r"give it to make_response\(\)") as failed:
        response.get_data()
    assert EVIL not in str(failed.value)
    with Erlen("app").app_context():
        response = make_response(t("<p>{name}</p>", name=EVIL))
    assert response.get_data(as_text=True) == f"<p>{SAFE}</p>"
