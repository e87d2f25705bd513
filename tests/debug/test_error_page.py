"""What the page of an error shows, on both interfaces, and that nothing keeps it from that."""

from __future__ import annotations

import html
import itertools
import json
import os
import re
import sys
import threading
import time
from html.parser import HTMLParser
from typing import Any

import pytest

from erlen import Erlen, g, session
from erlen.debug import frames as frames_module


@pytest.fixture
def app() -> Erlen:
    app = Erlen("app")
    app.debug = True
    app.secret_key = "k" * 20
    return app


class Outline(HTMLParser):
    """Which tags a page has, and that each is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def frames(page: str) -> list[tuple[str, bool, str]]:
    """Kind, openness and function of each frame, as they stand on the page."""
    found = re.findall(
        r'<details class="frame (\w+)" id="frame-\d+"( open)?><summary>'
        r'<code class="function">(.*?)</code>',
        page,
    )
    return [(kind, bool(opened), name) for kind, opened, name in found]


def rows(page: str) -> dict[str, str]:
    found = re.findall('<th scope="row">(.*?)</th><td><pre>(.*?)</pre>', page, re.DOTALL)
    return {html.unescape(name): html.unescape(text) for name, text in found}


def test_their_frames_come_first_and_open(app: Erlen, interface: Any) -> None:
    def inner(text: str) -> Any:
        return json.loads(text)

    @app.get("/")
    def view() -> Any:
        return inner("{nope")

    page = interface.ask(app).text
    shown = frames(page)
    assert shown[:2] == [("mine", True, "inner"), ("mine", True, "view")]
    # Those of libraries are behind, each folded, in what is folded itself.
    assert len(shown) > 5
    assert all(kind == "library" and not opened for kind, opened, _ in shown[2:])
    assert {"loads", "walk"} <= {name for _, _, name in shown[2:]}
    whole = page.index('<details class="whole"><summary>')
    assert page.index('class="frame mine"') < whole < page.index('class="frame library"')
    assert "return <mark>json.loads(text)</mark>" in page
    Outline(page)


def test_the_title_and_the_head_say_the_error(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        raise LookupError("no <b> here\nand more")

    @app.get("/syntax")
    def syntax() -> Any:
        compile("a b", "<text>", "exec")

    @app.get("/long")
    def long() -> Any:
        raise ValueError("x" * 10_000)

    page = interface.ask(app).text
    assert "<title>LookupError: no &lt;b&gt; here // Erlen Debugger</title>" in page
    assert "<h1>LookupError</h1>" in page
    assert '<p class="errormsg">no &lt;b&gt; here\nand more</p>' in page
    assert '<p class="where">In <code>view</code>' in page
    assert "<title>SyntaxError: invalid syntax" in interface.ask(app, "/syntax").text
    title = re.search("<title>(.*?)</title>", interface.ask(app, "/long").text)
    assert title is not None and len(title[1]) < 250


def test_the_expression_is_marked(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        äöü = {"price": 0}
        return 1 + sum(
            [1],
            2 / äöü["price"],
        )

    page = interface.ask(app).text
    assert ">            <mark>2 / äöü[&#34;price&#34;]</mark>,</pre>" in page


def test_an_expression_of_many_lines(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        return 1 + int(
            "a"
            "b"
        )  # fmt: skip

    page = interface.ask(app).text
    marked = re.findall(r'<pre class="line current" data-line="\d+">(.*?)</pre>', page)
    assert "        return 1 + <mark>int(</mark>" in marked
    assert marked[marked.index("        return 1 + <mark>int(</mark>") :][1:4] == [
        "            &#34;a&#34;",
        "            &#34;b&#34;",
        "        <mark>)</mark>  # fmt: skip",
    ]


def test_variables_request_session_and_headers(app: Erlen, interface: Any) -> None:
    @app.get("/orders/<int:number>")
    def order(number: int) -> Any:
        session["colour"] = "green"
        items = [{"price": number}]
        g.unused = items
        raise ValueError

    page = interface.ask(app, "/orders/7?q=%C3%A4<b>", headers={"X-Name": "<i>"}).text
    shown = rows(page)
    assert shown["number"] == "7"
    assert shown["items"] == "[{'price': 7}]"
    assert shown["Method"] == "GET"
    assert shown["URL"].startswith("http://localhost/orders/7?q=ä")
    assert shown["Endpoint"] == "'order'"
    assert shown["Arguments of the view"] == "{'number': 7}"
    assert shown["q"] == "'ä<b>'"
    assert shown["X-Name"] == "<i>"
    assert shown["colour"] == "'green'"
    assert "<b>" not in page and "<i>" not in page


def test_a_session_that_was_not_read(app: Erlen, interface: Any) -> None:
    @app.get("/set")
    def put() -> str:
        session["colour"] = "green"
        return ""

    @app.get("/")
    def view() -> Any:
        raise ValueError

    assert "It is empty." in interface.ask(app).text
    cookie = interface.ask(app, "/set").headers["Set-Cookie"].partition(";")[0]
    assert rows(interface.ask(app, headers={"Cookie": cookie}).text)["colour"] == "'green'"
    assert "It is empty." in interface.ask(app, headers={"Cookie": "session=forged"}).text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/vnd.turbo-stream.html, text/html, application/xhtml+xml", "text/html"),
        ("", "text/html"),
        ("*/*", "text/plain"),
        ("image/avif,image/webp,*/*;q=0.8", "text/plain"),
        ("text/plain", "text/plain"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/problem+json", "application/json"),
        ("application/json;q=0.5, text/html", "text/html"),
        ("application/json;q=0", "text/plain"),
        ("\xff;;;q=,", "text/plain"),
    ],
)
def test_the_form_is_that_of_accept(app: Erlen, interface: Any, accept: str, kind: str) -> None:
    @app.get("/")
    def view() -> Any:
        raise ValueError("<wrong>")

    answer = interface.ask(app, headers={"Accept": accept})
    assert answer.status == 500
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if kind == "application/json":
        told = answer.json
        assert told["error"] == "ValueError: <wrong>"
        [error] = told["exceptions"]
        assert (error["type"], error["message"]) == ("ValueError", "<wrong>")
        assert error["frames"][-1]["function"] == "view"
        assert error["frames"][-1]["library"] is False
        assert told["traceback"].endswith("ValueError: <wrong>\n")
    elif kind == "text/plain":
        assert answer.text.startswith("Traceback (most recent call last):\n")
        assert answer.text.endswith("\nValueError: <wrong>\n")
    assert "ValueError: <wrong>" in answer.log


def test_each_exception_once(app: Erlen, interface: Any) -> None:
    shared = KeyError("shared")

    @app.get("/")
    def view() -> Any:
        try:
            try:
                raise shared
            except KeyError:
                raise TypeError("middle") from shared
        except TypeError as error:
            inner = ExceptionGroup("inner", [shared, OSError("disk")])
            raise ExceptionGroup("outer", [inner, error, shared]) from error

    page = interface.ask(app).text
    # The group, what is in it, and what led to it.
    told = re.findall(r'<h2 class="exc-line">(.*?)</h2>', page)
    assert sorted(map(html.unescape, told)) == [
        "ExceptionGroup: inner (2 sub-exceptions)",
        "KeyError: 'shared'",
        "OSError: disk",
        "TypeError: middle",
    ]
    assert "<h1>ExceptionGroup</h1>" in page
    assert "Exception 1 of 3 in the group:" in page
    assert len(interface.ask(app, headers={"Accept": "application/json"}).json["exceptions"]) == 5


def test_a_chain(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second")  # noqa: B904

    page = interface.ask(app).text
    relation = page.index("It was raised while this one was handled:")
    assert page.index("<h1>ValueError</h1>") < relation
    assert '<h2 class="exc-line">KeyError: &#39;first&#39;</h2>' in page


def test_async_views(app: Erlen, interface: Any) -> None:
    @app.get("/")
    async def view() -> Any:
        colour = "green"
        raise ValueError(colour)

    page = interface.ask(app).text
    assert frames(page)[0] == ("mine", True, "view")
    assert rows(page)["colour"] == "'green'"


@pytest.mark.parametrize("is_async", [False, True])
def test_a_stream_that_fails_before_its_first_piece(
    app: Erlen, interface: Any, is_async: bool
) -> None:
    @app.get("/")
    def view() -> Any:
        def pieces() -> Any:
            yield ""
            raise ValueError("early")

        async def later() -> Any:
            yield ""
            raise ValueError("early")

        return later() if is_async else pieces()

    answer = interface.ask(app)
    assert answer.status == 500
    assert "<h1>ValueError</h1>" in answer.text


def test_a_stream_that_fails_behind_its_first_piece(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        def pieces() -> Any:
            yield "sent"
            raise ValueError("late")

        return pieces()

    if not interface.is_asgi:
        # What a server does then is for its start_response() to say.
        return
    with pytest.raises(ValueError, match="late"):
        interface.ask(app)


def test_an_error_of_middleware(app: Erlen, interface: Any) -> None:
    def middleware(*args: Any) -> Any:
        raise ValueError("around")

    assert "<h1>ValueError</h1>" in interface.ask(middleware).text


def test_what_is_served_passes(app: Erlen, interface: Any) -> None:
    @app.post("/")
    def view() -> Any:
        from erlen import request

        return request.form["a"]

    assert interface.ask(
        app, "/", "POST", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=5"
    ).text == "5"  # fmt: skip
    # Also where the debugger has looked at the body.
    assert interface.ask(
        app, "/?__debugger__=yes", "POST", {"Content-Type": "application/x-www-form-urlencoded"},
        b"a=6",
    ).text == "6"  # fmt: skip


@pytest.mark.parametrize("error", [SystemExit, BaseException, type("Quit", (BaseException,), {})])
def test_errors_that_are_no_exceptions(app: Erlen, interface: Any, error: Any) -> None:
    @app.get("/")
    def view() -> Any:
        raise error("out")

    answers: list[Any] = []
    # Not on the main thread, where it may be the end of the process.
    thread = threading.Thread(target=lambda: answers.append(interface.ask(app)))
    thread.start()
    thread.join()
    page = answers[0].text
    assert answers[0].status == 500
    # On the loop another one stands for an exit, and that is its cause.
    assert f"<h1>{error.__name__}</h1>" in page or f'"exc-line">{error.__name__}: out<' in page
    assert next(frame for frame in frames(page) if frame[1]) == ("mine", True, "view")


def test_the_end_of_the_process_on_the_main_thread(app: Erlen) -> None:
    from tests.debug.conftest import Interface  # type: ignore[import-not-found]

    @app.get("/")
    def view() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Interface("wsgi").ask(app)


# -- what would keep the page from being shown ---------------------------------------------------


class Hangs:
    def __repr__(self) -> str:
        while True:
            pass


class Waits:
    def __repr__(self) -> str:
        time.sleep(30)
        return ""


class Raises:
    def __repr__(self) -> str:
        raise SystemExit("<no repr>")


class Wrong:
    def __repr__(self) -> Any:
        return 5


class Loud:
    def __repr__(self) -> str:
        return "<script>alert(1)</script>" * 100_000


class Nameless:
    @property
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    def __eq__(self, other: object) -> Any:
        raise RuntimeError("no comparison")

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")

    __hash__ = None  # type: ignore[assignment]


class LoudList(list[int]):
    def __iter__(self) -> Any:
        return itertools.repeat(1)

    def __len__(self) -> int:
        raise RuntimeError("no length")


def test_hostile_variables(app: Erlen, interface: Any) -> None:
    cyclic: Any = [1]
    cyclic.append({"itself": cyclic})
    deep: Any = []
    for _ in range(5000):
        deep = [deep]

    @app.get("/")
    def view() -> Any:
        first = 1
        hangs, waits, raises, wrong, loud, nameless = (
            Hangs(), Waits(), Raises(), Wrong(), Loud(), Nameless(),
        )  # fmt: skip
        a_cycle, a_depth, loud_list = cyclic, deep, LoudList([1, 2])
        huge_list, huge_dict = [0] * 5_000_000, dict.fromkeys(range(300_000))
        huge_text, huge_bytes, huge_number = "ä" * 5_000_000, b"x" * 5_000_000, 1 << 10_000_000
        surrogate, markup = "\udcff", "</pre><script>alert(1)</script>"
        last = 2
        return 1 / 0, locals()

    before = threading.active_count()
    begun = time.monotonic()
    answer = interface.ask(app)
    assert time.monotonic() - begun < 20
    shown = rows(answer.text)
    assert (shown["first"], shown["last"]) == ("1", "2")
    assert shown["hangs"] == shown["waits"] == "<not shown: its repr() took longer than 0.5 s>"
    assert shown["raises"] == "<broken repr: SystemExit: <no repr>>"
    assert shown["wrong"].startswith("<broken repr: TypeError")
    assert shown["nameless"].startswith(("<broken repr", "<"))
    assert shown["loud"].startswith("<script>") and len(shown["loud"]) < 3000
    assert shown["a_cycle"] == "[1, {'itself': […]}]"
    assert shown["a_depth"].startswith("[[[[")
    assert shown["huge_list"].endswith("… 4,999,950 more]")
    assert "299," in shown["huge_dict"]
    assert "5,000,000 in all" in shown["huge_text"]
    assert shown["huge_number"] == "<an integer of 10000001 bits>"
    assert shown["surrogate"] == "'\\udcff'"
    assert shown["markup"] == "'</pre><script>alert(1)</script>'"
    assert "<script>alert" not in answer.text
    assert len(answer.text) < 400_000
    Outline(answer.text)
    # The one that runs Python for ever was ended; the one that sleeps goes on alone.
    end = time.monotonic() + 10
    while threading.active_count() > before + 1 and time.monotonic() < end:
        time.sleep(0.05)
    assert threading.active_count() <= before + 1 + 2 * interface.is_asgi


def test_only_so_long_is_waited_for_all(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        many = [Waits() for _ in range(20)]
        a, b, c, d, e, f, h, i = many[:8]
        return 1 / 0, locals()

    begun = time.monotonic()
    page = interface.ask(app).text
    assert time.monotonic() - begun < 10
    assert "other values took too long" in page


def test_recursion_of_a_thousand_frames(app: Erlen, interface: Any) -> None:
    def again(n: int) -> Any:
        return again(n + 1)

    def ping(n: int) -> Any:
        return pong(n + 1)

    def pong(n: int) -> Any:
        return ping(n + 1)

    app.add_url_rule("/again", view_func=lambda: again(0), endpoint="again")
    app.add_url_rule("/ping", view_func=lambda: ping(0), endpoint="ping")
    for path in ("/again", "/ping"):
        page = interface.ask(app, path).text
        assert "<h1>RecursionError</h1>" in page
        assert "more frames are not shown" in page
        assert len(frames(page)) < 120
        assert len(page) < 600_000
        Outline(page)


def test_chains_and_groups_without_end(app: Erlen, interface: Any) -> None:
    @app.get("/chain")
    def chain() -> Any:
        error: Any = None
        for n in range(3000):
            following = ValueError(n)
            following.__context__ = error
            error = following
        raise error

    @app.get("/groups")
    def groups() -> Any:
        error: Any = ValueError("<innermost>")
        for n in range(2000):
            error = ExceptionGroup(f"level {n}", [error])
        raise error

    @app.get("/wide")
    def wide() -> Any:
        raise ExceptionGroup("wide", [ValueError(n) for n in range(5000)])

    for path, name in (("/chain", "ValueError"), ("/groups", "ExceptionGroup")):
        page = interface.ask(app, path).text
        assert f"<h1>{name}</h1>" in page
        assert page.count('class="exc-line"') <= 100
        Outline(page)
    assert "Exception 1 of 5000 in the group:" in interface.ask(app, "/wide").text


def test_an_exception_that_cannot_be_told(app: Erlen, interface: Any) -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    @app.get("/")
    def view() -> Any:
        raise Broken

    answer = interface.ask(app)
    assert answer.status == 500
    assert "<h1>Broken</h1>" in answer.text


def test_ten_thousand_headers(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        raise ValueError

    headers = {f"X-Header-{n}": "v" * 30 for n in range(10_000)}
    headers["Cookie"] = "; ".join(f"c{n}={'v' * 20}{n}" for n in range(3000))
    begun = time.monotonic()
    page = interface.ask(app, headers=headers).text
    assert time.monotonic() - begun < 20
    assert '<span class="count">10,0' in page or '<span class="count">100' in page
    assert page.count("X-Header-") <= 250
    assert "more</pre>" in page


def test_text_that_is_no_utf8(app: Erlen, interface: Any) -> None:
    @app.route("/<path:name>")
    def view(name: str) -> Any:
        raise ValueError("half \udcff of \ud800 it\x1b[31m")

    answer = interface.ask(app, "/%ff%fe?a=%ff", headers={"X-A": "\xff\xfe"})
    assert answer.status == 500
    assert "half \\udcff of \\ud800 it" in answer.text
    # No one's terminal turns red.
    assert "\x1b" not in answer.log and "\\x1b[31m" in answer.log


def test_a_source_that_is_gone_or_changed(
    app: Erlen, interface: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone", "changed", "shorter", "binary"):
        file = tmp_path / f"{name}.py"
        file.write_text("\n" * 5 + "def fail():\n    raise ValueError('from it')\n")
        os.utime(file, (1, 1))
        namespace: dict[str, Any] = {}
        exec(compile(file.read_text(), str(file), "exec"), namespace)
        app.add_url_rule(f"/{name}", name, namespace["fail"])
    (tmp_path / "gone.py").unlink()
    (tmp_path / "changed.py").write_text("# new\n" * 20)
    (tmp_path / "shorter.py").write_text("\n")
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00" * 100)
    for name in ("gone", "shorter", "binary"):
        page = interface.ask(app, f"/{name}").text
        assert "The source is not there" in page
        assert f"{name}.py" in page
    page = interface.ask(app, "/changed").text
    assert "The file was changed after the program was started" in page
    assert frames_module is sys.modules["erlen.debug.frames"]


def test_a_page_that_fails_is_text(
    app: Erlen, interface: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    @app.get("/")
    def view() -> Any:
        raise ValueError("theirs")

    def fails(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ours")

    monkeypatch.setattr("erlen.debug.explain.render_error_page", fails)
    answer = interface.ask(app)
    assert answer.status == 500
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "ValueError: theirs" in answer.text
    assert "RuntimeError: ours" in answer.text


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        (None, "vscode://file{file}:{line}"),
        ("cursor", "cursor://file{file}:{line}"),
        ("PyCharm", "pycharm://open?file={file}&line={line}"),
        ("my+editor:{file}?l={line}", "my+editor:{file}?l={line}"),
        ("none", None),
        ("unknown", None),
        ("javascript:alert('{file}')", None),
        ("data:{file}", None),
    ],
)
def test_the_editor(
    app: Erlen,
    interface: Any,
    monkeypatch: pytest.MonkeyPatch,
    setting: str | None,
    url: str | None,
) -> None:
    monkeypatch.delenv("ERLEN_EDITOR", raising=False)
    if setting is not None:
        monkeypatch.setenv("ERLEN_EDITOR", setting)

    @app.get("/")
    def view() -> Any:
        raise ValueError

    links = re.findall('<a class="editor" href="(.*?)"', interface.ask(app).text)
    if url is None:
        assert links == []
    else:
        line = view.__code__.co_firstlineno + 2
        assert html.unescape(links[0]) == url.format(file=__file__, line=line)


def test_without_a_console_the_values_are_shown_too(app: Erlen, interface: Any) -> None:
    @app.get("/")
    def view() -> Any:
        colour = "green"
        raise ValueError(colour)

    page = interface.ask(app, evalex=False).text
    assert "<body>" in page
    assert rows(page)["colour"] == "'green'"


def test_not_in_debug_mode(app: Erlen, interface: Any) -> None:
    app.debug = False

    @app.get("/")
    def view() -> Any:
        raise ValueError("secret")

    answer = interface.ask(app)
    assert answer.status == 500
    assert "ValueError" not in answer.text
