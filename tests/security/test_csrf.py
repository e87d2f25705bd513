"""Cases 38 and 69 to 71: forged requests, and what a token gives away."""

from __future__ import annotations

import base64
import gzip
import json
from secrets import token_urlsafe

import pytest

from erlen import Erlen, render_template_string, request
from erlen.protection.csrf import CSRF, csrf_token
from erlen.protection.preset import secure

HTML = "\"'><script>alert(1)</script>"


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def app(interface):
    app = Erlen(__name__)
    app.secret_key = "key"
    CSRF(app)

    @app.get("/form")
    def form():
        return render_template_string(
            "<p>{{ request.args.q }}</p><input name=csrf_token value='{{ csrf_token() }}'>"
        )

    app.add_url_rule("/token", "token", lambda: csrf_token())
    app.add_url_rule("/act", "act", lambda: "done", methods=["POST"])

    @app.post("/json")
    def take():
        return {"got": request.get_json()}

    @app.post("/json-async")
    async def take_async():
        return {"got": request.get_json()}

    return app


@pytest.fixture
def client(app):
    return app.test_client()


def act(client, token, **headers):
    return client.post("/act", data={"csrf_token": token}, headers=headers).status_code


@pytest.mark.parametrize("sent_by", [case("38-sub-domain", "same-site")])
def test_a_session_that_a_sub_domain_planted_is_of_no_use(app, sent_by):
    # The attacker's own session, whose cookie a sibling has set in the browser of the victim, and
    # whose token is thus a good one.
    attacker = app.test_client()
    token = attacker.get("/token").text
    assert act(attacker, token) == 200
    assert act(attacker, token, **{"Sec-Fetch-Site": sent_by}) == 400
    assert act(attacker, token, **{"Sec-Fetch-Site": sent_by, "Origin": "http://localhost"}) == 400


@pytest.mark.parametrize("domain", [case("38-host-prefix", "a.example")])
def test_the_preset_names_its_cookie_so_that_no_sibling_can_set_it(interface, domain):
    app = Erlen(__name__)
    app.secret_key = "key"
    secure(app, trusted_hosts=[f".{domain}"])
    app.add_url_rule("/token", "token", lambda: csrf_token())
    cookie = app.test_client().get("/token", base_url=f"https://{domain}").headers["Set-Cookie"]
    # RFC 6265bis, section 4.1.3.2.
    assert cookie.startswith("__Host-")
    attributes = cookie.split("; ")
    assert "Secure" in attributes
    assert "Path=/" in attributes
    assert not any(attribute.startswith("Domain") for attribute in attributes)


# -- case 69 ---------------------------------------------------------------------------------

NO_JSON = {
    "text": "text/plain",
    "text-utf-8": "text/plain; charset=utf-8",
    "upper-case": "TEXT/PLAIN",
    "json-as-parameter": "text/plain; x=application/json",
    "json-behind": "text/plain, application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=b",
    "html": "text/html",
    "missing": None,
    "empty": "",
    "json-in-text": "text/json",
    "suffix-in-text": "text/x+json",
    "suffix-in-the-middle": "application/x+json+x",
}


@pytest.mark.parametrize("path", ["/json", "/json-async"])
@pytest.mark.parametrize("kind", [case(f"69-{name}", kind) for name, kind in NO_JSON.items()])
def test_json_under_another_type_is_refused(client, kind, path):
    body = json.dumps({"pay": "me"})
    # By a page that may send, by one with a token, and by a page of another site.
    token = client.get("/token").text
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"X-CSRF-Token": token}):
        response = client.post(path, data=body, content_type=kind, headers=headers)
        assert response.status_code == 415
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.com"}):
        response = client.post(path, data=body, content_type=kind, headers=headers)
        assert response.status_code == 400


@pytest.mark.parametrize("path", ["/json", "/json-async"])
@pytest.mark.parametrize("kind", [case("69-from-an-old-browser", "text/plain")])
def test_what_an_old_browser_can_send_needs_a_token(client, path, kind):
    assert client.post(path, data="{}", content_type=kind).status_code == 400


