"""The benchmark results as tables in the documents, between their markers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

START, END = "<!-- benchmark results -->", "<!-- end of benchmark results -->"


def lines(header: str, *rows: str) -> list[str]:
    """A table in Markdown, from cells divided by bars."""
    rule = " | ".join("---" if n == 0 else "---:" for n in range(header.count("|") + 1))
    return [f"| {row} |" for row in (header, rule, *rows)]


def times(results: dict[str, Any], peer: str) -> list[str]:
    """Every scenario that a peer has."""
    return lines(
        f"scenario | Erlen µs | {peer.title()} µs | ratio | quartiles",
        *(
            f"{name} | {row['own_us']:.1f} | {row['peer_us']:.1f} | {row['median']:.3f}"
            f" | {row['low']:.3f} to {row['high']:.3f}"
            for name, row in results[peer].items()
        ),
    )


def rest(results: dict[str, Any]) -> list[str]:
    """Import, routing and upload."""
    upload = results["upload growth"]
    rows = [
        f"{label} of `import erlen`, to Flask's | {row['own']:.1f} {row['unit']}"
        f" : {row['peer']:.1f} {row['unit']} | {row['median']:.2f}"
        for label, row in results["import"].items()
    ]
    many = results["routes"]["match among 10000"]
    rows.append(
        f"one match among 10,000 rules, to one among 10 | {many['own_us']:.2f} µs"
        f" | {many['median']:.2f}"
    )
    rows.append(
        f"growth of memory by an upload of {upload['upload_mb']} MB | {upload['median']:.1f} MB |"
    )
    return lines("| measured | ratio", *rows)


def where(results: dict[str, Any]) -> str:
    """What the figures were measured with."""
    return (
        f"Measured on Python {results['python']} ({results['machine']}),"
        f" {results['rounds']} rounds, against {', '.join(results['peers'][:4])}."
    )


def short(results: dict[str, Any]) -> list[str]:
    """What the README shows."""
    flask = results["flask"]
    shown = ["hello", "dynamic rule", "JSON", "form", "session read", "template", "static 200"]
    rows = [
        f"{name} | {row['own_us']:.1f} µs | {row['peer_us']:.1f} µs | {row['median']:.2f}"
        for name, row in flask.items()
        if name in shown
    ]
    rows.append(f"geometric mean of {len(flask)} scenarios | | | {results['mean']['median']:.2f}")
    for label, row in results["import"].items():
        own, peer = (f"{row[side]:.0f} {row['unit']}" for side in ("own", "peer"))
        name = label.removeprefix("import ")
        rows.append(f"`import`, {name} | {own} | {peer} | {row['median']:.2f}")
    return [*lines("| Erlen | Flask | ratio", *rows), "", where(results)]


def full(results: dict[str, Any]) -> list[str]:
    """What the page on benchmarks shows."""
    parts = [where(results)]
    for peer in ("flask", "falcon", "bottle"):
        parts += ["", f"## {peer.title()}", "", *times(results, peer)]
    mean = results["mean"]["median"]
    parts += ["", f"Geometric mean of the ratios to Flask: {mean:.3f}."]
    return [*parts, "", "## Import, routing, upload", "", *rest(results)]


def write(root: Path, results: dict[str, Any]) -> None:
    """Replace what the documents have between their markers."""
    for path, table in ((root / "README.md", short), (root / "docs/benchmarks.md", full)):
        before, _, after = path.read_text(encoding="utf-8").partition(START)
        _, _, after = after.partition(END)
        text = "\n".join([before + START, "", *table(results), "", END + after])
        path.write_text(text, encoding="utf-8")
