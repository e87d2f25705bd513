from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import erlen.security
from erlen.http.paths import is_inside, safe_join


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\0b", ".."])
def test_paths_that_lead_out(name: str) -> None:
    assert safe_join("folder", name) is None


def test_paths_that_stay() -> None:
    assert safe_join("folder", "a", "b/c.txt") == "folder/a/b/c.txt"
    assert safe_join("folder", "a/../b") == "folder/b"
    assert safe_join("", "a") == "./a"
    assert safe_join("folder", "") == "folder/"


NAMES = st.text("a./\\\0:é ", max_size=8) | st.lists(
    st.sampled_from(["..", ".", "", "a", "b.c", ".d"]), max_size=4
).map("/".join)


@given(NAMES)
def test_a_name_that_needs_nothing_is_joined_as_every_other(name: str) -> None:
    class Text(str):
        """No plain text: it goes the long way."""

    assert safe_join("folder", name) == safe_join("folder", Text(name))


def test_links_that_lead_out(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "in").symlink_to(folder)
    (folder / "out").symlink_to(tmp_path)
    for name, stays in {"x": True, "in/x": True, "in/out": False, "out/x": False}.items():
        path = safe_join(str(folder), name)
        assert path is not None
        assert is_inside(str(folder), path) is stays


def test_the_names_are_those_of_security_too() -> None:
    assert erlen.security.is_inside is is_inside
    assert erlen.security.safe_join("folder", "a/../b") == "folder/b"
    assert erlen.security.safe_join("folder", "../b") is None


def test_separators_of_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert safe_join("folder", "a*b") == "folder/a*b"
    assert safe_join("folder", "a*b", separators="*") is None
    monkeypatch.setattr(erlen.security, "_os_alt_seps", "*")
    assert erlen.security.safe_join("folder", "a*b") is None
