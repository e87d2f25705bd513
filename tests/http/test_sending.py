from __future__ import annotations

import os
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.dates import parse_date
from erlen.http.exceptions import NotFound, RequestedRangeNotSatisfiable
from erlen.http.grammar import parse_options_header
from erlen.http.response import Response
from erlen.http.sending import send_file, send_from_directory
from erlen.testing.builder import create_environ

CHANGED = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
CHANGED_TEXT = "Thu, 02 Jan 2020 03:04:05 GMT"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "a.txt": b"hello world",
        "noext": b"x",
        "b.tar.gz": b"gz",
        "größe.png": b"png",
        "empty.css": b"",
        "sub/c.html": b"<p>",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (CHANGED.timestamp(), CHANGED.timestamp()))
    return tmp_path


def wire(response: Response, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    body, _, pairs = response.get_wsgi_response(create_environ())
    with response:
        return response.status_code, b"".join(body), dict(pairs)


def send(file: Any, *, headers: dict[str, str] | None = None, **kw: Any) -> Any:
    """Status, body and headers of the answer with a file."""
    return wire(send_file(file, create_environ(headers=headers), **kw))


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        (
            "a.txt",
            b"hello world",
            {
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Length": "11",
                "Content-Disposition": "inline; filename=a.txt",
                "Last-Modified": CHANGED_TEXT,
                "Cache-Control": "no-cache",
                "Accept-Ranges": "bytes",
            },
        ),
        ("noext", b"x", {"Content-Type": "application/octet-stream", "Content-Length": "1"}),
        ("b.tar.gz", b"gz", {"Content-Type": "application/x-tar", "Content-Encoding": "gzip"}),
        ("empty.css", b"", {"Content-Type": "text/css; charset=utf-8", "Content-Length": "0"}),
    ],
)
def test_files(folder: Path, name: str, body: bytes, expected: dict[str, str]) -> None:
    status, sent, headers = send(folder / name)
    assert (status, sent) == (200, body)
    assert headers | expected == headers
    assert headers["ETag"]
    assert "Expires" not in headers


@pytest.mark.parametrize(
    "kind", [str, Path, lambda path: type("P", (), {"__fspath__": lambda _: str(path)})()]
)
def test_paths(folder: Path, kind: Any) -> None:
    assert send(kind(folder / "a.txt"))[1] == b"hello world"


def test_a_relative_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert send("a.txt")[1] == b"hello world"
    monkeypatch.chdir("/")
    assert send("a.txt", _root_path=folder)[1] == b"hello world"


def test_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        send(folder / "nope")


def test_an_open_file(folder: Path) -> None:
    file = open(folder / "a.txt", "rb")  # noqa: SIM115
    status, body, headers = send(file, mimetype="text/css")
    assert (status, body) == (200, b"hello world")
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert "Content-Disposition" not in headers
    assert file.closed


def test_bytes_in_memory() -> None:
    status, body, headers = send(BytesIO(b"hello"), download_name="x.json")
    assert (status, body) == (200, b"hello")
    assert headers["Content-Type"] == "application/json"
    assert headers["Content-Length"] == "5"
    assert "ETag" not in headers
    assert "Last-Modified" not in headers


def test_files_in_text_mode_are_refused(folder: Path) -> None:
    with open(folder / "a.txt") as file:
        for text in (file, StringIO("x")):
            with pytest.raises(ValueError, match="binary mode"):
                send(text, mimetype="text/plain")


def test_what_cannot_be_guessed() -> None:
    with pytest.raises(TypeError, match="MIME type"):
        send(BytesIO(b"x"))
    with pytest.raises(TypeError, match="No name"):
        send(BytesIO(b"x"), mimetype="a/b", as_attachment=True)


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("a.txt", "attachment; filename=a.txt"),
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ('a"b.txt', 'attachment; filename="a\\"b.txt"'),
        ("größe.txt", "attachment; filename=groe.txt; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt"),
        ("€.txt", "attachment; filename=.txt; filename*=UTF-8''%E2%82%AC.txt"),
        ("a\r\nX-Evil: 1.txt", 'attachment; filename="a__X-Evil: 1.txt"'),
        ("a/b;c,d.txt", 'attachment; filename="a/b;c,d.txt"'),
    ],
)
def test_names(folder: Path, name: str, disposition: str) -> None:
    headers = send(folder / "a.txt", download_name=name, as_attachment=True)[2]
    assert headers["Content-Disposition"] == disposition


