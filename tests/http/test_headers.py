from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from erlen.http.exceptions import BadRequestKeyError
from erlen.http.headers import EnvironHeaders, Headers
from erlen.http.multidict import MultiDict

PAIRS = [("X-A", "1"), ("Content-Type", "text/html"), ("x-a", "2")]


@pytest.mark.parametrize(
    "source",
    [
        PAIRS,
        Headers(PAIRS),
        {"X-A": ["1", "2"], "Content-Type": "text/html"},
        MultiDict([("X-A", "1"), ("X-A", "2"), ("Content-Type", "text/html")]),
    ],
)
def test_every_source_gives_the_same_values(source: object) -> None:
    headers = Headers(source)  # type: ignore[arg-type]
    assert headers.getlist("x-a") == ["1", "2"]
    assert headers["content-type"] == "text/html"
    assert len(headers) == 3


def test_adopt_takes_the_list_itself() -> None:
    pairs = [("A", "1")]
    headers = Headers._adopt(pairs)
    headers.add("B", "2")
    assert pairs == [("A", "1"), ("B", "2")]


def test_reading_ignores_case_and_keeps_order() -> None:
    headers = Headers(PAIRS)
    assert headers["x-A"] == headers.get("X-a") == "1"
    assert headers.get("x-z") is None
    assert headers.get("x-z", "default") == "default"
    assert headers.get("X-A", type=int) == 1
    assert headers.get("Content-Type", 5, type=int) == 5
    assert headers.getlist("x-a", type=int) == [1, 2]
    assert Headers([("A", "x"), ("A", "1")]).getlist("a", type=int) == [1]
    assert headers.get_all("x-a") == ["1", "2"]
    assert "x-a" in headers
    assert "x-z" not in headers
    assert 42 not in headers
    assert list(headers) == headers.to_wsgi_list() == PAIRS
    assert list(headers.items(lower=True))[1] == ("content-type", "text/html")
    assert list(headers.keys()) == ["X-A", "Content-Type", "x-a"]
    assert list(headers.keys(lower=True)) == ["x-a", "content-type", "x-a"]
    assert list(headers.values()) == ["1", "text/html", "2"]
    assert headers[0] == ("X-A", "1")
    assert headers[:1] == Headers(PAIRS[:1])
    with pytest.raises(BadRequestKeyError):
        headers["x-z"]


def test_equality_ignores_case_of_names_and_order() -> None:
    assert Headers(PAIRS) == Headers([(name.upper(), value) for name, value in reversed(PAIRS)])
    assert Headers(PAIRS) != Headers(PAIRS[:2])
    assert Headers(PAIRS) != PAIRS
    with pytest.raises(TypeError):
        hash(Headers())


BAD = ["\r", "\n", "\0", "a\r\nX-Evil: 1", "\nafter", "before\n"]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "write",
    [
        lambda h, k, v: h.add(k, v),
        lambda h, k, v: h.add(k, "form-data", filename=v) if k == "X" else h.add(k, v),
        lambda h, k, v: h.set(k, v),
        lambda h, k, v: h.setdefault(k, v),
        lambda h, k, v: h.setlist(k, ["1", v]),
        lambda h, k, v: h.setlistdefault(k, [v]),
        lambda h, k, v: h.extend([(k, v)]),
        lambda h, k, v: h.extend(Headers._adopt([(k, v)])),
        lambda h, k, v: h.update({k: v}),
        lambda h, k, v: h.__setitem__(k, v),
        lambda h, k, v: h.__setitem__(0, (k, v)),
        lambda h, k, v: h.__setitem__(slice(0, 1), [(k, v)]),
        lambda h, k, v: h | {k: v},
        lambda h, k, v: Headers([(k, v)]),
    ],
)
def test_what_would_split_a_field_is_refused(write: object, bad: str) -> None:
    headers = Headers([("A", "1")])
    with pytest.raises(ValueError, match=r"Header (values|names) must not contain"):
        write(headers, bad, "value")  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"newline|quoted"):
        write(headers, "X", bad)  # type: ignore[operator]


