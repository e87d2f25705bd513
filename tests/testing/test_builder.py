from __future__ import annotations

from erlen.http.request import Request
from erlen.testing.builder import EnvironBuilder


def test_a_request_of_a_class() -> None:
    class Own(Request):
        pass

    builder = EnvironBuilder("/a", query_string="b=1")
    assert type(builder.get_request()) is Request
    request = builder.get_request(Own)
    assert type(request) is Own
    assert request.full_path == "/a?b=1"
    assert Own.from_values("/a?b=1", method="PUT").full_path == "/a?b=1"
    builder.close()