@pytest.mark.parametrize(
    "kind", [case("69-json", "application/json"), case("69-suffix", "application/x+json")]
)
def test_json_of_another_site_is_refused_too(client, kind):
    same = client.post("/json", data="{}", content_type=kind)
    assert same.status_code == 200
    headers = {"Origin": "https://evil.com"}
    assert client.post("/json", data="{}", content_type=kind, headers=headers).status_code == 400


# -- case 70 ---------------------------------------------------------------------------------


def pieces(text, size):
    return {text[start : start + size] for start in range(len(text) - size + 1)}


@pytest.mark.parametrize("size", [case("70-no-piece-twice", 8)])
def test_tokens_of_one_session_have_nothing_in_common(client, size):
    seen: set[str] = set()
    for _ in range(100):
        found = pieces(client.get("/token").text, size)
        assert not seen & found
        seen |= found


@pytest.mark.parametrize("guesses", [case("70-compression", 16)])
def test_the_length_of_a_compressed_page_tells_nothing(client, guesses):
    # Somebody who sees the lengths alone has a part of a token reflected, or random letters.
    token = client.get("/token").text

    def length(query):
        page = client.get("/form", query_string={"q": query})
        return len(gzip.compress(page.data, mtime=0))

    right = sum(length(token[:12]) for _ in range(guesses)) / guesses
    wrong = sum(length(token_urlsafe(9)) for _ in range(guesses)) / guesses
    # A repetition of 12 letters would save 8 bytes or more.
    assert abs(right - wrong) < 4


@pytest.mark.parametrize("what", [case("70-secret-in-the-page", "secret")])
def test_the_page_does_not_have_the_secret(client, what):
    page = client.get("/form").text
    with client.session_transaction() as state:
        secret = state["_csrf"]
    assert secret not in page
    assert base64.urlsafe_b64encode(secret.encode()).decode() not in page


@pytest.mark.parametrize("times", [case("70-cached-page", 3)])
def test_a_token_from_the_page_of_another_session_is_refused(app, times):
    cached = app.test_client().get("/token").text
    for _ in range(times):
        client = app.test_client()
        assert act(client, cached) == 400
        own = client.get("/token").text
        assert act(client, cached) == 400
        assert act(client, own) == 200


@pytest.mark.parametrize("path", [case("70-vary", "/form"), case("70-vary-plain", "/token")])
def test_caches_are_told_that_the_page_is_one_persons(client, path):
    for _ in range(2):
        assert "Cookie" in client.get(path).headers["Vary"]


@pytest.mark.parametrize("path", [case("70-no-store", "/token")])
def test_with_the_preset_caches_keep_nothing(interface, path):
    app = Erlen(__name__)
    app.secret_key = "key"
    secure(app)
    app.add_url_rule(path, "token", lambda: csrf_token())
    assert app.test_client().get(path).headers["Cache-Control"] == "no-store"


# -- case 71 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        case("71-session-cookie", {"Cookie": f"session={HTML}"}),
        case("71-csrf-cookie", {"Cookie": f"csrf_token={HTML}; _csrf={HTML}; csrftoken={HTML}"}),
        case("71-token-header", {"X-CSRF-Token": HTML}),
        case("71-origin", {"Origin": HTML}),
        case("71-origin-with-html", {"Origin": f"https://{HTML}"}),
        case("71-fetch-site", {"Sec-Fetch-Site": HTML}),
        case("71-referer", {"Referer": HTML}),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_html_is_never_shown_as_html(app, sent, debug):
    app.debug = debug
    client = app.test_client(use_cookies=False)
    assert "<script>" not in client.get("/form", headers=sent).text
    response = client.post("/act", data={"csrf_token": HTML}, headers=sent)
    assert response.status_code == 400
    assert "<script>" not in response.text
    # The page of the error has a token of its own in debug mode's advice: as text.
    assert "<input" not in response.text


@pytest.mark.parametrize("sent", [case("71-planted-cookie", HTML)])
def test_a_planted_cookie_does_not_become_the_token(app, sent):
    client = app.test_client(use_cookies=False)
    page = client.get("/token", headers={"Cookie": f"session={sent}; _csrf={sent}"}).text
    assert set(page) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")
