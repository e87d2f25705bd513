from __future__ import annotations

from http import HTTPStatus

from erlen.http.status import HTTP_STATUS_CODES, STATUS_LINES, parse_status


def test_every_code_of_the_standard_library_is_known() -> None:
    assert {status.value for status in HTTPStatus} - {306} <= set(HTTP_STATUS_CODES)


def test_lines() -> None:
    assert set(STATUS_LINES) == set(HTTP_STATUS_CODES)
    assert STATUS_LINES[404] == "404 NOT FOUND"


def test_a_status_is_a_number_or_a_line() -> None:
    assert parse_status("404") == parse_status(404) == ("404 NOT FOUND", 404)
    assert parse_status("404 gone fishing") == ("404 gone fishing", 404)
    assert parse_status("wonderful") == ("0 wonderful", 0)
