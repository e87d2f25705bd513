"""Cases 76 and 77: what a file's type is, nobody who names files can change."""

from __future__ import annotations

import mimetypes
from io import BytesIO

import pytest

from erlen import Erlen, send_file
from erlen.http import media_types
from erlen.http.files import FileMultiDict
from erlen.middleware.shared_data import SharedDataMiddleware


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


NAMES = [
    case("76-data-url", "data:text/html,x.webp", "image/webp"),
    case("76-data-url-with-parameters", "data:text/html;charset=x,x.webp", "image/webp"),
    case("76-url", "https://a.b/c.html?x.webp", "image/webp"),
    case("76-url-without-an-ending", "data:text/html,x", "application/octet-stream"),
    case("76-upper-case", "DATA:TEXT/HTML,X.WEBP", "image/webp"),
]


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_a_name_from_outside_is_no_url(respond, name, kind):
    def download(name):
        return respond(lambda: send_file(BytesIO(b"<script>"), download_name=name))

    assert download(name).mimetype == kind
    assert download("of-another-person.webp").mimetype == "image/webp"


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_of_uploads_and_shared_files_too(tmp_path, name, kind):
    files = FileMultiDict()
    files.add_file("x", BytesIO(), name)
    assert files["x"].content_type == kind
    assert SharedDataMiddleware(Erlen("x"), {})._content_type(name) in (kind, "text/plain")


@pytest.fixture
def odd_machine(monkeypatch):
    """A machine whose table of types was spoilt, by hand or by an installer."""
    mimetypes.init()
    odd = {**mimetypes.types_map, **dict.fromkeys(media_types.PINNED, "text/x-odd"), ".odd": "a/b"}
    monkeypatch.setattr(mimetypes, "types_map", odd)
    media_types._tables.cache_clear()
    yield
    media_types._tables.cache_clear()


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        case("77-js", "js", "text/javascript; charset=utf-8"),
        case("77-mjs", "mjs", "text/javascript; charset=utf-8"),
        case("77-css", "css", "text/css; charset=utf-8"),
        case("77-svg", "svg", "image/svg+xml; charset=utf-8"),
        case("77-wasm", "wasm", "application/wasm"),
        case("77-webp", "webp", "image/webp"),
        case("77-avif", "avif", "image/avif"),
        case("77-woff2", "woff2", "font/woff2"),
        case("77-json", "json", "application/json"),
        case("77-map", "map", "application/json"),
        case("77-upper-case", "JS", "text/javascript; charset=utf-8"),
        case("77-the-rest-is-the-machines", "odd", "a/b"),
    ],
)
def test_the_webs_own_types_are_pinned(odd_machine, tmp_path, interface, ending, kind):
    (tmp_path / f"file.{ending}").write_text("x")
    app = Erlen("x", static_folder=tmp_path, static_url_path="/static")
    response = app.test_client().get(f"/static/file.{ending}")
    assert response.content_type == kind


def test_a_later_change_of_the_table_changes_no_answer(respond):
    before = respond(lambda: send_file(BytesIO(), download_name="a.webp")).mimetype
    mimetypes.add_type("text/html", ".webp")
    try:
        after = respond(lambda: send_file(BytesIO(), download_name="a.webp")).mimetype
    finally:
        mimetypes.add_type("image/webp", ".webp")
    assert before == after == "image/webp"
