"""Cases 58 to 62: hostile paths of files, and session ids that look like them."""

from __future__ import annotations

import ntpath
import os
from types import SimpleNamespace

import pytest

from erlen import Erlen, render_template, send_from_directory
from erlen.http import paths
from erlen.http.paths import safe_join
from erlen.middleware.shared_data import SharedDataMiddleware

SECRET = "secret of the server"


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def tree(tmp_path):
    """A folder to be served, and what lies around it."""
    for path in ("public/ok.txt", "public/sub/ok.txt", "public/..ok.txt", "public/a b.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("public")
    for path in (
        "secret.txt", "public.bak", "public-secret/secret.txt", "publicsecret/secret.txt",
        "templates-secret/secret.html", "private/deep/secret.txt",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(SECRET)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "ok.html").write_text("public")
    (tmp_path / "secret.html").write_text(SECRET)
    return tmp_path


# Every way in which Erlen serves files.
WAYS = ["/static/", "/files/", "/relative/", "/shared/", "/pages/"]


@pytest.fixture
def client(tree):
    app = Erlen(
        __name__,
        root_path=str(tree),
        static_folder=str(tree / "public"),
        static_url_path="/static",
    )
    app.add_url_rule(
        "/files/<path:name>", "files", lambda name: send_from_directory(tree / "public", name)
    )
    app.add_url_rule(
        "/relative/<path:name>", "relative", lambda name: send_from_directory("public", name)
    )
    app.add_url_rule("/pages/<path:name>", "pages", lambda name: render_template(name))
    app.url_map.merge_slashes = False
    app.wsgi_app = SharedDataMiddleware(app.wsgi_app, {"/shared": str(tree / "public")})
    return app.test_client()


def assert_nothing_is_served(response):
    # A template that does not exist is an error of the server's.
    is_template = response.request.path.startswith("/pages/")
    assert response.status_code == 404 or (is_template and response.status_code == 500)
    assert SECRET not in response.text
    response.close()


@pytest.mark.parametrize("way", [case(f"58-inside{way}", way) for way in WAYS])
def test_files_inside_are_served(client, way):
    name = "ok.html" if way == "/pages/" else "sub/ok.txt"
    with client.get(way + name) as response:
        assert (response.status_code, response.text) == (200, "public")
    if way != "/pages/":
        # Names that only look hostile.
        for name in ("..ok.txt", "a%20b.txt", "sub/../ok.txt"):
            with client.get(way + name) as response:
                assert (response.status_code, response.text) == (200, "public")


TRAVERSALS = {
    "58-dots": "../secret.txt",
    "58-encoded-slash": "..%2fsecret.txt",
    "58-encoded-dots": "%2e%2e/secret.txt",
    "58-all-encoded": "%2e%2e%2fsecret.txt",
    "58-one-dot-encoded": ".%2e/secret.txt",
    "58-encoded-twice": "%252e%252e%252fsecret.txt",
    "58-overlong-utf-8": "%c0%ae%c0%ae/secret.txt",
    "58-overlong-slash": "..%c0%afsecret.txt",
    "58-invalid-utf-8": "%ff/../../secret.txt",
    "58-down-and-up": "sub/../../secret.txt",
    "58-up-and-down": "../public/../secret.txt",
    "58-many": "../" * 40 + "etc/passwd",
    "58-deep": "../private/deep/secret.txt",
    "58-backslash": "..\\secret.txt",
    "58-encoded-backslash": "..%5csecret.txt",
    "58-mixed": "sub\\..\\../secret.txt",
    "58-absolute": "/etc/passwd",
    "58-absolute-encoded": "%2fetc%2fpasswd",
    "58-many-slashes": "////etc/passwd",
    "58-nul": "%00",
    "58-nul-behind": "ok.txt%00",
    "58-nul-and-extension": "../secret.txt%00.html",
    "58-line-end": "ok.txt%0a",
    "58-dots-alone": "..",
    "58-dots-and-slash": "../",
    "58-dot": ".",
    "58-empty": "",
    "58-folder": "sub",
    "58-three-dots": ".../secret.txt",
    "58-four-dots": "..../secret.txt",
    "58-doubled": "....//secret.txt",
    "58-semicolon": "..;/secret.txt",
    "58-full-width": "%ef%bc%8e%ef%bc%8e/secret.txt",
    "58-home": "~/secret.txt",
    "58-file-url": "file:///etc/passwd",
    "58-long-name": "a" * 5_000,
    "58-long-path": "a/" * 5_000,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", [case(name, path) for name, path in TRAVERSALS.items()])
def test_no_path_leads_out(client, way, path):
    assert_nothing_is_served(client.get(way + path))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "path",
    [
        case("59-sibling", "../public-secret/secret.txt"),
        case("59-sibling-without-separator", "../publicsecret/secret.txt"),
        case("59-sibling-encoded", "..%2fpublic-secret%2fsecret.txt"),
        case("59-sibling-file", "../public.bak"),
        case("59-suffix", "-secret/secret.txt"),
        case("59-templates", "../templates-secret/secret.html"),
    ],
)
def test_a_sibling_with_the_same_prefix_is_outside(client, way, path):
    assert_nothing_is_served(client.get(way + path))


@pytest.mark.parametrize("url", [case("59-url", "/static-secret/secret.txt")])
def test_a_url_with_the_same_prefix_is_another_url(client, url):
    assert client.get(url).status_code == 404
    assert client.get("/shared-secret/secret.txt").status_code == 404
    assert client.get("/sharedsecret/ok.txt").status_code == 404


@pytest.fixture
def on_windows(monkeypatch):
    """Joins paths as on Windows: the module alone gets another system."""
    monkeypatch.setattr(paths, "os", SimpleNamespace(name="nt", path=ntpath))
    monkeypatch.setattr(paths, "OTHER_SEPARATORS", ["\\"])


WINDOWS = {
    "share": "//srv/x",
    "share-backslashes": "\\\\srv\\x",
    "share-long": "//?/C:/x",
    "share-device": "//./pipe/x",
    "device": "CON",
    "device-lower-case": "con",
    "device-extension": "CON.txt",
    "device-extensions": "con.tar.gz",
    "device-below": "a/NUL",
    "device-as-folder": "NUL/x",
    "device-behind-dots": "a/../CON",
    "device-space": "CON ",
    "device-space-and-extension": "CON .txt",
    "device-dot": "CON.",
    "device-colon": "CON:",
    "device-stream": "NUL:x",
    "device-port": "COM1",
    "device-superscript": "COM\u00b9.log",
    "device-printer": "lpt9.txt",
    "device-prn": "prn",
    "device-aux": "aux.c",
    "device-console-in": "CONIN$",
    "device-console-out": "conout$",
    "drive": "C:/x",
    "drive-relative": "C:x",
    "drive-alone": "C:",
    "drive-below": "a/C:x",
    "stream": "ok.txt::$DATA",
    "stream-named": "ok.txt:hidden",
    "backslash": "a\\b",
    "backslash-dots": "..\\secret.txt",
    "absolute": "/x",
    "absolute-backslash": "\\x",
    "dots": "../x",
    "dots-space": ".. /secret.txt",
    "dots-dot": ".../secret.txt",
    "nul": "a\0",
}


@pytest.mark.parametrize("name", [case(f"60-{n}", name) for n, name in WINDOWS.items()])
def test_names_that_windows_reads_otherwise_are_refused(on_windows, client, name):
    assert safe_join("folder", name) is None
    assert safe_join("folder", "sub", name) is None
    assert_nothing_is_served(client.get(environ_overrides={"PATH_INFO": f"/files/{name}"}))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        case("60-harmless-file", "a/b.txt", "folder/a/b.txt"),
        case("60-harmless-console", "console.txt", "folder/console.txt"),
        case("60-harmless-number", "COM10", "folder/COM10"),
        case("60-harmless-null", "null", "folder/null"),
        case("60-harmless-extension", "a.con", "folder/a.con"),
        case("60-harmless-dots", "..a", "folder/..a"),
        case("60-harmless-dots-inside", "a/../b", "folder/b"),
        case("60-harmless-unicode", "größe.txt", "folder/größe.txt"),
    ],
)
def test_other_names_are_joined_on_windows_too(on_windows, name, path):
    assert safe_join("folder", name) == path


