"""Cases 15, 16, 18 and 19: what uploads are called, and what is in them."""

from __future__ import annotations

import gzip
import logging
from io import BytesIO

import pytest

from erlen import Erlen, abort, render_template_string, request, send_file
from erlen.http.files import secure_filename

MULTIPART = "multipart/form-data; boundary=b"
URLENCODED = "application/x-www-form-urlencoded"
END = b"\r\n--b--\r\n"


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


def part(*headers, content=b"x"):
    """A form with one part, and its headers as they are given."""
    return b"\r\n".join([b"--b", *headers, b"", content]) + END


def upload(disposition):
    """A form with one file, and the rest of its disposition as it is given."""
    return part(b'Content-Disposition: form-data; name="f"; ' + disposition)


@pytest.fixture
def app(form_app):
    return form_app


@pytest.fixture
def client(form_app):
    return form_app.test_client()


@pytest.mark.parametrize(
    ("disposition", "safe"),
    [
        case("15-parents", b'filename="../../x"', "x"),
        case("15-absolute", b'filename="/etc/passwd"', "etc_passwd"),
        case("15-drive", rb'filename="C:\x"', ("x", "Cx")),
        case("15-drive-and-folders", rb'filename="C:\\a\\..\\x"', "x"),
        case("15-drive-in-lower-case", rb'filename="c:\\a\\x"', "x"),
        case("15-share", rb'filename="\\\\srv\\x"', ("x", "srv_x")),
        case("15-backslashes", rb'filename="..\\..\\x"', "x"),
        case("15-hidden", b'filename=".htaccess"', "htaccess"),
        case("15-stream", b'filename="a.txt::$DATA"', "a.txtDATA"),
        case("15-tab", b'filename="a\tb"', "a_b"),
        case("15-direction", b"filename*=UTF-8''%e2%80%aetxt.exe", "txt.exe"),
        case("15-full-width-slash", b"filename*=UTF-8''..%ef%bc%8fx", "x"),
        case("15-full-width-dots", b"filename*=UTF-8''%ef%bc%8e%ef%bc%8e%2fx", "x"),
        case("15-extended-path", b"filename=a; filename*=UTF-8''..%2f..%2fx", "x"),
    ],
)
def test_file_names_become_safe_ones(interface, tmp_path, disposition, safe):
    app = Erlen(__name__)
    (tmp_path / "uploads").mkdir()

    @app.post("/")
    def index():
        file = request.files["f"]
        name = secure_filename(file.filename)
        file.save(tmp_path / "uploads" / name)
        return name

    response = app.test_client().post("/", data=upload(disposition), content_type=MULTIPART)
    names = safe if isinstance(safe, tuple) else (safe,)
    assert response.text.lstrip("_") in names
    assert [path.name for path in tmp_path.iterdir()] == ["uploads"]
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [response.text]


@pytest.mark.parametrize(
    "disposition",
    [
        case("15-empty", b'filename=""'),
        case("15-dots", b'filename=".."'),
        case("15-slashes", b'filename="///"'),
        case("15-underscores", b'filename="__"'),
        case("15-spaces", b'filename="   "'),
        case("15-nothing-in-ascii", b"filename*=UTF-8''%e6%97%a5"),
    ],
)
def test_file_names_of_which_nothing_is_safe(client, disposition):
    response = client.post("/", data=upload(disposition), content_type=MULTIPART)
    [(field, filename, _)] = response.json["files"]
    assert (field, secure_filename(filename)) == ("f", "")


