"""The benchmark results as bar charts."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from bounds import FEATURES, group_of
from served import name_of

WIDTH, LEFT, BAR, ROW = 760, 150, 400, 24
OWN, PEER, SPREAD = "#2f6f4f", "#9aa5ad", "#c9772b"


@dataclass
class Bar:
    """One bar with its quartiles; without a row it is a heading."""

    label: str
    row: dict[str, float] | None = None
    text: str = ""
    colour: str = OWN


def draw(results: dict[str, Any]) -> dict[str, str]:
    """The pictures by their file names."""
    pictures = {"latest.svg": to_flask(results)}
    if "served" in results:
        pictures["served.svg"] = to_raw(results)
    return pictures


def to_flask(results: dict[str, Any]) -> str:
    """The cost of each scenario on Erlen as a share of Flask's."""
    return chart(
        "Cost of a request on Erlen, as a share of Flask's",
        f"Python {results['python']}, in process, median of {results['rounds']} rounds; the whisker"
        f" spans the quartiles; geometric mean {results['mean']['median']:.3f}",
        [
            Bar(name, row, f"{row['median']:.3f} ({row['own_us']:.1f} : {row['peer_us']:.1f} µs)")
            for name, row in results["flask"].items()
            if group_of(name) == FEATURES
        ],
    )


def to_raw(results: dict[str, Any]) -> str:
    """The served rate of each application as a share of the one without a framework."""
    bars = []
    for title, group in results["served"]["groups"].items():
        bars.append(Bar(title))
        for name, row in group.items():
            text = f"{row['median']:.2f} ({row['rate']:,.0f}/s)"
            bars.append(Bar(name_of(name), row, text, OWN if name == "erlen" else PEER))
    server = results["server"].replace("==", " ").title()
    return chart(
        "Requests per second, as a share of an application without a framework",
        f"Python {results['python']}, {server}, one worker, wrk,"
        f" median of {results['served']['rounds']} rounds; the whisker spans the quartiles",
        bars,
    )


def chart(title: str, subtitle: str, bars: list[Bar]) -> str:
    """An SVG."""
    height = 70 + ROW * len(bars)
    scale = BAR / max(0.5, *(bar.row["high"] for bar in bars if bar.row))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="24" font-size="16" font-weight="700">{escape(title)}</text>',
        f'<text x="16" y="42" fill="#555">{escape(subtitle)}</text>',
    ]
    for index, bar in enumerate(bars):
        y = 56 + index * ROW
        row = bar.row
        if row is None:
            parts.append(f'<text x="16" y="{y + 15}" font-weight="700">{escape(bar.label)}</text>')
            continue
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{max(1, row["median"] * scale):.1f}"'
            f' height="{ROW - 8}" fill="{bar.colour}"/>',
            f'<line x1="{LEFT + row["low"] * scale:.1f}" x2="{LEFT + row["high"] * scale:.1f}"'
            f' y1="{y + 11}" y2="{y + 11}" stroke="{SPREAD}" stroke-width="3"/>',
            f'<text x="{LEFT + row["high"] * scale + 8:.1f}" y="{y + 15}" fill="#333">'
            f"{escape(bar.text)}</text>",
        ]
    return "\n".join([*parts, "</svg>\n"])