@pytest.mark.parametrize("way", [way for way in WAYS if way != "/pages/"])
@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        case("61-file", "link.txt", "../secret.txt", "link.txt"),
        case("61-absolute", "link.txt", "{tree}/secret.txt", "link.txt"),
        case("61-system-file", "link.txt", "/etc/passwd", "link.txt"),
        case("61-folder", "link", "../private", "link/deep/secret.txt"),
        case("61-sibling", "link", "../public-secret", "link/secret.txt"),
        case("61-root", "link", "/", "link/etc/passwd"),
        case("61-below", "sub/link.txt", "../../secret.txt", "sub/link.txt"),
        case("61-folder-below", "sub/link", "../../private/deep", "sub/link/secret.txt"),
        case("61-out-and-in-again", "link", "../private/deep", "link/secret.txt"),
        case("61-itself", "link.txt", "link.txt", "link.txt"),
        case("61-nothing", "link.txt", "../missing.txt", "link.txt"),
        case("61-process", "link", "/proc/self", "link/environ"),
    ],
)
def test_a_symbolic_link_out_of_the_folder_is_not_followed(client, tree, way, link, target, path):
    (tree / "public" / link).symlink_to(target.format(tree=tree))
    response = client.get(way + path)
    assert response.status_code == 404
    response.close()


