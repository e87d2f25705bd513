from __future__ import annotations

import pytest

from erlen import Erlen
from erlen.cli import routes_command


def show(app, *args):
    """The lines that the command prints."""
    result = app.test_cli_runner().invoke(routes_command, args)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


@pytest.fixture
def app():
    app = Erlen("routes")
    app.add_url_rule("/get_post/<int:x>", "yyy_get_post", methods=["POST", "GET"])
    app.add_url_rule("/zzz_post", "aaa_post", methods=["POST"])
    return app


def test_the_table(app):
    lines = show(app)
    assert lines[0].split() == ["Endpoint", "Methods", "Rule"]
    assert set(lines[1]) == {"-", " "}
    assert [line.split() for line in lines[2:]] == [
        ["aaa_post", "POST", "/zzz_post"],
        ["static", "GET", "/static/<path:filename>"],
        ["yyy_get_post", "GET,", "POST", "/get_post/<int:x>"],
    ]
    starts = {line.index("/") for line in lines[2:]}
    assert starts == {lines[0].index("Rule")}


@pytest.mark.parametrize(
    ("sort", "endpoints"),
    [
        ("endpoint", ["aaa_post", "static", "yyy_get_post"]),
        ("methods", ["static", "yyy_get_post", "aaa_post"]),
        ("rule", ["yyy_get_post", "static", "aaa_post"]),
        ("match", ["static", "yyy_get_post", "aaa_post"]),
    ],
)
def test_how_it_is_sorted(app, sort, endpoints):
    assert [line.split()[0] for line in show(app, "--sort", sort)[2:]] == endpoints
    assert show(app, "-s", sort) == show(app, "--sort", sort)


def test_another_order_is_refused(app):
    result = app.test_cli_runner().invoke(routes_command, ["-s", "length"])
    assert result.exit_code == 2
    assert "'length' is not one of" in result.output


def test_all_methods(app):
    lines = show(app, "--all-methods")
    assert "GET, HEAD, OPTIONS, POST" in lines[-1]
    assert "OPTIONS, POST" in lines[2]


def test_no_rules():
    assert show(Erlen("empty", static_folder=None)) == ["No routes were registered."]


def test_subdomains():
    app = Erlen("subdomains", static_folder=None)
    app.add_url_rule("/a", "a", subdomain="b")
    app.add_url_rule("/b", "b", subdomain="a")
    app.add_url_rule("/c", "c")
    lines = show(app, "--sort", "domain")
    assert lines[0].split() == ["Endpoint", "Methods", "Subdomain", "Rule"]
    assert [line.split()[0] for line in lines[2:]] == ["c", "b", "a"]


def test_hosts():
    app = Erlen("hosts", static_folder=None, host_matching=True)
    app.add_url_rule("/a", "a", host="a.example")
    lines = show(app)
    assert lines[0].split() == ["Endpoint", "Methods", "Host", "Rule"]
    assert lines[2].split() == ["a", "GET", "a.example", "/a"]
