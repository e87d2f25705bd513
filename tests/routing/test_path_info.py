"""The path that a WSGI server hands over (PEP 3333): it may leave out what is empty."""

from __future__ import annotations

import pytest

from erlen import Erlen, request
from erlen.testing.builder import create_environ


@pytest.mark.parametrize("mount", [None, "", "/app"])
@pytest.mark.parametrize(("path", "status"), [(None, "200"), ("/", "200"), ("", "308")])
def test_a_path_that_is_left_out_is_the_root_and_an_empty_one_goes_there(mount, path, status):
    app = Erlen(__name__)
    app.add_url_rule("/", "root", lambda: request.url)
    environ = create_environ("/")
    for name, value in (("PATH_INFO", path), ("SCRIPT_NAME", mount)):
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
    heads = []
    body = app.wsgi_app(environ, lambda *head: heads.append(head))
    ((line, headers),) = heads
    assert line[:3] == status
    root = f"http://localhost{mount or ''}/"
    if status == "308":
        # From the root of the host on, so that it holds behind a proxy.
        assert dict(headers)["Location"] == root.removeprefix("http://localhost")
    else:
        assert b"".join(body) == root.encode()
