from __future__ import annotations

import re

import pytest

from erlen.debug import get_machine_id, get_pin_and_cookie_name
from erlen.debug.pin import PinGuard


def app() -> None: ...


def other() -> None: ...


def test_the_machine_id_stays() -> None:
    assert isinstance(get_machine_id(), bytes)
    assert get_machine_id() == get_machine_id()


def test_the_pin_is_that_of_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WERKZEUG_DEBUG_PIN", raising=False)
    pin, cookie_name = get_pin_and_cookie_name(app)
    assert pin is not None
    assert cookie_name is not None
    assert re.fullmatch(r"\d{3}-\d{3}-\d{3}", pin)
    assert re.fullmatch(r"__erlen_debug_[0-9a-f]{20}", cookie_name)
    assert get_pin_and_cookie_name(app) == (pin, cookie_name)
    assert get_pin_and_cookie_name(other) != (pin, cookie_name)
    monkeypatch.chdir("/")
    assert get_pin_and_cookie_name(app) != (pin, cookie_name)


@pytest.mark.parametrize(
    ("variable", "pin"),
    [
        ("1234567890", "12345-67890"),
        ("123456", "123-456"),
        ("1234", "1234"),
        ("1-2-3", "1-2-3"),
        ("off", None),
    ],
)
def test_the_variable(monkeypatch: pytest.MonkeyPatch, variable: str, pin: str | None) -> None:
    monkeypatch.setenv("WERKZEUG_DEBUG_PIN", variable)
    found, cookie_name = get_pin_and_cookie_name(app)
    assert found == pin
    assert (cookie_name is None) is (pin is None)


def test_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise KeyError("no such user")

    monkeypatch.delenv("WERKZEUG_DEBUG_PIN", raising=False)
    monkeypatch.setattr("erlen.debug.pin.getpass.getuser", fail)
    assert get_pin_and_cookie_name(app)[0]


@pytest.mark.parametrize("entered", ["123-456", "123456", " 123-456 ", "1-2-3-4-5-6"])
def test_the_right_pin(entered: str) -> None:
    assert PinGuard(app, "123-456").try_pin(entered)


def test_the_right_pin_forgives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erlen.debug.pin.time.sleep", lambda seconds: None)
    guard = PinGuard(app, "123-456")
    for _ in range(3):
        for _ in range(9):
            assert not guard.try_pin("x")
        assert guard.try_pin("123456")
    assert not guard.is_exhausted


def test_without_a_pin_everybody_is_trusted() -> None:
    guard = PinGuard(app, None)
    assert guard.try_pin("")
    assert guard.is_token(None)
