"""Cases 54, 55 and 57: IRIs, languages and keys that are expensive to read."""

from __future__ import annotations

from contextlib import suppress

import pytest

from erlen import Erlen, jsonify, redirect, request
from erlen.http.multidict import MultiDict
from erlen.http.urls import iri_to_uri, parse_query, uri_to_iri


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def client(interface):
    app = Erlen(__name__)
    app.add_url_rule("/text/<path:n>", "text", lambda n: jsonify([n, request.url]))
    app.add_url_rule("/args", "args", lambda: request.args.to_dict(flat=False))
    return app.test_client()


HOSTILE_TEXT = [
    case("54-invalid-bytes", "%ff"),
    case("54-lead-bytes", "%e2"),
    case("54-cut-sequences", "%e2%98"),
    case("54-continuations", "%80"),
    case("54-surrogates", "%ed%a0%80"),
    case("54-overlong", "%c0%af"),
    case("54-beyond-unicode", "%f5%80%80%80"),
    case("54-invalid-and-text", "%ffa"),
    case("54-valid", "%e2%98%83"),
    case("54-text", "\u2603"),
    case("54-percent-signs", "%"),
    case("54-no-digits", "%zz"),
    case("54-quoted-percent", "%25"),
    case("54-reserved", "%2f"),
    case("54-nul", "%00"),
    case("54-plain", "a"),
    case("54-slashes", "/"),
    case("54-plus", "+"),
    case("54-ampersands", "&"),
    case("54-fields", "a=%ff&"),
    case("54-dots", "../"),
    case("54-brackets", "[a]"),
    case("54-colons", ":"),
    case("54-at-signs", "@"),
]


@pytest.mark.parametrize("start", ["/", "http://a/?"])
@pytest.mark.parametrize("parse", [iri_to_uri, uri_to_iri, parse_query])
@pytest.mark.parametrize("repeated", HOSTILE_TEXT)
def test_urls_are_converted_in_linear_time(assert_linear, parse, repeated, start):
    def run(value):
        # A malformed value may be refused; what counts is how long that takes.
        with suppress(ValueError):
            parse(value)

    def make(size):
        return start + repeated * (size // len(repeated))

    assert_linear(run, make, small=4_096, large=262_144)


@pytest.mark.parametrize("parse", [iri_to_uri, uri_to_iri])
@pytest.mark.parametrize(
    "label",
    [
        case("54-host-ascii", "a"),
        case("54-host-labels", "a."),
        case("54-host-idna", "xn--"),
        case("54-host-punycode", "xn--a-9999"),
        case("54-host-text", "\u2603"),
        case("54-host-text-labels", "\u2603."),
        case("54-host-dots", "."),
        case("54-host-ideographic-dots", "\u3002"),
    ],
)
def test_hosts_are_converted_in_linear_time(assert_linear, parse, label):
    def run(value):
        # A malformed value may be refused; what counts is how long that takes.
        with suppress(ValueError):
            parse(value)

    def make(size):
        return "http://" + label * (size // len(label)) + "/\u2603"

    assert_linear(run, make, small=2_048, large=131_072)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        case("54-path-invalid", "/text/%ff%fe", "\ufffd\ufffd"),
        case("54-path-cut", "/text/%e2%98", "\ufffd"),
        case("54-path-long", "/text/" + "%ff" * 20_000, "\ufffd" * 20_000),
        case("54-path-long-text", "/text/" + "%e2%98%83" * 7_000, "\u2603" * 7_000),
        case("54-path-surrogate", "/text/%ed%a0%80", "\ufffd\ufffd\ufffd"),
        case("54-path-quoted-percent", "/text/%25ff", "%ff"),
    ],
)
def test_paths_that_are_not_utf_8(client, path, shown):
    text, url = client.get(path + "?" + "%ff" * 100).json
    assert text == shown
    # Quoted bytes that are no text stay quoted.
    assert url.endswith("?" + "%FF" * 100)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        case("54-query-invalid", "a=%ff", {"a": ["%FF"]}),
        case("54-query-cut", "a=%e2%98&b=1", {"a": ["%E2%98"], "b": ["1"]}),
        case("54-query-mixed", "a=%ffx%e2%98%83%ff", {"a": ["%FFx\u2603%FF"]}),
        case("54-query-name", "%ff=1", {"%FF": ["1"]}),
        case("54-query-surrogate", "a=%ed%b2%80", {"a": ["%ED%B2%80"]}),
        case("54-query-percent", "a=%", {"a": ["%"]}),
        case("54-query-percent-alone", "%", {"%": [""]}),
        case("54-query-no-digits", "%zz=%", {"%zz": ["%"]}),
        case("54-query-nul", "a=%00", {"a": ["\0"]}),
        case("54-query-separators", "&&&", {}),
        case("54-query-equals", "=", {"": [""]}),
        case("54-query-raw-bytes", "\xff", {"\xff": [""]}),
    ],
)
def test_malformed_queries_are_read_as_far_as_they_go(client, query, expected):
    assert client.get("/args?" + query).json == expected


