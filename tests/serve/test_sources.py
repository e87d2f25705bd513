"""The files of a program, watched in this process."""

from __future__ import annotations

import sys
import time
from threading import Timer

import pytest

from erlen.serve.development.sources import Sources


class SourcesOf(Sources):
    """The sources below one folder alone."""

    def __init__(self, root, **options):
        super().__init__(interval=0.1, **options)
        self.root = root

    def folders(self):
        return {folder for folder in super().folders() if folder.startswith(str(self.root))}


@pytest.fixture
def root(tmp_path, monkeypatch):
    folder = tmp_path / "program"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    return folder


def package(folder):
    """A package in a new folder, and its file."""
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    return str(folder / "__init__.py")


def after(seconds):
    """A function that says whether the time is over."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


both_ways = pytest.mark.parametrize("polling", [False, True])


@both_ways
def test_a_package_made_between_the_look_and_the_watch_is_found(root, polling):
    made = []

    class Late(SourcesOf):
        def folders(self):
            found = super().folders()
            if not made:
                made.append(package(self.root / "shop"))
            return found

    assert Late(root, polling=polling).wait(time.time(), after(30)) == made[0]


@both_ways
def test_a_package_made_during_the_watch_is_found(root, polling):
    timer = Timer(0.5, package, [root / "shop" / "models"])
    timer.start()
    try:
        changed = SourcesOf(root, polling=polling).wait(time.time(), after(30))
    finally:
        timer.join()
    assert changed == str(root / "shop" / "models" / "__init__.py")


@both_ways
def test_it_ends_when_it_is_over(root, polling):
    assert SourcesOf(root, polling=polling).wait(time.time(), after(0.5)) is None
