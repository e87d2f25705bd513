"""The benchmark results as a bar chart."""

from __future__ import annotations

from html import escape
from typing import Any

WIDTH, LEFT, BAR, ROW = 760, 150, 400, 24


def draw(results: dict[str, Any]) -> str:
    """An SVG: the cost of each scenario on Erlen as a share of Flask's, with its quartiles."""
    rows = list(results["flask"].items())
    height = 70 + ROW * len(rows)
    longest = max(0.5, *(row["high"] for _, row in rows))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        '<text x="16" y="24" font-size="16" font-weight="700">'
        "Cost of a request on Erlen, as a share of Flask's</text>",
        f'<text x="16" y="42" fill="#555">Python {escape(results["python"])}, in process, median of'
        f" {results['rounds']} rounds; the whisker spans the quartiles;"
        f" geometric mean {results['mean']['median']:.3f}</text>",
    ]
    for index, (name, row) in enumerate(rows):
        y = 56 + index * ROW
        scale = BAR / longest
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{max(1, row["median"] * scale):.1f}"'
            f' height="{ROW - 8}" fill="#2f6f4f"/>',
            f'<line x1="{LEFT + row["low"] * scale:.1f}" x2="{LEFT + row["high"] * scale:.1f}"'
            f' y1="{y + 11}" y2="{y + 11}" stroke="#c9772b" stroke-width="3"/>',
            f'<text x="{LEFT + row["high"] * scale + 8:.1f}" y="{y + 15}" fill="#333">'
            f"{row['median']:.3f} ({row['own_us']:.1f} : {row['peer_us']:.1f} µs)</text>",
        ]
    return "\n".join([*parts, "</svg>\n"])
