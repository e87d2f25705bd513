"""What programs take of ``werkzeug.serving`` and ``werkzeug._reloader`` beside the servers."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from erlen.compat import serving
from erlen.compat.werkzeug import _internal, _reloader
from erlen.compat.werkzeug.routing.matcher import StateMachineMatcher
from erlen.http.request import Request
from erlen.routing import Map, Rule


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


@pytest.mark.skipif(not serving.can_fork, reason="the system cannot fork")
def test_a_forking_server_answers_in_another_process() -> None:
    server = serving.ForkingWSGIServer("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/") as answer:
            assert int(answer.read()) != os.getpid()
    finally:
        server.shutdown()
        thread.join()
    assert server.multiprocess


@pytest.mark.parametrize(
    ("host", "family"),
    [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6), ("unix:///x", socket.AF_UNIX)],
)
def test_families_and_addresses(host: str, family: Any) -> None:
    assert serving.select_address_family(host, 80) == family
    address = serving.get_sockaddr(host, 80, family)
    assert address == "/x" if family == socket.AF_UNIX else address[:2] == (host, 80)


def test_a_host_that_nobody_knows_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> Any:
        raise socket.gaierror("nobody knows it")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert serving.get_sockaddr("nowhere", 80, socket.AF_INET) == ("nowhere", 80)


def test_the_interface_is_an_address_of_this_machine() -> None:
    assert socket.inet_aton(serving.get_interface_ip(socket.AF_INET))
    assert socket.inet_pton(socket.AF_INET6, serving.get_interface_ip(socket.AF_INET6))


def test_styles_are_written_where_the_log_has_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_log_add_style", False)
    assert serving._ansi_style("x", "bold") == "x"
    monkeypatch.setattr(serving, "_log_add_style", True)
    assert serving._ansi_style("x", "bold", "red") == "\x1b[1m\x1b[31mx\x1b[0m"


def test_errors_of_tls() -> None:
    import ssl

    assert serving.is_ssl_error(ssl.SSLError())
    assert not serving.is_ssl_error(OSError())
    assert not serving.is_ssl_error()


def test_a_reloader_of_ones_own_ends_with_the_status_that_asks_for_another_start(
    tmp_path: Path,
) -> None:
    watched = tmp_path / "settings.toml"
    watched.write_text("")
    # The time of a file is that of the system's last tick.
    time.sleep(0.05)
    with _reloader.StatReloaderLoop([str(watched)], interval=0.01) as loop:
        loop.run_step()
        time.sleep(0.02)
        watched.write_text("changed")
        with pytest.raises(SystemExit) as ended:
            loop.run()
    assert ended.value.code == _reloader.RELOAD_STATUS


def test_it_starts_the_program_again_until_that_ends_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[dict[str, str]] = []

    def call(command: list[str], env: dict[str, str], **options: Any) -> int:
        starts.append(env)
        return _reloader.RELOAD_STATUS if len(starts) < 3 else 7

    monkeypatch.setattr(subprocess, "call", call)
    assert _reloader.ReloaderLoop().restart_with_reloader() == 7
    assert [env["WERKZEUG_RUN_MAIN"] for env in starts] == ["true"] * 3


def test_each_loop_by_its_name_can_be_entered() -> None:
    for make in _reloader.reloader_loops.values():
        with make(interval=0.01) as loop:
            loop.run_step()
    _reloader.ensure_echo_on()


def test_environments_and_text_of_them() -> None:
    environ = {"PATH_INFO": "/\xc3\xa9"}
    assert _internal._get_environ(environ) is environ
    assert _internal._get_environ(Request(environ, populate_request=False)) is environ
    assert _internal._wsgi_decoding_dance("/\xc3\xa9") == "/é"
    assert _internal._wsgi_encoding_dance("/é") == "/\xc3\xa9"


@pytest.mark.parametrize("text", ["1_0", "\u0661", "+1", "", "1.0", "0x1"])
def test_integers_of_other_digits_are_refused(text: str) -> None:
    assert _internal._plain_int(" -12 ") == -12
    with pytest.raises(ValueError, match="ASCII digits"):
        _internal._plain_int(text)


def test_what_stands_for_nothing_is_one_object() -> None:
    import copy
    import pickle

    assert repr(_internal._missing) == "no value"
    assert copy.copy(_internal._missing) is _internal._missing
    assert pickle.loads(pickle.dumps(_internal._missing)) is _internal._missing


def test_dates_in_utc() -> None:
    plain = datetime(2024, 1, 2, 3)
    assert _internal._dt_as_utc(plain) == plain.replace(tzinfo=UTC)
    assert _internal._dt_as_utc(plain.replace(tzinfo=UTC)) == plain.replace(tzinfo=UTC)
    assert _internal._dt_as_utc(None) is None


def test_the_handler_of_the_log_writes_to_standard_error() -> None:
    handler = _internal._ColorStreamHandler()
    assert isinstance(handler, logging.StreamHandler)
    assert handler.stream is sys.stderr


def test_a_matcher_of_ones_own_finds_rules() -> None:
    rule = Rule("/<int:number>", endpoint="number")
    Map([rule])
    matcher = StateMachineMatcher(merge_slashes=True)
    matcher.add(rule)
    matcher.update()
    assert matcher.match("", "/3", "GET", False) == (rule, {"number": 3})