def test_the_refusal_names_the_header() -> None:
    with pytest.raises(ValueError, match="'X-Name'"):
        Headers().add("X-Name", "a\nb")


def test_the_refusal_of_a_value_is_short() -> None:
    with pytest.raises(ValueError) as caught:
        Headers().add("X", "a" * 10_000 + "\n")
    assert len(str(caught.value)) < 300


def test_values_become_text() -> None:
    headers = Headers()
    headers.add("Content-Length", 12)
    headers.add("X", b"\xe9")
    headers.add("Y", "tab\tand é")
    assert list(headers.values()) == ["12", "é", "tab\tand é"]


def test_parameters() -> None:
    headers = Headers()
    headers.add("Content-Disposition", "attachment", filename="a b.txt", x_y=1)
    assert headers["Content-Disposition"] == 'attachment; filename="a b.txt"; x-y=1'
    headers.set("Content-Disposition", "inline", filename=None)
    assert headers["Content-Disposition"] == "inline"


def test_set_replaces_in_place() -> None:
    headers = Headers(PAIRS)
    headers["x-a"] = "9"
    assert list(headers) == [("x-a", "9"), ("Content-Type", "text/html")]
    headers.set("New", "n")
    assert headers[-1] == ("New", "n")


def test_lists() -> None:
    headers = Headers(PAIRS)
    headers.setlist("X-A", ["7", "8"])
    assert headers.getlist("x-a") == ["7", "8"]
    headers.setlist("X-A", [])
    assert "x-a" not in headers
    assert headers.setlistdefault("X-A", ["1", "2"]) == ["1", "2"]
    assert headers.setlistdefault("X-A", ["3"]) == ["1", "2"]
    assert headers.setdefault("X-A", "5") == "1"
    assert headers.setdefault("X-B", 5) == "5"


def test_update_replaces_and_extend_adds() -> None:
    headers = Headers(PAIRS)
    headers.extend({"X-A": ["3", "4"]}, B="5")
    assert headers.getlist("x-a") == ["1", "2", "3", "4"]
    headers.update({"X-A": ["5", "6"]}, B="7")
    assert headers.getlist("x-a") == ["5", "6"]
    assert headers.getlist("b") == ["7"]
    headers.update(Headers([("X-A", "1"), ("X-A", "2")]))
    assert headers.getlist("x-a") == ["1", "2"]
    headers.update([("X-A", "1"), ("X-A", "2")])
    assert headers.getlist("x-a") == ["2"]


def test_union() -> None:
    headers = Headers(PAIRS)
    assert (headers | {"X-A": "9"}).getlist("x-a") == ["9"]
    assert headers.getlist("x-a") == ["1", "2"]
    headers |= [("X-A", "8")]
    assert headers.getlist("x-a") == ["8"]
    with pytest.raises(TypeError):
        headers | 1  # type: ignore[operator]


def test_removing() -> None:
    headers = Headers(PAIRS)
    assert headers.pop("x-a") == "1"
    assert list(headers) == [("Content-Type", "text/html")]
    assert headers.pop("x-a", None) is None
    with pytest.raises(BadRequestKeyError):
        headers.pop("x-a")
    del headers["content-type"]
    headers.remove("content-type")
    assert not headers
    headers = Headers(PAIRS)
    assert headers.popitem() == ("x-a", "2")
    assert headers.pop(0) == ("X-A", "1")
    del headers[0]
    assert list(headers) == []


def test_clear_keeps_the_list() -> None:
    headers = Headers(PAIRS)
    pairs = headers._list
    headers.remove("x-a")
    headers.clear()
    assert headers._list is pairs == []


def test_copies_and_pickles() -> None:
    headers = Headers(PAIRS)
    for other in (headers.copy(), copy.copy(headers), pickle.loads(pickle.dumps(headers))):
        assert other == headers
        other.add("B", "1")
        assert "B" not in headers


def test_text() -> None:
    assert str(Headers([("A", "1"), ("B", "2")])) == "A: 1\r\nB: 2\r\n\r\n"
    assert repr(Headers([("A", "1")])) == "Headers([('A', '1')])"


