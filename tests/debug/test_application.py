from __future__ import annotations

from typing import Any

from erlen.debug import DebuggedApplication


def test_passes_requests_on() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    wrapped = DebuggedApplication(app, evalex=True, pin_security=False)
    assert wrapped({"PATH_INFO": "/x"}, lambda *args: None) == [b"/x"]
    assert (wrapped.evalex, wrapped.pin_security, wrapped.console_path) == (True, False, "/console")
