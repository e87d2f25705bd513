from __future__ import annotations

import pytest

from erlen import Erlen
from erlen.app.debugflag import get_debug_flag, get_load_dotenv


@pytest.mark.parametrize(
    ("value", "debug"),
    [
        (None, False), ("", False), ("0", False), ("False", False), ("false", False),
        ("NO", False), ("no", False), ("1", True), ("true", True), ("yes", True), ("x", True),
        ("on", True), ("off", True),
    ],
)  # fmt: skip
def test_the_debug_switch(monkeypatch, value, debug):
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    if value is not None:
        monkeypatch.setenv("FLASK_DEBUG", value)
    assert get_debug_flag() is debug
    assert Erlen(__name__).debug is debug


@pytest.mark.parametrize(
    ("value", "load"),
    [
        (None, True),
        ("", True),
        ("0", True),
        ("false", True),
        ("no", True),
        ("1", False),
        ("yes", False),
    ],
)
def test_the_switch_of_env_files(monkeypatch, value, load):
    monkeypatch.delenv("FLASK_SKIP_DOTENV", raising=False)
    if value is not None:
        monkeypatch.setenv("FLASK_SKIP_DOTENV", value)
    assert get_load_dotenv() is load
    if value is None:
        assert get_load_dotenv(False) is False


def test_own_names_win(monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setenv("ERLEN_DEBUG", "0")
    assert get_debug_flag() is False
    monkeypatch.setenv("ERLEN_SKIP_DOTENV", "1")
    assert get_load_dotenv() is False