@given(st.text(min_size=1, max_size=20))
def test_any_name_comes_back(name: str) -> None:
    response = send_file(
        BytesIO(b""), create_environ(), mimetype="a/b", download_name=name, as_attachment=True
    )
    header = response.headers["Content-Disposition"]
    assert header.isascii()
    shown = "".join("_" if ord(char) < 32 or ord(char) == 127 else char for char in name)
    assert parse_options_header(header)[1]["filename"] == shown.replace("%22", '"')


def test_attachments_are_not_decoded(folder: Path) -> None:
    headers = send(folder / "b.tar.gz", as_attachment=True)[2]
    assert "Content-Encoding" not in headers
    assert headers["Content-Type"] == "application/x-tar"


@pytest.mark.parametrize(
    ("max_age", "cache_control"),
    [
        (None, "no-cache"),
        (0, "no-cache, max-age=0"),
        (60, "public, max-age=60"),
        (lambda path: 7 if path.endswith("a.txt") else None, "public, max-age=7"),
        (lambda path: None, "no-cache"),
    ],
)
def test_lifetime(folder: Path, max_age: Any, cache_control: str) -> None:
    headers = send(folder / "a.txt", max_age=max_age)[2]
    assert sorted(headers["Cache-Control"].split(", ")) == sorted(cache_control.split(", "))
    expires = parse_date(headers.get("Expires"))
    if "max-age" in cache_control:
        assert expires is not None
        age = int(cache_control.rpartition("=")[2])
        assert abs((expires - datetime.now(UTC)).total_seconds() - age) < 5
    else:
        assert expires is None


@pytest.mark.parametrize(("etag", "sent"), [(False, None), ("own", '"own"'), ("", '""')])
def test_entity_tags(folder: Path, etag: Any, sent: str | None) -> None:
    assert send(folder / "a.txt", etag=etag)[2].get("ETag") == sent


def test_a_tag_tells_files_apart(folder: Path) -> None:
    tags = {send(folder / name)[2]["ETag"] for name in ("a.txt", "noext", "empty.css")}
    assert len(tags) == 3
    before = send(folder / "a.txt")[2]["ETag"]
    os.utime(folder / "a.txt", (1, 1))
    assert send(folder / "a.txt")[2]["ETag"] != before


@pytest.mark.parametrize("date", [CHANGED.replace(year=2021), 1_609_556_645])
def test_when_it_changed_can_be_told(folder: Path, date: Any) -> None:
    headers = send(folder / "a.txt", last_modified=date)[2]
    assert headers["Last-Modified"] == "Sat, 02 Jan 2021 03:04:05 GMT"


@pytest.mark.parametrize("opened", [True, False])
def test_conditions(folder: Path, opened: bool) -> None:
    path = folder / "a.txt"

    def ask(conditional: Any = True, **headers: str) -> Any:
        file: Any = open(path, "rb") if opened else path  # noqa: SIM115
        return send(
            file, headers=headers, conditional=conditional, mimetype="a/b", etag="x",
            last_modified=CHANGED,
        )  # fmt: skip

    assert ask()[0] == 200
    for headers in ({"If-None-Match": '"x"'}, {"If-Modified-Since": CHANGED_TEXT}):
        status, body, sent = ask(**headers)
        assert (status, body) == (304, b"")
        assert sent["ETag"] == '"x"'
        assert ask(conditional=False, **headers)[:2] == (200, b"hello world")
    assert ask(**{"If-None-Match": '"y"'})[0] == 200


@pytest.mark.parametrize(
    ("wanted", "part"), [("bytes=0-4", b"hello"), ("bytes=-5", b"world"), ("bytes=6-", b"world")]
)
@pytest.mark.parametrize("kind", ["path", "memory"])
def test_ranges(folder: Path, wanted: str, part: bytes, kind: str) -> None:
    file = folder / "a.txt" if kind == "path" else BytesIO(b"hello world")
    status, body, headers = send(file, headers={"Range": wanted}, mimetype="a/b")
    assert (status, body) == (206, part)
    assert headers["Content-Length"] == str(len(part))
    assert headers["Content-Range"].endswith("/11")


