from __future__ import annotations

from erlen.testing import Client
from erlen.testing.testapp import iter_sys_path
from erlen.testing.testapp import test_app as application


def test_it_shows_the_environment() -> None:
    response = Client(application).get("/<b>?<i>", headers={"X-A": "<script>"})
    assert response.mimetype == "text/html"
    assert "WSGI Information" in response.text
    for shown in ("PATH_INFO", "/&lt;b&gt;", "HTTP_X_A", "&lt;script&gt;", "REQUEST_METHOD"):
        assert shown in response.text
    assert "<script>" not in response.text
    assert "<i>" not in response.text


def test_the_path_of_modules(monkeypatch, tmp_path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"")
    monkeypatch.setattr("sys.path", ["", str(tmp_path), str(tmp_path / "no"), str(archive)])
    assert list(iter_sys_path()) == [
        (".", False, False),
        (str(tmp_path), False, False),
        (str(tmp_path / "no"), True, False),
        (str(archive), False, True),
    ]