ENVIRON = {
    "HTTP_HOST": "example.org",
    "HTTP_X_FORWARDED_FOR": "1.2.3.4",
    "CONTENT_TYPE": "text/plain",
    "CONTENT_LENGTH": "0",
    "HTTP_CONTENT_TYPE": "not the type",
    "wsgi.version": (1, 0),
    "REQUEST_METHOD": "GET",
}


def test_environ() -> None:
    headers = EnvironHeaders(ENVIRON)
    assert headers["x-forwarded-for"] == headers.get("X-Forwarded-For") == "1.2.3.4"
    assert headers["Content-Type"] == "text/plain"
    assert headers.get("Content-Length", type=int) == 0
    assert headers.get("Host", 5, type=int) == 5
    assert "host" in headers
    assert headers.get("x-z", "default") == "default"
    assert "x-z" not in headers
    assert 42 not in headers
    assert len(headers) == 4
    assert dict(headers) == {
        "Host": "example.org",
        "X-Forwarded-For": "1.2.3.4",
        "Content-Type": "text/plain",
        "Content-Length": "0",
    }
    for missing in ("x-z", 42):
        with pytest.raises(BadRequestKeyError):
            headers[missing]
    assert headers == EnvironHeaders(ENVIRON)
    assert headers != EnvironHeaders(dict(ENVIRON))


def test_environ_with_empty_content_headers() -> None:
    headers = EnvironHeaders({"CONTENT_TYPE": "", "CONTENT_LENGTH": ""})
    assert list(headers) == []
    assert headers.get("Content-Type") is None
    assert "Content-Length" not in headers


def test_environ_shows_what_is_set_later() -> None:
    environ: dict[str, object] = {}
    headers = EnvironHeaders(environ)
    environ["HTTP_LATER"] = "yes"
    assert headers["Later"] == "yes"


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.add("A", "1"),
        lambda h: h.set("A", "1"),
        lambda h: h.setlist("A", []),
        lambda h: h.setdefault("A", "1"),
        lambda h: h.setlistdefault("A", []),
        lambda h: h.extend({}),
        lambda h: h.update({}),
        lambda h: h.remove("A"),
        lambda h: h.pop("Host"),
        lambda h: h.popitem(),
        lambda h: h.clear(),
        lambda h: h.__setitem__("A", "1"),
        lambda h: h.__delitem__("Host"),
        lambda h: h.__ior__({}),
        lambda h: h | {},
        lambda h: h.copy(),
    ],
)
def test_environ_is_read_only(change: object) -> None:
    with pytest.raises(TypeError, match=r"immutable|cannot create"):
        change(EnvironHeaders(ENVIRON))  # type: ignore[operator]
    assert Headers(EnvironHeaders(ENVIRON)).get("Host") == "example.org"


TOKENS = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=8)
# What HTTP carries (RFC 9110, section 5.5): Latin-1 but for controls, blanks at the ends left out.
VALUES = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=12
).map(lambda text: text.strip(" "))


@given(st.lists(st.tuples(TOKENS, VALUES), max_size=8))
def test_what_is_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    headers = Headers(pairs)
    assert headers.to_wsgi_list() == list(headers) == pairs
    assert Headers(headers) == headers == headers.copy()
    # As the standard library reads a message: name, value, and the empty line at the end.
    lines = str(headers).split("\r\n")
    assert lines[-2:] == ["", ""]
    assert [(n, v.strip(" ")) for n, _, v in (line.partition(":") for line in lines[:-2])] == pairs
    for name, _ in pairs:
        same = [value for other, value in pairs if other.lower() == name.lower()]
        assert headers.getlist(name.upper()) == same
        assert headers[name] == headers.get(name.lower()) == same[0]
        assert name.swapcase() in headers


