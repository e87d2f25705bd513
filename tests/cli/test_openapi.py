"""``erlen openapi`` writes the document, and says what changed in one that was written."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
import yaml

from erlen.cli import cli

APP = """
from erlen import Erlen
from erlen.api import Body, Created, OpenAPI, Query
from msgspec import Struct

class Item(Struct):
    name: str

app = Erlen("shop")
OpenAPI(app, title="Shop", version="3")

@app.post("/items")
def create(item: Body[Item]{more}) -> Created[Item]:
    return item
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.chdir(tmp_path)

    def run(*args, more=""):
        # A module of a name of its own is imported anew.
        name = f"shop_{uuid4().hex}"
        (tmp_path / f"{name}.py").write_text(APP.format(more=more))
        return CliRunner().invoke(cli, ["--app", name, "openapi", *args])

    return run


def test_json_and_yaml_say_the_same(run):
    done = run()
    assert done.exit_code == 0, done.output
    document = json.loads(done.output)
    assert document["info"] == {"title": "Shop", "version": "3"}
    assert yaml.safe_load(run("--yaml").output) == document


def test_a_file(run, tmp_path):
    file = tmp_path / "openapi.json"
    assert run("-o", str(file)).output == ""
    assert json.loads(file.read_text())["info"]["title"] == "Shop"
    done = run("--check", str(file))
    assert (done.exit_code, done.output) == (0, f"{file} is up to date.\n")


def test_check_tells_what_breaks(run, tmp_path):
    file = tmp_path / "openapi.json"
    run("-o", str(file))
    done = run("--check", str(file), more=", dry: Query[bool], more: Query[int] = 1")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "breaks  POST /items: needs query 'dry'",
        "changes  POST /items: takes query 'more'",
        f"Error: {file} is not up to date. Write it anew with: erlen openapi -o {file}",
    ]


@pytest.mark.parametrize("text", ["openapi: 3", "[]"])
def test_check_of_something_else(run, tmp_path, text):
    file = tmp_path / "other.json"
    file.write_text(text)
    done = run("--check", str(file))
    assert done.exit_code == 1
    assert "Write it anew" in done.output


def test_without_msgspec_it_says_what_to_install(run, monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.startswith("erlen.api")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    from click.testing import CliRunner

    with open("plain.py", "w") as file:
        file.write("from erlen import Erlen\napp = Erlen(__name__)\n")
    done = CliRunner().invoke(cli, ["--app", "plain", "openapi"])
    assert done.exit_code == 1
    assert "pip install 'erlen[api]'" in done.output
