"""Cases 34 to 39: cookies that are made of what clients sent, and those that they send."""

from __future__ import annotations

import warnings
from secrets import token_urlsafe

import pytest

from erlen import Erlen, make_response, request, session
from erlen.http.cookies import dump_cookie, parse_cookie


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


def changed(change):
    response = make_response("")
    change(response)
    return response


ATTRIBUTES = ("domain", "path", "samesite", "expires")


@pytest.fixture
def cookies_of(interface):
    """The cookies that a view sees for a header, sent as bytes."""
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: dict(request.cookies))
    # A client that keeps cookies would send its own.
    client = app.test_client(use_cookies=False)

    def ask(header):
        raw = header.encode() if isinstance(header, str) else header
        response = client.get("/", environ_overrides={"HTTP_COOKIE": raw.decode("latin-1")})
        assert response.status_code == 200
        return response.json

    return ask


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize(
    "text",
    [
        case("34-semicolon", "Lax; HttpOnly"),
        case("34-semicolon-alone", ";"),
        case("34-semicolon-first", ";Domain=evil.com"),
        case("34-another-domain", "/; Domain=evil.com"),
        case("35-cr", "a\rb"),
        case("35-lf", "a\nb"),
        case("35-crlf", "a\r\nSet-Cookie: b=c"),
        case("35-nul", "a\0b"),
        case("35-tab", "a\tb"),
        case("35-escape", "a\x1b[31mb"),
        case("35-delete", "a\x7fb"),
        case("35-unit-separator", "a\x1fb"),
        case("35-at-the-end", "Lax\n"),
    ],
)
def test_attributes_of_cookies_hold_no_others(respond, attribute, text):
    def view():
        response = make_response("")
        response.set_cookie("a", "b", **{attribute: text})
        return response

    with pytest.raises(ValueError, match=r"cookie|SameSite"):
        respond(view)


@pytest.mark.parametrize(
    "config",
    [
        case("34-session-domain", {"SESSION_COOKIE_DOMAIN": "a;b"}),
        case("34-session-path", {"SESSION_COOKIE_PATH": "/;b"}),
        case("34-session-samesite", {"SESSION_COOKIE_SAMESITE": "Lax; b"}),
        case("35-session-domain", {"SESSION_COOKIE_DOMAIN": "a\r\nb"}),
        case("35-session-path", {"SESSION_COOKIE_PATH": "/\r\nb"}),
        case("35-session-name", {"SESSION_COOKIE_NAME": "a\r\nb"}),
        case("34-session-name", {"SESSION_COOKIE_NAME": "a=b;c"}),
    ],
)
def test_the_session_cookie_holds_no_others(respond, config):
    def view():
        session["a"] = 1
        return ""

    with pytest.raises(ValueError, match=r"cookie|SameSite"):
        respond(view, SECRET_KEY="k", **config)


@pytest.mark.parametrize(
    "change",
    [
        case("34-delete-path", {"path": "/; Domain=evil.com"}),
        case("34-delete-domain", {"domain": "a; Path=/"}),
        case("35-delete-path", {"path": "/\r\nSet-Cookie: a=b"}),
    ],
)
def test_deleted_cookies_hold_no_others(respond, change):
    with pytest.raises(ValueError, match="cookie"):
        respond(lambda: changed(lambda r: r.delete_cookie("a", **change)))


@pytest.mark.parametrize(
    "name",
    [
        case("34-name-semicolon", "a;b"),
        case("34-name-equals", "a=b"),
        case("34-name-space", "a b"),
        case("34-name-comma", "a,b"),
        case("34-name-empty", ""),
        case("35-name-crlf", "a\r\nb"),
        case("35-name-tab", "a\tb"),
        case("35-name-nul", "a\0b"),
        case("35-name-at-the-end", "a\n"),
    ],
)
def test_names_of_cookies(respond, name):
    with pytest.raises(ValueError, match="name of a cookie"):
        respond(lambda: changed(lambda r: r.set_cookie(name, "b")))


