"""Case 95: what is sent is what was opened, whatever becomes of its name."""

from __future__ import annotations

import os
from io import FileIO

import pytest

from erlen import Erlen, send_file, send_from_directory
from erlen.http import sending


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


LARGE, SMALL = b"x" * 300_000, b"small"


@pytest.fixture(params=["sync", "async"])
def ask(interface, request, tmp_path):
    """The answer of a view that does something to the file which it sends."""

    def ask(prepare, between, content=LARGE, **headers):
        path = tmp_path / "file.bin"
        path.write_bytes(content)
        app = Erlen("x")
        app.config.update(PROPAGATE_EXCEPTIONS=False)

        def view():
            response = prepare(path)
            between(path)
            return response

        async def async_view():
            return view()

        app.add_url_rule("/", "x", view if request.param == "sync" else async_view)
        return app.test_client().get("/", headers=headers)

    return ask


def by_opener(path):
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        file = FileIO(path.name, opener=lambda p, flags: os.open(p, flags, dir_fd=folder))
    finally:
        os.close(folder)
    return send_file(file, mimetype="a/b", download_name="x")


WAYS = {
    "path": send_file,
    "folder": lambda path: send_from_directory(path.parent, path.name),
    "file": lambda path: send_file(path.open("rb"), download_name="x"),
    "unbuffered": lambda path: send_file(path.open("rb", 0), download_name="x"),
    "dir-fd": by_opener,
}
CHANGES = {
    "removed": lambda path: path.unlink(),
    "replaced": lambda path: (path.unlink(), path.write_bytes(b"another")),
    "a-link-elsewhere": lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
}


@pytest.mark.parametrize("content", [LARGE, SMALL], ids=["large", "small"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", [case(f"95-{name}", name) for name in CHANGES])
def test_what_was_opened_is_sent(ask, change, way, content):
    response = ask(WAYS[way], CHANGES[change], content)
    assert (response.status_code, response.data) == (200, content)


@pytest.mark.parametrize("way", ["path", "folder"])
def test_a_part_of_what_was_opened(ask, way):
    response = ask(WAYS[way], CHANGES["replaced"], LARGE, Range="bytes=10-19")
    assert (response.status_code, response.data) == (206, LARGE[:10])


@pytest.mark.parametrize("way", ["path", "folder"])
@pytest.mark.parametrize("part", [case("95-whole", None), case("95-part", "bytes=10-290000")])
def test_a_file_that_shrinks_is_cut_visibly(ask, part, way):
    with pytest.raises(ValueError, match="less than its Content-Length"):
        headers = {"Range": part} if part else {}
        ask(WAYS[way], lambda path: os.truncate(path, 1000), **headers).get_data()


@pytest.mark.parametrize("way", ["path", "folder"])
def test_a_file_that_grows_is_sent_as_long_as_it_was(ask, way):
    response = ask(WAYS[way], lambda path: path.write_bytes(LARGE + b"y" * 1000))
    assert response.data == LARGE
    assert response.headers["Content-Length"] == str(len(LARGE))


@pytest.mark.parametrize("content", [LARGE, SMALL], ids=["large", "small"])
@pytest.mark.parametrize("way", ["path", "folder"])
def test_it_is_described_as_what_was_opened(respond, tmp_path, monkeypatch, way, content):
    """Replaced between the look at it and the opening."""
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    other = tmp_path / "other.bin"
    other.write_bytes(content[:-1] + b"!")
    os.utime(other, (1, 1))
    tag = respond(lambda: WAYS[way](other)).headers["Last-Modified"]
    describe = sending._describe_known

    def replace(*args):
        if other.exists():
            other.replace(path)
        return describe(*args)

    monkeypatch.setattr(sending, "_describe_known", replace)
    response = respond(lambda: WAYS[way](path))
    assert response.data == content[:-1] + b"!"
    assert response.headers["Last-Modified"] == tag