@pytest.mark.parametrize("wanted", ["bytes=99-", "bytes=x"])
def test_ranges_that_cannot_be_served_leave_nothing_open(folder: Path, wanted: str) -> None:
    file = open(folder / "a.txt", "rb")  # noqa: SIM115
    for source in (folder / "a.txt", BytesIO(b"hello"), file):
        if source is file:
            # Without a length there are no ranges.
            assert send(source, headers={"Range": wanted}, mimetype="a/b")[0] == 200
            continue
        with pytest.raises(RequestedRangeNotSatisfiable):
            send(source, headers={"Range": wanted}, mimetype="a/b")
    assert file.closed


def test_the_server_in_front_sends_the_file(folder: Path) -> None:
    path = folder / "a.txt"
    status, body, headers = send(path, use_x_sendfile=True)
    assert (status, body) == (200, b"")
    assert headers["X-Sendfile"] == str(path)
    # That of the body which the server in front replaces.
    assert headers["Content-Length"] == "0"
    status, body, headers = send(path, use_x_sendfile=True, headers={"Range": "bytes=0-1"})
    assert (status, body) == (200, b"")
    assert "Content-Range" not in headers
    status, _, headers = send(
        path, use_x_sendfile=True, headers={"If-Modified-Since": CHANGED_TEXT}
    )
    assert status == 304
    assert "X-Sendfile" not in headers


def test_the_class_of_the_response(folder: Path) -> None:
    class Own(Response):
        pass

    response = send_file(folder / "a.txt", create_environ(), response_class=Own)
    assert type(response) is Own
    response.close()


# -- from a folder ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("a.txt", b"hello world"),
        ("sub/c.html", b"<p>"),
        ("./a.txt", b"hello world"),
        ("a.txt/", b"hello world"),
    ],
)
def test_files_of_a_folder(folder: Path, path: str, body: bytes) -> None:
    for directory, kw in ((folder, {}), (folder.name, {"_root_path": str(folder.parent)})):
        response = send_from_directory(directory, path, create_environ(), **kw)
        assert wire(response)[:2] == (200, body)
        assert wire(send_from_directory(folder, Path(path), create_environ()))[1] == body


@pytest.mark.parametrize(
    "path",
    [
        "nope", "sub", "", ".", "..", "/", "../outside", "sub/../../outside", "/etc/passwd",
        "a.txt/x", "a.txt\0", "..\\outside", "%2e%2e/outside", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_file_of_the_folder(folder: Path, path: str) -> None:
    (folder.parent / "outside").write_text("secret")
    with pytest.raises(NotFound):
        send_from_directory(folder, path, create_environ())


def test_links(folder: Path) -> None:
    (folder.parent / "outside").write_text("secret")
    (folder / "in.txt").symlink_to(folder / "a.txt")
    (folder / "out.txt").symlink_to(folder.parent / "outside")
    (folder / "up").symlink_to(folder.parent)
    (folder / "broken").symlink_to(folder / "nope")
    assert wire(send_from_directory(folder, "in.txt", create_environ()))[1] == b"hello world"
    for path in ("out.txt", "up/outside", "broken"):
        with pytest.raises(NotFound):
            send_from_directory(folder, path, create_environ())


@given(
    st.lists(st.sampled_from(["..", ".", "", "sub", "a.txt", "~", "\\"]), max_size=6).map("/".join)
)
def test_no_path_leaves_the_folder(path: str) -> None:
    here = Path(__file__).resolve().parent
    try:
        response = send_from_directory(here, path, create_environ())
    except NotFound:
        return
    with response:
        pytest.fail(f"{path!r} was sent: {response!r}")


class Slow(Response):
    """A class that goes the general way."""

    def make_conditional(self, *args: Any, **kwargs: Any) -> Response:
        return super().make_conditional(*args, **kwargs)


@pytest.mark.parametrize("name", ["a.txt", "b.tar.gz", "empty.css", "größe.png"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"etag": False},
        {"etag": "x"},
        {"max_age": 60},
        {"last_modified": CHANGED.timestamp() + 60},
        {"as_attachment": True, "mimetype": "a/b", "download_name": "c d"},
        {"conditional": False},
        {"use_x_sendfile": True},
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"If-None-Match": "{etag}"},
        {"If-None-Match": 'W/{etag}, "y"'},
        {"If-None-Match": "other"},
        {"If-Modified-Since": CHANGED_TEXT},
        {"If-Match": '"other"'},
        {"Range": "bytes=0-0"},
    ],
)
def test_each_class_sends_the_same(
    folder: Path, name: str, method: str, options: dict[str, Any], headers: dict[str, str]
) -> None:
    if name == "empty.css" and "Range" in headers:
        return
    tag = send(folder / name, **options)[2].get("ETag", "")
    sent = []
    for cls in (Response, Slow):
        environ = create_environ(
            method=method, headers={key: text.format(etag=tag) for key, text in headers.items()}
        )
        response = send_file(folder / name, environ, response_class=cls, **options)
        status, body, pairs = wire(response)
        pairs.pop("Expires", None)
        pairs.pop("Date", None)
        assert len(response.headers) == len(set(response.headers.keys(lower=True)))
        if "X-Sendfile" not in pairs and status != 304 and method != "HEAD":
            assert pairs.get("Content-Length", "0") == str(len(body))
        sent.append((status, body, pairs))
    assert sent[0] == sent[1]