@pytest.mark.parametrize(
    "value",
    [
        case("34-value-semicolon", "b; Domain=evil.com"),
        case("34-value-quote", 'b"; Domain=evil.com'),
        case("34-value-backslash", "b\\"),
        case("34-value-comma", "a, b=c"),
        case("35-value-crlf", "b\r\nSet-Cookie: c=d"),
        case("35-value-nul", "b\0"),
        case("35-value-controls", "".join(map(chr, range(32)))),
        case("35-value-delete", "\x7f\x80\x85\xa0"),
        case("35-value-text", "\u2028\u2603\U0001f600"),
    ],
)
def test_values_of_cookies_come_back_whole(interface, value):
    app = Erlen(__name__)

    @app.route("/")
    def index():
        response = make_response({"cookies": request.cookies.to_dict()})
        response.set_cookie("a", value)
        response.set_cookie("csrf", "good")
        return response

    client = app.test_client()
    header = client.get("/").headers["Set-Cookie"]
    assert header.isascii() and header.isprintable()
    assert header.count(";") == 1 and header.endswith("; Path=/")
    assert client.get("/").json["cookies"] == {"a": value, "csrf": "good"}


@pytest.mark.parametrize(
    "header",
    [
        case("36-no-name", "=__Host-x=bad"),
        case("36-no-name-and-space", "= __Host-x=bad"),
        case("36-two-equals", "==__Host-x=bad"),
        case("36-space-before", " =__Host-x=bad"),
        case("36-behind-others", "a=b; =__Host-x=bad; c=d"),
        case("36-quoted-name", '"__Host-x"=bad'),
        case("36-half-quoted-name", '"__Host-x=bad'),
        # A browser takes these for parts of the name, so it lets any page set them.
        case("36-no-break-space", "\u00a0__Host-x=bad"),
        case("36-em-space", "\u2003__Host-x=bad"),
        case("36-line-separator", "\u2028__Host-x=bad"),
        case("36-next-line", "\u0085__Host-x=bad"),
        case("36-ideographic-space", "\u3000__Host-x=bad"),
        case("36-space-behind", "__Host-x\u2003=bad"),
        case("36-latin-1-space", b"\xa0__Host-x=bad"),
        case("36-vertical-tab", "\x0b__Host-x=bad"),
        case("36-form-feed", "\x0c__Host-x=bad"),
        case("36-separators", "\x1c\x1d\x1e\x1f__Host-x=bad"),
        case("36-percent", "%5f_Host-x=bad"),
        case("36-byte-order-mark", "\ufeff__Host-x=bad"),
    ],
)
def test_no_other_name_is_read_as_one_with_a_prefix(cookies_of, header):
    assert "__Host-x" not in cookies_of(header)


@pytest.mark.parametrize(
    "header",
    [
        case("36-genuine", "__Host-x=good"),
        case("36-genuine-first", "__Host-x=good; =__Host-x=bad; __Host-x=bad"),
        case("36-genuine-behind", "=__Host-x=bad; \u2003__Host-x=bad;\t__Host-x=good"),
    ],
)
def test_the_one_with_a_prefix_is_read(cookies_of, header):
    assert cookies_of(header)["__Host-x"] == "good"


