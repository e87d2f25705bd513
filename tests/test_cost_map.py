"""The cost map: stacks become steps with their shares."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")


@pytest.fixture(scope="module")
def cost_map():
    sys.path.insert(0, BENCHMARKS)
    try:
        import cost_map
    finally:
        sys.path.remove(BENCHMARKS)
    return cost_map


@pytest.fixture
def root(cost_map):
    dispatch = str(cost_map.PACKAGE / "app/dispatch.py")
    context = str(cost_map.PACKAGE / "context.py")
    return cost_map.grow(
        "hello",
        [
            ([("serve", dispatch, 1)], 60),
            ([("serve", dispatch, 2), ("pop", context, 5)], 30),
            ([("serve", dispatch, 2), ("encode", "/lib/python3/json/encoder.py", 7)], 10),
        ],
    )


def test_a_function_has_what_it_calls_and_its_lines_have_their_own(root):
    [serve] = root.sorted()
    assert (root.samples, serve.samples, dict(serve.lines)) == (100, 100, {1: 60})
    assert [(step.name, step.samples) for step in serve.sorted()] == [("pop", 30), ("encode", 10)]


def test_every_sample_belongs_to_a_room(cost_map, root):
    assert cost_map.rooms(root) == {"app": 60, "context": 30, "Python's library": 10}


def test_what_py_spy_writes_is_read(cost_map):
    frame = cost_map._FRAME.fullmatch("<lambda> (/a b/worker.py:17)")
    assert frame.groupdict() == {"name": "<lambda>", "path": "/a b/worker.py", "line": "17"}
    assert cost_map.is_harness(frame["path"])


def test_the_steps_are_printed(cost_map, root, capsys):
    cost_map.tell(root)
    out = capsys.readouterr().out
    assert "100.0% 60.0%  serve  (app)" in out and "30.0% 30.0%    pop  (context)" in out


def test_the_pictures_are_drawn(cost_map, root):
    steps = ElementTree.fromstring(cost_map.cost_plot.steps(root, cost_map.room))
    assert "30.0%" in "".join(steps.itertext())
    bars = ElementTree.fromstring(cost_map.cost_plot.bars({"hello": cost_map.rooms(root)}))
    assert "60%" in "".join(bars.itertext())
