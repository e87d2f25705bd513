"""The cost map as pictures."""

from __future__ import annotations

import linecache
from collections import Counter
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cost_map import Step

WIDTH, LEFT, ROW = 960, 130, 24
# Colours that can be told apart in grey too, as far as eight of them can.
COLOURS = {
    "app": "#2f6f4f", "context": "#7fb295", "gateways": "#b9d8c4", "routing": "#2d5f8b",
    "http": "#7ea6c9", "sessions": "#c9772b", "json": "#e3b27f", "view": "#d8d4c7",
    "jinja2": "#8a5a83", "templating": "#c39bbd", "Python's library": "#9aa5ad",
}  # fmt: skip
OTHER = "#5f6a72"
DARK = {"app", "routing", "sessions", "jinja2", "other"}
# What is narrower is left out, and the least share that has a row.
NARROWEST, LEAST = 1.5, 0.01


def head(height: int, title: str, subtitle: str) -> list[str]:
    """The beginning of an SVG."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="24" font-size="16" font-weight="700">{escape(title)}</text>',
        f'<text x="16" y="42" fill="#555">{escape(subtitle)}</text>',
    ]


def box(x: float, y: float, width: float, kind: str, text: str, title: str) -> list[str]:
    """A rectangle with its text, where that fits."""
    shown = text if len(text) * 7 + 4 < width else ""
    ink = "#fff" if kind in DARK else "#222"
    return [
        f'<g><title>{escape(title)}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}"'
        f' height="{ROW - 2}" fill="{COLOURS.get(kind, OTHER)}" stroke="#fff"/>',
        f'<text x="{x + 4:.1f}" y="{y + 15}" fill="{ink}">{escape(shown)}</text></g>',
    ]


def steps(root: Step, room: Callable[[str], str]) -> str:
    """A row for each step in the order of the calls: a function with the share of all that it
    does, or a line of it with its own."""
    parts: list[str] = []
    seen: list[str] = []
    middle = WIDTH - 300
    scale = (WIDTH - middle - 70) / root.samples
    rows = 0

    def row(depth: int, text: str, kind: str, samples: int, is_line: bool) -> None:
        nonlocal rows
        x, y = 16 + 14 * depth, 80 + rows * (ROW - 4)
        rows += 1
        fits = int((middle - x - 8) / 7)
        shown = text if len(text) <= fits else f"{text[: fits - 1]}…"
        style = ' font-family="ui-monospace, monospace" font-size="11" fill="#555"'
        share, colour = samples / root.samples, COLOURS.get(kind, OTHER)
        parts.append(
            f'<text x="{x}" y="{y + 13}"{style if is_line else ""}>{escape(shown)}</text>'
            f'<rect x="{middle}" y="{y + 2}" width="{max(1, samples * scale):.1f}"'
            f' height="{ROW - 8}" fill="{colour}" opacity="{0.45 if is_line else 1}"/>'
            f'<text x="{middle + samples * scale + 6:.1f}" y="{y + 13}" fill="#333">'
            f"{share:.1%}</text>"
        )
        if kind not in seen:
            seen.append(kind)

    def show(step: Step, depth: int) -> None:
        if step.samples < LEAST * root.samples:
            return
        kind = room(step.path)
        row(depth, step.name, kind, step.samples, False)
        for line, number in sorted(step.lines.items()):
            if number >= LEAST * root.samples:
                code = linecache.getline(step.path, line).strip()
                row(depth + 1, code, kind, number, True)
        for below in step.sorted():
            show(below, depth + 1)

    for step in root.sorted():
        show(step, 0)
    title = f"One request ({root.name}), step by step"
    subtitle = (
        f"{root.samples:,} samples by py-spy. A function has the share of all that it calls;"
        f" pale, a line of it has its own; from {LEAST:.0%}"
    )
    top = head(80 + rows * (ROW - 4) + 12, title, subtitle)
    return "\n".join([*top, *legend(seen, seen), *parts, "</svg>\n"])


def legend(names: list[str], labels: list[str]) -> list[str]:
    """What the colours mean."""
    parts, x = [], 16.0
    for name, label in zip(names, labels, strict=True):
        parts.append(f'<rect x="{x:.0f}" y="58" width="12" height="12"')
        parts[-1] += f' fill="{COLOURS.get(name, OTHER)}"/>'
        parts.append(f'<text x="{x + 16:.0f}" y="69">{escape(label)}</text>')
        x += 32 + 6.6 * len(label)
    return parts


def bars(shares: dict[str, Counter[str]]) -> str:
    """A bar for each scenario, divided by where its time is."""
    names = [*COLOURS, "other"]
    parts = []
    for index, (scenario, found) in enumerate(shares.items()):
        y = 92 + index * ROW
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(scenario)}</text>'
        )
        known = Counter({name: found[name] for name in COLOURS})
        known["other"] = found.total() - known.total()
        x = float(LEFT)
        for name in names:
            share = known[name] / found.total()
            width = share * (WIDTH - LEFT - 16)
            if width > NARROWEST:
                label = f"{share:.0%}"
                parts.extend(box(x, y, width, name, label, f"{name} {share:.1%}"))
            x += width
    title = "Where the time of a request is, by scenario"
    subtitle = "Shares of the time inside of the application, sampled by py-spy"
    top = head(92 + len(shares) * ROW + 12, title, subtitle)
    return "\n".join([*top, *legend(names, names), *parts, "</svg>\n"])
