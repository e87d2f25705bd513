from __future__ import annotations

import io

import pytest

from erlen import Erlen, request
from erlen.context.mistakes import DebugFilesKeyError, FormDataRoutingRedirect
from erlen.http.multidict import ImmutableMultiDict
from erlen.routing import RequestRedirect


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.debug = True
    app.testing = True
    return app


@pytest.fixture
def client(app):
    @app.route("/upload", methods=["POST"])
    def upload():
        return request.files["photo"].filename

    @app.route("/other", methods=["POST"])
    def other():
        return request.files["never sent"].filename

    @app.route("/folder/", methods=["GET", "POST"])
    def folder():
        return "folder"

    return app.test_client()


# -- request.files and the enctype of the form ---------------------------------------------


def test_a_file_that_came_as_text_is_explained(client):
    with pytest.raises(DebugFilesKeyError) as caught:
        client.post("/upload", data={"photo": "cat.jpg"})
    text = str(caught.value)
    assert "no file contents were transmitted" in text
    assert 'enctype="multipart/form-data"' in text
    assert "'application/x-www-form-urlencoded'" in text
    assert "'cat.jpg'" in text
    assert "'photo'" in text


def test_the_error_is_a_key_error(client):
    with pytest.raises(KeyError):
        client.post("/upload", data={"photo": "cat.jpg"})


def test_a_key_that_was_not_sent_at_all_is_another_mistake(client, app):
    with pytest.raises(KeyError) as caught:
        client.post("/other", data={"photo": "cat.jpg"})
    assert not isinstance(caught.value, DebugFilesKeyError)
    assert "never sent" in str(caught.value)


def test_a_real_upload_is_not_disturbed(client):
    response = client.post("/upload", data={"photo": (io.BytesIO(b"x"), "cat.jpg")})
    assert response.text == "cat.jpg"


def test_outside_of_debug_mode_it_is_400(client, app):
    app.debug = app.testing = False
    response = client.post("/upload", data={"photo": "cat.jpg"})
    assert response.status_code == 400
    assert "enctype" not in response.text


def test_the_dictionary_of_files_keeps_its_kind(app):
    with app.test_request_context("/", method="POST", data={"photo": "cat.jpg"}):
        assert isinstance(request.files, ImmutableMultiDict)
        assert type(request.files).__name__ == "ImmutableMultiDict"
        assert request.files.get("photo") is None
        assert "photo" not in request.files
        assert len(request.files) == 0


# -- redirects that would lose the form ------------------------------------------------------


@pytest.fixture
def old_redirects(monkeypatch):
    """Routing redirects by 302, which browsers follow with a GET."""
    monkeypatch.setattr(RequestRedirect, "code", 302)


@pytest.mark.usefixtures("old_redirects")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_redirect_that_loses_the_form_is_explained(app, method):
    app.add_url_rule("/folder/", "folder", lambda: "", methods=["GET", method])
    with pytest.raises(FormDataRoutingRedirect) as caught:
        app.test_client().open("/folder?a=1", method=method, data="x")
    text = str(caught.value)
    assert "'http://localhost/folder?a=1'" in text
    assert "canonical URL 'http://localhost/folder/?a=1'" in text
    assert "trailing slash" in text
    assert f"Send {method} requests to the canonical URL" in text
    assert "debug mode" in text


@pytest.mark.usefixtures("old_redirects")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_request_without_a_form_is_redirected(client, method):
    assert client.open("/folder", method=method).status_code == 302


@pytest.mark.usefixtures("old_redirects")
def test_outside_of_debug_mode_it_redirects(client, app):
    app.debug = False
    assert client.post("/folder", data={"a": "1"}).status_code == 302


def test_redirects_that_keep_the_form_are_left_alone(client):
    response = client.post("/folder", data={"a": "1"})
    assert response.status_code == 308
    followed = client.post("/folder", data={"a": "1"}, follow_redirects=True)
    assert followed.text == "folder"