def test_a_file_that_changed_shows_at_once(folder: Path) -> None:
    path = folder / "a.txt"
    _, _, before = send(path)
    for content, changed in ((b"HELLO WORLD", 1), (b"HELLO WORLD", 1.5), (b"short", 1.5)):
        path.write_bytes(content)
        os.utime(path, (CHANGED.timestamp(), CHANGED.timestamp() + changed))
        status, body, headers = send(path, headers={"If-None-Match": before["ETag"]})
        assert (status, body) == (200, content)
        assert headers["ETag"] != before["ETag"]
        assert headers["Content-Length"] == str(len(content))
        before = headers


def test_a_class_whose_answers_have_another_status(folder: Path) -> None:
    class Odd(Response):
        default_status = 203

    status, body, _ = send(folder / "a.txt", response_class=Odd)
    assert (status, body) == (203, b"hello world")


class Made(Response):
    """Sees how it is made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headers["X-Made"] = "init"


class New(Response):
    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__new__(cls)
        made.call_on_close(lambda: None)
        return made


class Uncounted(Response):
    automatically_set_content_length = False


@pytest.mark.parametrize("cls", [Made, New, Uncounted])
def test_a_class_that_makes_its_answers_is_asked(folder: Path, cls: type[Response]) -> None:
    status, body, headers = send(folder / "a.txt", response_class=cls)
    assert (status, body, headers["Content-Length"]) == (200, b"hello world", "11")
    assert headers.get("X-Made") == ("init" if cls is Made else None)
    response = send_file(folder / "a.txt", create_environ(), response_class=cls)
    assert bool(response._on_close) is (cls is New)


def test_a_constructor_that_was_replaced_is_called(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    init = Response.__init__

    def wrapped(self: Response, *args: Any, **kwargs: Any) -> None:
        made.append(self)
        init(self, *args, **kwargs)

    monkeypatch.setattr(Response, "__init__", wrapped)
    assert made == [send_file(folder / "a.txt", create_environ())]


def test_a_body_in_place_of_the_file_is_sent(folder: Path) -> None:
    response = send_file(folder / "a.txt", create_environ())
    response.set_data(b"other")
    assert wire(response)[1:] == (b"other", dict(response.headers))


def test_a_media_type_that_would_split_the_response_is_refused(folder: Path) -> None:
    for cls in (Response, Slow):
        with pytest.raises(ValueError):
            send(folder / "a.txt", mimetype="a/b\r\nX-Evil: 1", response_class=cls)


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
def test_a_path_that_is_no_text(folder: Path) -> None:
    path = os.path.join(folder, os.fsdecode(b"\xff.txt"))
    try:
        os.link(folder / "a.txt", path)
    except OSError:
        pytest.skip("this file system takes text alone")
    assert send(path)[:2] == (200, b"hello world")
