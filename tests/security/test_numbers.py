"""Case 53: numbers with very many digits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erlen import Erlen, request
from erlen.http import parse_age

DIGITS = "9" * 100_000


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def client(interface):
    app = Erlen(__name__)
    for name in ("int", "int(signed=True)", "int(min=1, max=9)", "int(fixed_digits=3)", "float"):
        rule = f"/{name.partition('(')[0]}/{len(name)}/<{name}:n>"
        app.add_url_rule(rule, name, lambda n: str(n))
    app.add_url_rule("/uuid/<uuid:n>", "uuid", lambda n: str(n))
    app.add_url_rule("/json", "json", lambda: {"got": request.get_json()}, methods=["POST"])

    @app.route("/args")
    def args():
        return {
            "number": request.args.get("n", 0, type=int),
            "list": request.args.getlist("n", type=int),
            "header": request.headers.get("X-Number", 0, type=int),
            "forwards": request.max_forwards,
            "age": request.cache_control.max_age,
        }

    return app.test_client()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        case("53-int", f"/int/3/{DIGITS}", 404),
        case("53-int-negative", f"/int/3/-{DIGITS}", 404),
        case("53-signed", f"/int/16/-{DIGITS}", 404),
        case("53-bounded", f"/int/17/{DIGITS}", 404),
        case("53-fixed-digits", f"/int/19/{DIGITS}", 404),
        case("53-float", f"/float/5/{DIGITS}.{DIGITS}", 404),
        case("53-uuid", f"/uuid/{DIGITS}", 404),
        case("53-leading-zeros", "/int/3/" + "0" * 100_000 + "1", 404),
        case("53-other-digits", "/int/3/%d9%a3", 404),
        case("53-superscript", "/int/3/%c2%b2", 404),
        case("53-underscore", "/int/3/1_0", 404),
        case("53-plus", "/int/3/+1", 404),
        case("53-exponent", "/float/5/1e400", 404),
        case("53-infinity", "/float/5/inf", 404),
        case("53-nan", "/float/5/nan", 404),
        case("53-within-reason", "/int/3/" + "9" * 100, 200),
        case("53-odd-bytes", "/%ff", 404),
        case("53-nul", "/%00", 404),
    ],
)
def test_numbers_in_paths(client, path, status):
    response = client.get(path)
    assert response.status_code in ({status, 200} if path.startswith("/float/5/9") else {status})
    assert len(response.text) < 300_000


@pytest.mark.parametrize(
    "number",
    [
        case("53-query", DIGITS),
        case("53-query-negative", "-" + DIGITS),
        case("53-query-spaces", " " * 100_000),
        case("53-query-underscores", "1_" * 50_000),
        case("53-query-exponent", "1e" + DIGITS),
        case("53-query-nul", "1%00"),
        case("53-query-html", "<script>"),
    ],
)
def test_numbers_in_queries_and_headers(client, number):
    response = client.get(
        f"/args?n={number}",
        headers={"X-Number": number[:60_000], "Max-Forwards": number[:60_000]},
    )
    assert response.status_code == 200
    got = response.json
    assert (got["number"], got["list"], got["header"], got["forwards"]) == (0, [], 0, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        case("53-header", "7", 7),
        case("53-header-sign", "+7", None),
        case("53-header-negative", "-7", None),
        case("53-header-underscore", "7_0", None),
        case("53-header-superscript", "\xb2", None),
        case("53-header-many", "9" * 20, None),
    ],
)
def test_numbers_of_headers_are_digits(client, text, number):
    headers = {"Max-Forwards": text, "Cache-Control": f"max-age={text}"}
    got = client.get("/args", headers=headers).json
    assert (got["forwards"], got["age"]) == (number, number)
    assert parse_age(text) == (None if number is None else timedelta(seconds=number))


@pytest.mark.parametrize(
    "number",
    [
        case("53-json", DIGITS),
        case("53-json-negative", "-" + DIGITS),
        case("53-json-nested", f'{{"a": [1, {{"b": {DIGITS}}}]}}'),
        case("53-json-leading-zero", "0" + DIGITS),
    ],
)
def test_numbers_in_json(client, number):
    response = client.post("/json", data=number, content_type="application/json")
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("number", "value"),
    [
        case("53-json-fraction", f"0.{DIGITS}", 1.0),
        case("53-json-small", f"1e-{DIGITS}", 0.0),
        case("53-json-largest", "1.7976931348623157e308", 1.7976931348623157e308),
        case("53-json-whole", "9" * 300, int("9" * 300)),
    ],
)
def test_long_numbers_that_json_has(client, number, value):
    response = client.post("/json", data=number, content_type="application/json")
    assert response.json == {"got": value}


@pytest.mark.parametrize(
    ("header", "value"),
    [
        case("53-content-length-of-a-part", "Content-Length", DIGITS[:60_000]),
        case("53-age", "Age", DIGITS[:60_000]),
        case("53-cache-control", "Cache-Control", f"max-age={DIGITS[:60_000]}"),
        case("53-min-fresh", "Cache-Control", f"min-fresh={DIGITS[:60_000]}, max-stale=x"),
        case("53-quality", "Accept", f"text/html;q=0.{DIGITS[:60_000]}"),
        case("53-port", "Host", f"localhost:{DIGITS[:60_000]}"),
        case("53-host", "Host", "1." * 30_000),
        case("53-date", "If-Modified-Since", f"Sun, 06 Nov {DIGITS[:60_000]} 08:49:37 GMT"),
        case("53-year-0", "If-Modified-Since", "Sun, 06 Nov 0000 08:49:37 GMT"),
        case("53-zone", "If-Unmodified-Since", "Mon, 01 Jan 0001 00:00:00 +9999"),
        case("53-last-second", "If-Modified-Since", "Fri, 31 Dec 9999 23:59:59 -9999"),
        case("53-retry", "Retry-After", DIGITS[:60_000]),
        case("53-range", "Range", f"bytes={DIGITS[:30_000]}-{DIGITS[:30_000]}"),
        case("53-if-range", "If-Range", DIGITS[:60_000]),
        case("53-address", "X-Forwarded-For", DIGITS[:60_000]),
    ],
)
def test_numbers_in_headers(interface, header, value):
    app = Erlen(__name__)

    @app.route("/")
    def index():
        cache = request.cache_control
        seen = [
            request.accept_mimetypes.best, cache.max_age, cache.min_fresh, cache.max_stale,
            request.if_modified_since, request.if_unmodified_since, request.range,
            request.if_range, request.content_length, request.access_route, request.date,
        ]  # fmt: skip
        return repr(seen)[:100]

    response = app.test_client().get("/", headers={header: value})
    assert response.status_code == (400 if header == "Host" else 200)
