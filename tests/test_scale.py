"""The scale curves: every subject answers, and the shape of a curve is told."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")


@pytest.fixture(scope="module")
def scale():
    sys.path.insert(0, BENCHMARKS)
    try:
        import scale
    finally:
        sys.path.remove(BENCHMARKS)
    return scale


def test_every_subject_can_be_timed(scale):
    for name, curve in scale.CURVES.items():
        # The second point is small everywhere, and not the empty case.
        timed = curve.make(curve.points[1])
        assert timed(1) > 0, name


@pytest.mark.parametrize(
    ("is_flat", "times", "fits"),
    [
        (True, [2.0, 2.1, 2.0], True),
        (True, [2.0, 2.1, 4.0], False),
        (False, [2.0, 12.0, 22.0], True),
        (False, [2.0, 12.0, 52.0], False),
        # A step costs less and less.
        (False, [2.0, 12.0, 14.0], True),
        # The noise of what does not grow has no slope.
        (False, [2.0, 2.0, 2.4], True),
    ],
)
def test_the_shape_of_a_curve(scale, is_flat, times, fits):
    curve = scale.Curve("", "", [0, 50, 100], lambda point: None, is_flat)
    assert (scale.growth(curve, times) <= scale.LARGEST) is fits


def test_the_curves_are_drawn(scale):
    row = {"title": "a & b", "unit": "MB", "points": [10, 100, 100_000], "us": [2.0, 2.1, 0.3]}
    picture = scale.scale_plot.draw({"x": {**row, "shape": "flat"}}, "<Python>")
    root = ElementTree.fromstring(picture)
    assert len(root.findall(".//{*}circle")) == 3
    assert "a & b" in "".join(root.itertext())
