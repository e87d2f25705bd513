"""Cases 32 and 33: headers, statuses and pages that are made of what clients sent."""

from __future__ import annotations

from io import BytesIO

import pytest

from erlen import Erlen, Response, abort, make_response, redirect, send_file
from erlen.http.exceptions import HTTPException


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


BREAKS = {
    "crlf": "a\r\nSet-Cookie: admin=1",
    "cr": "a\rSet-Cookie: admin=1",
    "lf": "a\nSet-Cookie: admin=1",
    "nul": "a\0b",
    "at-the-end": "a\r\n",
    "at-the-beginning": "\na",
    "body": "a\r\n\r\n<script>",
}


def with_header(key, value):
    response = make_response("")
    response.headers[key] = value
    return response


def changed(change):
    response = make_response("")
    change(response)
    return response


# Each makes an answer of a text that came from outside.
IN_A_VALUE = {
    "item": lambda text: with_header("X-Name", text),
    "tuple": lambda text: ("", 200, {"X-Name": text}),
    "tuple-of-pairs": lambda text: ("", [("X-Name", text)]),
    "list-in-a-tuple": lambda text: ("", {"X-Name": ["a", text]}),
    "constructor": lambda text: Response("", headers={"X-Name": text}),
    "bytes": lambda text: with_header("X-Name", text.encode()),
    "add": lambda text: changed(lambda r: r.headers.add("X-Name", text)),
    "parameter": lambda text: changed(lambda r: r.headers.add("X-Name", "a", b=text)),
    "setlist": lambda text: changed(lambda r: r.headers.setlist("X-Name", ["a", text])),
    "setdefault": lambda text: changed(lambda r: r.headers.setdefault("X-Name", text)),
    "extend": lambda text: changed(lambda r: r.headers.extend({"X-Name": text})),
    "update": lambda text: changed(lambda r: r.headers.update({"X-Name": text})),
    "index": lambda text: changed(lambda r: r.headers.__setitem__(0, ("X-Name", text))),
    "slice": lambda text: changed(
        lambda r: r.headers.__setitem__(slice(0, 1), [("X-Name", text)])
    ),
    "mimetype": lambda text: Response("", mimetype=text),
    "content-type": lambda text: Response("", content_type=text),
    "later-mimetype": lambda text: changed(lambda r: setattr(r, "mimetype", text)),
    "location": lambda text: changed(lambda r: setattr(r, "location", text)),
    "redirect": lambda text: redirect(text),
    "redirect-to-a-host": lambda text: redirect(f"https://example.org/{text}"),
    "content-location": lambda text: with_header("Content-Location", text),
    "etag": lambda text: changed(lambda r: r.set_etag(text)),
    "vary": lambda text: changed(lambda r: r.vary.add(text)),
    "allow": lambda text: changed(lambda r: setattr(r, "allow", [text])),
    "cache-control": lambda text: changed(
        lambda r: r.cache_control.__setitem__("x", text)
    ),
    "policy": lambda text: changed(
        lambda r: setattr(r.content_security_policy, "default_src", text)
    ),
    "challenge": lambda text: changed(
        lambda r: setattr(r.www_authenticate, "realm", text)
    ),
    "retry-after": lambda text: changed(lambda r: setattr(r, "retry_after", text)),
    "parameter-of-the-type": lambda text: changed(
        lambda r: r.mimetype_params.__setitem__("x", text)
    ),
    "origin": lambda text: changed(
        lambda r: setattr(r, "access_control_allow_origin", text)
    ),
    "abort": lambda text: abort(with_header("X-Name", text)),
    "file-type": lambda text: send_file(BytesIO(), mimetype=text),
    "file-etag": lambda text: send_file(BytesIO(), mimetype="text/plain", etag=text),
}  # fmt: skip