@pytest.mark.parametrize("way", [way for way in WAYS if way != "/pages/"])
@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        case("61-inside-file", "link.txt", "ok.txt", "link.txt"),
        case("61-inside-folder", "link", "sub", "link/ok.txt"),
        case("61-inside-chain", "sub/link.txt", "../first.txt", "sub/link.txt"),
        case("61-inside-through-the-outside", "link.txt", "../public/ok.txt", "link.txt"),
    ],
)
def test_a_symbolic_link_inside_the_folder_is_followed(client, tree, way, link, target, path):
    (tree / "public" / "first.txt").symlink_to("ok.txt")
    (tree / "public" / link).symlink_to(target)
    with client.get(way + path) as response:
        assert (response.status_code, response.text) == (200, "public")


@pytest.mark.parametrize("end", [case("61-root-link", ""), case("61-root-link-slash", "/")])
def test_the_folder_itself_may_be_a_link(tree, end):
    (tree / "current").symlink_to("public")
    folder = f"{tree}/current{end}"
    app = Erlen(__name__, static_folder=folder, static_url_path="/static")
    app.add_url_rule("/files/<path:name>", "files", lambda name: send_from_directory(folder, name))
    app.wsgi_app = SharedDataMiddleware(app.wsgi_app, {"/shared": folder})
    (tree / "public" / "inner.txt").symlink_to("sub/ok.txt")
    (tree / "public" / "outer.txt").symlink_to("../secret.txt")
    for way in ("/static/", "/files/", "/shared/"):
        for name in ("ok.txt", "sub/ok.txt", "inner.txt"):
            with app.test_client().get(way + name) as response:
                assert response.status_code == 200
        assert app.test_client().get(way + "outer.txt").status_code == 404


@pytest.mark.parametrize("kind", [case("61-pipe", "pipe"), case("61-device", "device")])
def test_only_regular_files_are_served(client, tree, kind):
    if kind == "pipe":
        os.mkfifo(tree / "public" / "special")
    else:
        (tree / "public" / "special").symlink_to("/dev/zero")
    for way in WAYS[:-1]:
        # Opening the pipe would wait for a writer.
        assert client.get(way + "special").status_code == 404