@given(
    st.dictionaries(st.from_regex(r"[A-Z][a-z]{1,5}(-[A-Z][a-z]{1,5})?", fullmatch=True), VALUES)
)
def test_headers_of_an_environment_are_those_that_were_sent(fields: dict[str, str]) -> None:
    fields = {name: value for name, value in fields.items() if not name.startswith("Content-")}
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
    headers = EnvironHeaders({**environ, "wsgi.url_scheme": "http", "REQUEST_METHOD": "GET"})
    assert dict(headers) == fields
    assert len(headers) == len(list(headers)) == len(headers.to_wsgi_list()) == len(fields)
    assert all(headers[name] == value and name in headers for name, value in fields.items())


NAMES = st.sampled_from(["A", "a", "B", "b", "C-d"])
NUMBERS = st.sampled_from(["1", "2", "3"])


class HeadersAgainstPairs(RuleBasedStateMachine):
    """Headers do what a plain list of pairs does, in any order of calls."""

    def __init__(self) -> None:
        super().__init__()
        self.headers = Headers()
        self.pairs: list[tuple[str, str]] = []

    def without(self, name: str) -> list[tuple[str, str]]:
        return [pair for pair in self.pairs if pair[0].lower() != name.lower()]

    def values(self, name: str) -> list[str]:
        return [value for other, value in self.pairs if other.lower() == name.lower()]

    @rule(name=NAMES, value=NUMBERS)
    def add(self, name: str, value: str) -> None:
        self.headers.add(name, value)
        self.pairs.append((name, value))

    @rule(name=NAMES, value=NUMBERS)
    def set(self, name: str, value: str) -> None:
        self.headers[name] = value
        # In the place of the first one, or at the end.
        places = [at for at, pair in enumerate(self.pairs) if pair[0].lower() == name.lower()]
        at = places[0] if places else len(self.pairs)
        before = len([pair for pair in self.pairs[:at] if pair[0].lower() != name.lower()])
        self.pairs = self.without(name)
        self.pairs.insert(before, (name, value))

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        del self.headers[name]
        self.pairs = self.without(name)

    @rule(name=NAMES)
    def pop(self, name: str) -> None:
        assert self.headers.pop(name, "none") == (self.values(name) or ["none"])[0]
        self.pairs = self.without(name)

    @rule(name=NAMES, value=NUMBERS)
    def setdefault(self, name: str, value: str) -> None:
        expected = (self.values(name) or [value])[0]
        if not self.values(name):
            self.pairs.append((name, value))
        assert self.headers.setdefault(name, value) == expected

    @rule()
    def copy(self) -> None:
        self.headers = self.headers.copy()

    @rule(name=NAMES)
    def copies_are_apart(self, name: str) -> None:
        self.headers.copy().add(name, "9")

    @invariant()
    def both_are_the_same(self) -> None:
        assert list(self.headers) == self.pairs
        assert len(self.headers) == len(self.pairs)
        for name in ("A", "b", "C-D", "x"):
            assert self.headers.getlist(name) == self.values(name)
            assert (name in self.headers) is bool(self.values(name))
            assert self.headers.get(name, type=int) == next(map(int, self.values(name)), None)


TestHeadersAgainstPairs = HeadersAgainstPairs.TestCase


_fields = st.tuples(st.sampled_from(["X", "x", "Y", "y-z"]), st.text(max_size=3))


@given(st.lists(_fields), st.text(max_size=3), st.text(max_size=3))
def test_assigning_is_setting(pairs: list[tuple[str, str]], key: str, value: str) -> None:
    def outcome(write: object) -> object:
        headers = Headers._adopt(pairs.copy())
        try:
            write(headers)  # type: ignore[operator]
        except ValueError as error:
            return str(error)
        return list(headers)

    for name in (key, "x", "Y"):
        assert outcome(lambda h, n=name: h.__setitem__(n, value)) == outcome(
            lambda h, n=name: h.set(n, value)
        )


def test_assigning_calls_what_a_subclass_overrides() -> None:
    class Loud(Headers):
        def set(self, key: str, value: object, /, **kwargs: object) -> None:
            super().set(key, str(value).upper(), **kwargs)

    headers = Loud()
    headers["X"] = "a"
    assert headers["X"] == "A"