@pytest.mark.parametrize("text", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("make", [case(f"32-{name}", make) for name, make in IN_A_VALUE.items()])
def test_no_line_begins_in_a_header(respond, make, text):
    with pytest.raises(ValueError, match=r"newline|line break|NUL"):
        respond(lambda: make(text))


@pytest.mark.parametrize("text", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize(
    "make",
    [
        case("32-name", lambda text: with_header(text, "a")),
        case("32-name-in-a-tuple", lambda text: ("", {text: "a"})),
        case("32-name-added", lambda text: changed(lambda r: r.headers.add(text, "a"))),
        case("32-name-listed", lambda text: changed(lambda r: r.headers.setlist(text, ["a"]))),
        case("32-name-extended", lambda text: changed(lambda r: r.headers.extend([(text, "a")]))),
        case("32-name-updated", lambda text: changed(lambda r: r.headers.update({text: "a"}))),
        case("32-name-in-bytes", lambda text: Response(headers=[(text.encode(), "a")])),
    ],
)
def test_no_line_begins_in_the_name_of_a_header(respond, make, text):
    with pytest.raises(ValueError, match=r"newline|NUL"):
        respond(lambda: make(text))


@pytest.mark.parametrize("text", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("make", [case("32-nothing-of-it-is-sent", IN_A_VALUE["item"])])
def test_the_client_gets_an_error_and_nothing_else(interface, make, text):
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: make(text))
    response = app.test_client().get("/")
    assert response.status_code == 500
    assert "Set-Cookie" not in response.headers
    assert "X-Name" not in response.headers
    assert text not in response.text


@pytest.mark.parametrize(
    "text",
    [
        # Their last bytes are those of CR and LF.
        case("32-latin-letters", "\u010a\u010dSet-Cookie: a"),
        case("32-line-separator", "a\u2028Set-Cookie: a"),
        case("32-next-line", "a\x85Set-Cookie: a"),
        case("32-vertical-tab", "a\x0bSet-Cookie: a"),
        case("32-full-width", "a\uff0d\uff0aSet-Cookie: a"),
    ],
)
def test_no_other_character_becomes_a_line_break(interface, text):
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: ("", {"X-Name": text}))
    try:
        response = app.test_client().get("/")
    except (ValueError, AssertionError):
        # The server cannot send it (PEP 3333); what matters is that nothing else is sent.
        return
    assert "Set-Cookie" not in response.headers
    assert response.status_code == 500 or response.headers["X-Name"] == text


@pytest.mark.parametrize(
    "path",
    [
        case("32-routing-redirect", "/folder%0D%0ASet-Cookie:%20a=1"),
        case("32-routing-redirect-lf", "/folder%0A"),
        case("32-routing-redirect-query", "/folder/x?%0d%0aSet-Cookie:%20a=1"),
        case("32-routing-redirect-next-line", "/folder%C2%85"),
    ],
)
def test_redirects_of_routing_keep_line_breaks_quoted(interface, path):
    app = Erlen(__name__)
    app.add_url_rule("/<name>/", "index", lambda name: name)
    app.add_url_rule("/folder/x/", "x", lambda: "")
    response = app.test_client().get(path)
    assert response.status_code == 308
    assert "Set-Cookie" not in response.headers
    assert response.location == path.replace("?", "/?", 1) + ("" if "?" in path else "/")


@pytest.mark.parametrize("text", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize(
    "make",
    [
        case("33-tuple", lambda text: ("", f"200 {text}x")),
        case("33-constructor", lambda text: Response(status=f"200 {text}x")),
        case("33-attribute", lambda text: changed(lambda r: setattr(r, "status", f"200 {text}x"))),
        case("33-bytes", lambda text: Response(status=f"200 {text}x".encode())),
        case("33-without-code", lambda text: Response(status=f"x{text}x")),
    ],
)
def test_no_line_begins_in_the_reason_phrase(respond, make, text):
    with pytest.raises(ValueError, match=r"status line"):
        respond(lambda: make(text))


class Named(HTTPException):
    code = 418
    description = "<script>description</script>"

    @property
    def name(self):
        return "<script>name</script>"


@pytest.mark.parametrize(
    "view",
    [
        case("33-name", lambda: abort(Named().get_response())),
        case("33-raised", lambda: (_ for _ in ()).throw(Named())),
        case("33-description", lambda: abort(400, "<script>alert(1)</script>")),
        case("33-description-of-404", lambda: abort(404, description="<img src=x onerror=a()>")),
    ],
)
def test_error_pages_escape(respond, view):
    response = respond(view)
    assert response.mimetype == "text/html"
    assert "<script" not in response.text
    assert "<img" not in response.text
    assert "&lt;" in response.text


@pytest.mark.parametrize(
    "location",
    [
        case("33-redirect-page", "/<script>alert(1)</script>"),
        case("33-redirect-attribute", '/"onmouseover="alert(1)'),
        case("33-redirect-single-quote", "/'onmouseover='alert(1)"),
    ],
)
def test_redirect_pages_escape(respond, location):
    page = respond(lambda: redirect(location)).text
    assert "<script" not in page
    assert '"onmouseover' not in page
    assert "'onmouseover" not in page
