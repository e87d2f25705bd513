from __future__ import annotations

import pytest
from markupsafe import Markup, escape

from erlen.http.redirects import append_slash_redirect, redirect
from erlen.http.response import Response


def test_redirect_names_the_target_in_header_and_page() -> None:
    response = redirect("/füübär", 307)
    assert response.status_code == 307
    assert response.headers["Location"] == "/füübär"
    assert response.get_data(as_text=True).count("/füübär") == 2


def test_redirect_escapes_the_page() -> None:
    page = redirect('/?x="onmouseover="alert(1)<script>').get_data(as_text=True)
    assert "<script>" not in page
    assert '="alert' not in page


@pytest.mark.parametrize("location", ["/a", "/ä?b=1#c", "/?a=1&b='2'", '/"', "/<b>", "/&amp;", ""])
def test_redirect_shows_the_location_escaped(location: str) -> None:
    page = redirect(location).get_data(as_text=True)
    assert f'<a href="{escape(location)}">{escape(location)}</a>' in page


def test_redirect_takes_markup_as_it_is() -> None:
    assert 'href="/?a&amp;b"' in redirect(Markup("/?a&amp;b")).get_data(as_text=True)


@pytest.mark.parametrize("end", ["\r\nX-Evil: 1", "\n", "\0"])
def test_redirect_refuses_what_would_split_the_header(end: str) -> None:
    with pytest.raises(ValueError):
        redirect(f"/a{end}")


def test_redirect_with_a_response_class() -> None:
    class Own(Response):
        pass

    assert isinstance(redirect("/", Response=Own), Own)


@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        ("/a/b", "", "b/"),
        ("/a/b", "x=1", "b/?x=1"),
        ("/", "", "./"),
        ("/a/", "", "./"),
        ("/javascript:x", "", "./javascript:x/"),
        ("//evil.example", "", "evil.example/"),
    ],
)
def test_append_slash_redirect_is_relative(path: str, query: str, location: str) -> None:
    response = append_slash_redirect({"PATH_INFO": path, "QUERY_STRING": query})
    assert (response.status_code, response.headers["Location"]) == (308, location)