@pytest.mark.parametrize(
    "disposition",
    [
        case("15-nul", b'filename="a\0b"'),
        case("15-nul-quoted", b"filename*=UTF-8''a.txt%00.exe"),
        case("15-lines", b"filename*=UTF-8''a%0d%0aX:%20b"),
        case("15-lf", b"filename*=UTF-8''a%0a"),
        case("15-nul-in-pieces", b"filename*0*=UTF-8''a; filename*1*=%00"),
    ],
)
def test_file_names_that_no_file_has_are_refused(client, disposition):
    response = client.post("/", data=upload(disposition), content_type=MULTIPART)
    assert response.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        case("16-parts", b"".join([b"--b\r\nX\r\n\r\n\r\n"] * 10_000) + END),
        case("16-headers", b"--b\r\n" + b"X y\r\n" * 10_000 + END),
        case("16-delimiters", b"--b?" * 10_000),
        case("16-fields", b"%" * 10_000 + b"&%zz=%" * 900),
    ],
)
def test_very_many_errors_are_one_line_of_log(client, caplog, body):
    caplog.set_level(logging.DEBUG)
    is_form = body.startswith(b"--b")
    response = client.post("/", data=body, content_type=MULTIPART if is_form else URLENCODED)
    assert response.status_code == (400 if is_form else 200)
    own = [record for record in caplog.records if record.name != "asyncio"]
    assert len(own) <= 1
    assert len(response.text) < 20_000


BOMB = gzip.compress(b"a=1&" * 5_000_000)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "x-gzip", "gzip, gzip"])
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        case("18-raw", "text/plain", 200),
        case("18-json", "application/json", 400),
        case("18-multipart", MULTIPART, 400),
    ],
)
def test_a_compressed_body_stays_compressed(interface, content_type, status, coding):
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 2 * len(BOMB)

    @app.post("/")
    def index():
        if request.is_json:
            return request.get_json()
        if request.mimetype == "multipart/form-data":
            return dict(request.form)
        return request.get_data()

    response = app.test_client().post(
        "/", data=BOMB, content_type=content_type, headers={"Content-Encoding": coding}
    )
    assert response.status_code == status
    assert status != 200 or response.data == BOMB


NAME = "<script>alert('x')</script>"


@pytest.mark.parametrize("shown", ["filename", "name", "content_type"])
@pytest.mark.parametrize("template", [case("19-template", "<p>{{ text }} {{ file }}</p>")])
def test_what_an_upload_is_called_is_escaped_in_templates(interface, template, shown):
    app = Erlen(__name__)

    @app.post("/")
    def index():
        file = next(iter(request.files.values()))
        return render_template_string(template, text=getattr(file, shown), file=file)

    body = part(
        f'Content-Disposition: form-data; name="{NAME}"; filename="{NAME}"'.encode(),
        f"Content-Type: {NAME}".encode(),
    )
    page = app.test_client().post("/", data=body, content_type=MULTIPART).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("debug", [True, False], ids=["debug", "plain"])
@pytest.mark.parametrize(
    "view",
    [
        case("19-missing-file", lambda: request.files[NAME].filename),
        case("19-missing-field", lambda: request.form[NAME]),
        case("19-aborted", lambda: abort(400, request.files["f"].filename)),
    ],
)
def test_what_an_upload_is_called_is_escaped_in_errors(interface, view, debug):
    app = Erlen(__name__)
    app.debug = debug
    # In debug mode the answer names the key.
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    app.add_url_rule("/", "index", view, methods=["POST"])
    body = upload(f'filename="{NAME}"'.encode())
    response = app.test_client().post("/", data=body, content_type=MULTIPART)
    assert response.status_code == 400
    assert "<script>" not in response.text


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        case("19-download", NAME, f'attachment; filename="{NAME}"'),
        case("19-download-quotes", 'a"; x="b', 'attachment; filename="a\\"; x=\\"b"'),
    ],
)
def test_what_an_upload_is_called_stays_in_its_header(interface, filename, header):
    app = Erlen(__name__)

    @app.post("/")
    def index():
        file = request.files["f"]
        content = BytesIO(file.read())
        return send_file(content, as_attachment=True, download_name=file.filename)

    data = {"f": (BytesIO(b"x"), filename)}
    response = app.test_client().post("/", data=data)
    assert response.headers["Content-Disposition"] == header