@pytest.mark.parametrize(
    "location",
    [
        case("54-redirect-invalid", "/%ff" * 10_000),
        case("54-redirect-text", "/\u2603" * 10_000),
        case("54-redirect-host", "http://" + "\u2603" * 10_000 + "/"),
        case("54-redirect-idna", "http://xn--" + "a" * 10_000 + "/\u2603"),
    ],
)
def test_redirects_to_long_iris(interface, location):
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: redirect(location))
    response = app.test_client().get("/")
    assert response.status_code == 302
    assert response.location.isascii()
    assert len(response.location) <= 9 * len(location)


@pytest.mark.parametrize(
    "header",
    [
        case("55-many", ",".join(f"a{n}" for n in range(20_000))),
        case("55-many-with-weights", ",".join(f"a{n};q=0.5" for n in range(9_000))),
        case("55-one-long", "a" * 100_000),
        case("55-subtags", "a-" * 50_000),
        case("55-underscores", "a_" * 50_000),
        case("55-commas", "," * 100_000),
        case("55-stars", "*," * 50_000),
        case("55-weights", "a;q=" + "0" * 100_000),
        case("55-parameters", "a" + ";b=c" * 25_000),
        case("55-quotes", '"' * 100_000),
        case("55-one-long-before", "a" * 100_000 + ", de"),
    ],
)
def test_huge_lists_of_languages(interface, header):
    app = Erlen(__name__)

    @app.route("/")
    def index():
        languages = request.accept_languages
        return {"count": len(languages), "best": languages.best_match(["de", "en-GB"], "none")}

    response = app.test_client().get("/", headers={"Accept-Language": header})
    assert response.status_code == 200
    assert response.json["count"] <= 256
    assert response.json["best"] in ("none", "de")


@pytest.mark.parametrize("repeats", [1, 200])
@pytest.mark.parametrize(
    ("header", "best"),
    [
        case("55-dot", "d.", None),
        case("55-any", ".*", None),
        case("55-plus", "d+e*", None),
        case("55-nested-repeats", "(d+)+e", None),
        case("55-alternatives", "de|fr", None),
        case("55-class", "[a-z]{2}", None),
        case("55-anchors", "^de$", None),
        case("55-lookahead", "(?=de)de", None),
        case("55-backslash", "d\\w", None),
        case("55-bracket", "[", None),
        case("55-group", "(", None),
        case("55-path", "../../etc/passwd", None),
        case("55-nul", "de%00", None),
        case("55-html", "<script>", None),
        case("55-star", "*", "de"),
        case("55-literal", "de", "de"),
        case("55-region", "en-US", "en-GB"),
    ],
)
def test_languages_are_literal(interface, header, best, repeats):
    app = Erlen(__name__)

    @app.route("/")
    def index():
        return {
            "best": request.accept_languages.best_match(["de", "en-GB", "fr"]),
            "de": "de" in request.accept_languages,
        }

    got = app.test_client().get("/", headers={"Accept-Language": ",".join([header] * repeats)}).json
    # "en-US" fits "en", which "en-GB" is a kind of.
    assert got["best"] in (best, None if best == "en-GB" else best)
    assert got["de"] is (best == "de")


@pytest.mark.parametrize(
    "make",
    [
        case("57-keys", lambda n: [(f"k{i}", "v") for i in range(n)]),
        case("57-one-key", lambda n: [("k", "v")] * n),
        case("57-numbers", lambda n: [(str(i * (2**61 - 1)), "v") for i in range(n)]),
        # These have the same hash in languages whose hashes are not salted.
        case("57-java-collisions", lambda n: [(pairs(i), "v") for i in range(n)]),
        case("57-long-keys", lambda n: [("k" * 50 + str(i), "v") for i in range(n)]),
        case("57-nul-keys", lambda n: [("\0" * (i % 97) + str(i), "v") for i in range(n)]),
    ],
)
def test_keys_do_not_flood_the_hash_table(assert_linear, make):
    def build(fields):
        found = MultiDict(fields)
        for key, _ in fields:
            assert key in found

    assert_linear(build, make, small=500, large=32_000)


def pairs(number):
    """A text of pairs of letters that Java hashes alike, one for each bit."""
    return "".join("AaBB"[bit : bit + 2] for bit in (2 * int(b) for b in f"{number:020b}"))


@pytest.mark.parametrize(
    "body",
    [
        case("57-form-keys", "&".join(f"k{n}=" for n in range(1_000))),
        case("57-form-one-key", "&".join(["k=v"] * 1_000)),
        case("57-form-collisions", "&".join(f"{pairs(n)}=" for n in range(1_000))),
    ],
)
def test_many_keys_in_a_form(interface, body):
    app = Erlen(__name__)
    app.add_url_rule(
        "/", "index", lambda: str(len(list(request.form.items(multi=True)))), methods=["POST"]
    )
    response = app.test_client().post(
        "/", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert response.text == "1000"
