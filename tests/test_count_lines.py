"""Lines of code, as tools/count_lines.py counts them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
sys.path.insert(0, str(TOOLS))
try:
    import count_lines
finally:
    sys.path.remove(str(TOOLS))

MODULE = '''"""A docstring
of two lines."""

import os  # and a comment


class Box:
    """Holds."""

    # Nothing.
    text = """two
lines"""

    def open(self):
        """Open it."""
        return os.open(  # type: ignore
            self.text,
        )

    async def close(self): "closed"
'''


def test_comments_blank_lines_and_docstrings_are_no_code():
    code = [line for line in MODULE.splitlines() if line]
    apart = ['"""A docstring', 'of two lines."""', '    """Holds."""', "    # Nothing."]
    apart += ['        """Open it."""', '    async def close(self): "closed"']
    assert count_lines.code_lines(MODULE) == len(code) - len(apart)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("", 0),
        ("# only a comment\n", 0),
        ("name = 1; other = 2\n", 1),
        ("f(\n\n1,\n)\n", 3),
        ('"""module"""\n"no docstring"\n', 1),
    ],
)
def test_small_modules(source, lines):
    assert count_lines.code_lines(source) == lines


@pytest.fixture
def package(tmp_path):
    for name in ("compat", "walk"):
        (tmp_path / name).mkdir()
    (tmp_path / "views.py").write_text("a = 1\n")
    (tmp_path / "walk/walk.py").write_text(MODULE)
    (tmp_path / "walk/walk_sync.py").write_text(MODULE)
    (tmp_path / "compat/names.py").write_text("a = 1\nb = a  # type: ignore[misc]\n")
    return tmp_path


def test_rooms_are_counted_without_what_is_generated(package):
    lines, ignores = count_lines.count(package)
    assert lines == {".": 1, "walk": count_lines.code_lines(MODULE), "compat": 2}
    assert ignores == {".": 0, "walk": 1, "compat": 1}


def test_the_total_leaves_out_what_stands_apart(package, capsys):
    count_lines.main([str(package)])
    rows = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert int(rows["total"]) == 1 + count_lines.code_lines(MODULE)
    assert list(rows).index("total") < list(rows).index("compat")
