"""Pages as a browser without JavaScript sees them: links, forms, redirects."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from chirp.database import Database
from chirp.models import Base, Person
from chirp.services import people
from jinja2 import FileSystemBytecodeCache

PASSWORD = "correct horse"


# Each page is the same on both interfaces and on every database: each is in two of the pairs at
# least. The database servers are for CI, which has them.
PAIRS = [("wsgi", "sqlite"), ("asgi", "sqlite")]
if os.environ.get("ERLEN_REQUIRE_SERVICES") == "1":
    PAIRS += [("asgi", "postgresql"), ("wsgi", "mariadb")]


@pytest.fixture(params=PAIRS, ids="-".join)
def _pair(request):
    return request.param


@pytest.fixture
def database_url(request, _pair):
    """An empty database of the pair."""
    if _pair[1] == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    url = request.getfixturevalue("_servers")(_pair[1])
    yield url
    database = Database(url)
    with database.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    database.close()


@pytest.fixture(autouse=True)
def interface(_pair, monkeypatch):
    """Test clients call the interface that is named here."""
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", _pair[0])
    return _pair[0]


@pytest.fixture(scope="session")
def _compiled(tmp_path_factory):
    """Templates are compiled once for all tests, and not for each application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(autouse=True)
def _compile_once(app, _compiled):
    app.jinja_env.bytecode_cache = _compiled


@dataclass
class Form:
    """A form of a page, with what it would send."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._area: str | None = None

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._open)
        elif self._open is not None and given.get("name"):
            if tag == "input" and given.get("type") not in ("checkbox", "submit"):
                self._open.fields[given["name"]] = given.get("value", "")
            elif tag == "textarea":
                self._area = given["name"]
                self._open.fields[self._area] = ""

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data):
        if self._area is not None and self._open is not None:
            self._open.fields[self._area] += data


def forms_of(response) -> list[Form]:
    reader = _Reader()
    reader.feed(response.text)
    # What HTML drops after <textarea>.
    for form in reader.forms:
        form.fields = {
            name: value.removeprefix("\r\n").removeprefix("\n")
            for name, value in form.fields.items()
        }
    return reader.forms


class Visitor:
    """One person at a browser."""

    def __init__(self, app) -> None:
        self.app = app
        self.client = app.test_client()

    def get(self, path, **kwargs):
        return self.client.get(path, **kwargs)

    def form(self, path, action=""):
        """The form of a page that sends to ``action``."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        found = [form for form in forms_of(response) if form.action == action]
        assert found, f"{path} has no form for {action!r}"
        return found[0]

    def send(self, path, action="", follow=False, **typed):
        """Fill in the form of a page and send it."""
        form = self.form(path, action)
        assert form.method == "post"
        data = {**form.fields, **typed}
        return self.client.post(form.action or path, data=data, follow_redirects=follow)

    def token(self):
        """A token for forms that this visitor is not shown."""
        form = next(
            form
            for path in ("/settings/", "/login")
            for form in forms_of(self.get(path, follow_redirects=True))
            if form.fields.get("csrf_token")
        )
        return form.fields["csrf_token"]

    def post(self, path, **fields):
        """Send a form that no page has shown."""
        return self.client.post(path, data={"csrf_token": self.token(), **fields})

    def log_in(self, name, password=PASSWORD, **typed):
        return self.send("/login", login=name, password=password, **typed)

    def chirp(self, text):
        """Write a chirp; gives its id."""
        assert self.send("/", "/chirps", text=text).status_code == 303
        return newest(self.app)


def newest(app) -> int:
    """The id of the chirp that was written last."""
    from chirp.models import Chirp
    from sqlalchemy import func, select

    with app.extensions["chirp.database"].session() as session:
        return session.scalar(select(func.max(Chirp.id)))


@pytest.fixture
def visitor(app):
    """Somebody who is not logged in."""
    return Visitor(app)


@pytest.fixture
def person(app):
    """Registers a person and gives their browser, logged in: ``person("Ada")``."""

    def arrive(name) -> Visitor:
        with app.extensions["chirp.database"].session() as session:
            people.register(session, name, f"{name}@example.org", PASSWORD)
        visitor = Visitor(app)
        assert visitor.log_in(name).status_code == 303
        # The greeting is for the next page.
        visitor.get("/")
        return visitor

    return arrive


@pytest.fixture
def stored(app):
    """The person as the database has them now."""

    def find(name) -> Person:
        with app.extensions["chirp.database"].session() as session:
            return people.by_name(session, name)

    return find