@pytest.mark.parametrize("around", [("a=", ""), ('a="', ""), ('a="', '"'), ("", "")])
@pytest.mark.parametrize(
    "repeated",
    [
        case("37-backslashes", "\\"),
        case("37-escaped-quotes", '\\"'),
        case("37-escaped-backslashes", "\\\\"),
        case("37-octal", "\\073"),
        case("37-octal-cut", "\\07"),
        case("37-quotes", '"'),
        case("37-semicolons", ";"),
        case("37-equals", "="),
        case("37-spaces", " "),
        case("37-pairs", "a=b;"),
        case("37-quoted-pairs", 'a="b";'),
        case("37-no-utf-8", "\xff"),
    ],
)
def test_cookies_are_parsed_in_linear_time(assert_linear, around, repeated):
    start, end = around

    def make(size):
        return start + repeated * (size // len(repeated)) + end

    assert_linear(parse_cookie, make, small=1024, large=65_536)


@pytest.mark.parametrize("start", [case("37-quoted", 'a="'), case("37-unquoted", "a=")])
def test_a_flood_of_backslashes_in_a_request(cookies_of, start):
    assert cookies_of(start + "\\" * 60_000 + '"; csrf=good')["csrf"] == "good"


@pytest.mark.parametrize(
    "hostile",
    [
        case("38-bracket", "utm=1|(referral)[csrf=bad"),
        case("38-comma", "utm=a, csrf=bad"),
        case("38-comma-without-space", "utm=a,csrf=bad"),
        case("38-space", "utm=a csrf=bad"),
        case("38-tab", "utm=a\tcsrf=bad"),
        case("38-quoted-space", 'utm="a csrf=bad"'),
        case("38-line-separator", "utm=a\u2028csrf=bad"),
        case("38-quoted-name", '"csrf"=bad'),
        case("38-escaped-semicolon", 'utm="a\\073 csrf=bad"'),
        case("38-percent-semicolon", "utm=a%3B csrf=bad"),
        case("38-full-width-semicolon", "utm=a\uff1b csrf=bad"),
        case("38-greek-question-mark", "utm=a\u037e csrf=bad"),
        case("38-dollar", "$csrf=bad"),
        case("38-upper-case", "CSRF=bad"),
        case("38-open-quote", 'utm="a'),
        case("38-backslash", "utm=a\\"),
        case("38-backslash-and-quote", 'utm=a\\"'),
        case("38-invalid-utf-8", b"utm=\xff"),
        case("38-invalid-utf-8-name", b"\xffcsrf=bad"),
        case("38-cut-utf-8", b"utm=\xe2\x98"),
        case("38-old-version", "$Version=1"),
        case("38-nameless", "=csrf=bad"),
        case("38-separators", ";;;"),
        case("38-equals", "=;=="),
        case("38-name-alone", "utm"),
        case("38-open-value", 'utm="'),
        case("38-latin-1", b"\xff=\xff"),
    ],
)
def test_a_hostile_cookie_does_not_replace_another(cookies_of, hostile):
    raw = hostile if isinstance(hostile, bytes) else hostile.encode()
    # Browsers send those with longer paths first, which other applications of the host may set.
    for header in (raw + b"; csrf=good", b"csrf=good; " + raw, raw + b"; csrf=good; " + raw):
        assert cookies_of(header)["csrf"] == "good"


@pytest.mark.parametrize(
    "header",
    [
        case("38-first-wins", "csrf=good; csrf=bad"),
        case("38-first-of-three", "csrf=good;csrf=;csrf"),
    ],
)
def test_the_first_of_two_cookies_wins(cookies_of, header):
    assert cookies_of(header) == {"csrf": "good"}


@pytest.mark.parametrize(
    ("length", "config", "warned"),
    [
        case("39-at-the-limit", 4_093, {}, False),
        case("39-beyond-by-one", 4_094, {}, True),
        case("39-own-limit", 200, {"MAX_COOKIE_SIZE": 199}, True),
        case("39-within-own-limit", 199, {"MAX_COOKIE_SIZE": 199}, False),
        case("39-switched-off", 10_000, {"MAX_COOKIE_SIZE": 0}, False),
    ],
)
def test_long_cookies_are_warned_about(respond, length, config, warned):
    value = "x" * (length - len("a=; Path=/"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        response = respond(lambda: changed(lambda r: r.set_cookie("a", value)), **config)
    assert len(response.headers["Set-Cookie"]) == length
    texts = [str(warning.message) for warning in caught if "cookie" in str(warning.message)]
    assert len(texts) == warned
    assert not warned or ("'a' cookie is too large" in texts[0] and f"{length} bytes" in texts[0])


@pytest.mark.parametrize(
    ("size", "warned"), [case("39-session", 100, False), case("39-long-session", 6_000, True)]
)
def test_long_sessions_are_warned_about(respond, size, warned):
    def view():
        # What can be compressed would fit.
        session["a"] = token_urlsafe(size)
        return ""

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        respond(view, SECRET_KEY="k")
    assert any("'session' cookie is too large" in str(w.message) for w in caught) is warned


@pytest.mark.parametrize("length", [case("39-escapes-count", 2_000)])
def test_the_length_counted_is_that_of_the_header(length):
    # Each of them takes four characters.
    with pytest.warns(UserWarning, match="too large"):
        dump_cookie("a", "\n" * length)
