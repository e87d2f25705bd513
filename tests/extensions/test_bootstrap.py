"""Bootstrap-Flask: its macros and its style sheets, with Flask-WTF and Flask-SQLAlchemy."""

from __future__ import annotations

import pytest

BLUE = "rgba(13, 110, 253, 1)"


@pytest.fixture(scope="module")
def url(serve):
    with serve("guests") as url:
        yield url


def test_the_table_has_pages_and_actions(url, person):
    person.open(url)
    assert person.texts("th[scope=col]") == ["Name", "Seats", "Actions"]
    rows = person.texts("tbody tr")
    assert [row.split()[:2] for row in rows] == [["Guest", str(n)] for n in range(1, 6)]
    person.click(".page-item:nth-child(4) .page-link")
    person.wait("tbody tr:first-child", "Guest 11")
    assert person.text(".page-item.active") == "3"
    # It is deleted by a form with a token.
    person.click("tbody tr:first-child form button")
    person.wait(".page-item.active", "1")
    person.open(f"{url}/?page=3")
    assert person.texts("tbody tr") == ["Guest 12 1"]


def test_the_style_sheets_come_from_the_extension(url, person):
    person.open(f"{url}/invite")
    assert person.text(".nav-link.active") == "Invite"
    # The colours of Bootstrap 5, which are nowhere in the page.
    assert person.style(".nav-link.active", "background-color") == BLUE
    assert person.style("input[type=submit]", "display") == "inline-block"


def test_the_form_tells_what_is_wrong_and_takes_what_is_right(url, person):
    person.open(f"{url}/invite")
    person.clear("#seats")
    person.type("#seats", "9")
    person.click("input[type=submit]")
    person.wait("#name ~ .invalid-feedback", "Who is coming?")
    person.wait("#seats ~ .invalid-feedback", "between 1 and 4")
    assert person.style("#name", "border-top-color") == "rgba(220, 53, 69, 1)"
    person.type("#name", "Ada <Lovelace>")
    person.clear("#seats")
    person.type("#seats", "2")
    person.click("input[type=submit]")
    person.wait(".alert-success", "Ada <Lovelace> is invited.")
    person.wait("tbody tr:last-child", "Ada <Lovelace> 2")
