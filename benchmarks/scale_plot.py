"""The scale curves as a sheet of small charts."""

from __future__ import annotations

from html import escape
from math import log10
from typing import Any

ACROSS, WIDTH, HEIGHT = 4, 230, 170
LEFT, RIGHT, ABOVE, BELOW = 44, 14, 34, 34
TOP = 56
LINE, GRID, TEXT = "#2f6f4f", "#e3e6e8", "#555"


def draw(curves: dict[str, Any], subtitle: str) -> str:
    """An SVG with a chart for each curve."""
    down = -(-len(curves) // ACROSS)
    width, height = ACROSS * WIDTH + 16, TOP + down * HEIGHT + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="system-ui, sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        '<text x="16" y="24" font-size="16" font-weight="700">The cost of a request, in'
        " microseconds</text>",
        f'<text x="16" y="42" fill="{TEXT}">{escape(subtitle)}</text>',
    ]
    for index, row in enumerate(curves.values()):
        x, y = index % ACROSS * WIDTH + 8, TOP + index // ACROSS * HEIGHT
        parts += [f'<g transform="translate({x} {y})">', *chart(row), "</g>"]
    return "\n".join([*parts, "</svg>\n"])


def chart(row: dict[str, Any]) -> list[str]:
    """One curve; a range of more than three decades is shown by its logarithms."""
    points, times = row["points"], row["us"]
    wide = points[0] > 0 and points[-1] / points[0] >= 1000
    highest = nice(max(times))

    def across(point: int) -> float:
        share = (
            log10(point / points[0]) / log10(points[-1] / points[0])
            if wide
            else (point - points[0]) / (points[-1] - points[0])
        )
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def down(time: float) -> float:
        return ABOVE + (1 - time / highest) * (HEIGHT - ABOVE - BELOW)

    parts = [
        f'<text x="{LEFT}" y="14" font-weight="700">{escape(row["title"])}</text>',
        f'<text x="{LEFT}" y="27" fill="{TEXT}">should be {row["shape"]}</text>',
    ]
    for mark in (0, highest / 2, highest):
        y = down(mark)
        parts += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>',
            f'<text x="{LEFT - 4}" y="{y + 4:.1f}" text-anchor="end" fill="{TEXT}">'
            f"{short(mark)}</text>",
        ]
    shown = points if wide else [points[0], points[len(points) // 2], points[-1]]
    for point in shown:
        parts.append(
            f'<text x="{across(point):.1f}" y="{HEIGHT - BELOW + 14}" text-anchor="middle"'
            f' fill="{TEXT}">{short(point)}</text>'
        )
    parts.append(
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - BELOW + 27}" text-anchor="end" fill="{TEXT}">'
        f"{escape(row['unit'])}</text>"
    )
    path = [(across(p), down(t)) for p, t in zip(points, times, strict=True)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in path)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{LINE}"/>' for x, y in path]
    return parts


def nice(value: float) -> float:
    """The next number that reads well on an axis."""
    power = 10.0 ** int(log10(value) if value >= 1 else log10(value) - 1)
    return float(next(f * power for f in (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10) if f * power >= value))


def short(value: float) -> str:
    """A number in few letters."""
    for least, unit in ((1e6, "M"), (1e3, "k")):
        if value >= least:
            return f"{value / least:g}{unit}"
    return f"{value:g}"
