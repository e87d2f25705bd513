"""The benchmark results as tables in the documents, between their markers."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from bounds import FEATURES, REAL, group_of
from served import OWN, name_of

LABELS = {
    "import time": "time of `import erlen`",
    "memory": "memory after `import erlen`",
    "first request": "first request after it",
}
# Two cells without a value.
NOTHING = " | "
# The load average from which on a machine is not quiet.
BUSY = 0.5
START, END = "<!-- benchmark results -->", "<!-- end of benchmark results -->"


def lines(header: str, *rows: str) -> list[str]:
    """A table in Markdown, from cells divided by bars."""
    rule = " | ".join("---" if n == 0 else "---:" for n in range(header.count("|") + 1))
    return [f"| {row} |" for row in (header, rule, *rows)]


def ratio(row: dict[str, Any]) -> str:
    """The cells of a median and its quartiles."""
    return f"{row['median']:.3f} | {row['low']:.3f} to {row['high']:.3f}"


def times(table: dict[str, Any], peer: str) -> list[str]:
    """Every scenario that a peer has."""
    return lines(
        f"scenario | Erlen µs | {peer} µs | ratio | quartiles",
        *(
            f"{name} | {row['own_us']:.1f} | {row['peer_us']:.1f} | {ratio(row)}"
            for name, row in table.items()
        ),
    )


def asgi(results: dict[str, Any]) -> list[str]:
    """Every peer on ASGI, in process."""
    return lines(
        "peer, scenario | Erlen µs | peer µs | ratio | quartiles",
        *(
            f"{name_of(peer)}, {name} | {row['own_us']:.1f} | {row['peer_us']:.1f} | {ratio(row)}"
            for peer, table in results["asgi"].items()
            for name, row in table.items()
        ),
    )


def toolkit(results: dict[str, Any]) -> list[str]:
    """The data structures, the parsers and the builders, a table for each kind."""
    groups: dict[str, list[str]] = {}
    for name, row in results["toolkit"].items():
        kind, _, what = name.partition(": ")
        cells = f"{what} | {row['own_us']:.2f} | {row['peer_us']:.2f} | {ratio(row)}"
        groups.setdefault(kind, []).append(cells)
    parts = []
    for kind, rows in groups.items():
        header = f"{kind} | Erlen µs | Werkzeug µs | ratio | quartiles"
        parts += ["", *lines(header, *rows)]
    mean = statistics.geometric_mean(row["median"] for row in results["toolkit"].values())
    return [*parts[1:], "", f"Geometric mean of the ratios to Werkzeug: {mean:.3f}."]


def served(results: dict[str, Any]) -> list[str]:
    """Requests per second behind a server."""
    parts = []
    for title, group in results["served"]["groups"].items():
        header = "application | requests/s | share of no framework | quartiles"
        rows = []
        for name, row in group.items():
            shown = NOTHING if name == "raw" else ratio(row)
            if "erlen" in row:
                shown += f" | {ratio(row['erlen'])}"
            else:
                shown += f" | {NOTHING}"
            rows.append(f"{name_of(name)} | {row['rate']:,.0f} | {shown}")
        table = lines(header + " | Erlen to it | quartiles", *rows)
        parts += ["", f"### {title[0].upper()}{title[1:]}", "", *table]
    return parts[1:]


def websockets(results: dict[str, Any]) -> list[str]:
    """Messages per second, and memory of idle connections."""
    echo = results["echo"]
    rows = [
        f"{name_of(name)} | {row['rate']:,.0f} | {ratio(row) if 'median' in row else NOTHING}"
        for name, row in echo.items()
    ]
    parts = lines("application | messages/s | Erlen to it | quartiles", *rows)
    if "idle" not in results:
        return parts
    idle = results["idle"]
    rows = [
        f"{name_of(name)} | {row['kilobytes']:.1f} | {row['framework']:.1f}"
        f" | {ratio(row) if 'median' in row else NOTHING}"
        for name, row in idle["table"].items()
    ]
    header = f"{idle['connections']:,} idle connections | kB for each | above no framework"
    return [*parts, "", *lines(header + " | Erlen to it | quartiles", *rows)]


def rest(results: dict[str, Any]) -> list[str]:
    """Import, routing, upload and download."""
    upload = results["upload growth"]
    rows = [
        f"{LABELS[label]}, to Flask's | {row['own']:.1f} {row['unit']}"
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
    rows += [
        f"growth of memory by a stream of {row['stream_mb']} MB to a slow reader, {name}"
        f" | {row['median']:.1f} MB |"
        for name, row in results.get("download growth", {}).items()
    ]
    return lines("| measured | ratio", *rows)


def where(results: dict[str, Any]) -> str:
    """What the figures were measured with."""
    text = (
        f"Measured on Python {results['python']} ({results['machine']}),"
        f" {results['rounds']} rounds, against {', '.join(results['peers'])}."
    )
    if results["load"] > BUSY:
        text += f" Other programs kept the machine busy (load {results['load']:.1f} at the start)."
    return text


def short(results: dict[str, Any]) -> list[str]:
    """What the README shows."""
    flask = results["flask"]
    shown = ["hello", "dynamic rule", "JSON", "form", "session read", "template", "static 200"]
    rows = [
        f"{name} | {row['own_us']:.1f} µs | {row['peer_us']:.1f} µs | {row['median']:.2f}"
        for name, row in flask.items()
        if name in shown
    ]
    count = sum(group_of(name) == FEATURES for name in flask)
    rows.append(f"geometric mean of {count} scenarios | | | {results['mean']['median']:.2f}")
    rows.append(f"geometric mean of {REAL} | | | {results['real mean']['median']:.2f}")
    for label, row in results["import"].items():
        own, peer = (f"{row[side]:.1f} {row['unit']}" for side in ("own", "peer"))
        rows.append(f"{LABELS[label]} | {own} | {peer} | {row['median']:.2f}")
    parts = lines("| Erlen | Flask | ratio", *rows)
    if "served" in results:
        parts += ["", *short_served(results)]
    return [*parts, "", where(results)]


def short_served(results: dict[str, Any]) -> list[str]:
    """The served rates, for the README."""
    groups = results["served"]["groups"]
    others = (name for group in groups.values() for name in group)
    names = list(dict.fromkeys((*OWN, *others)))
    rows = []
    for name in names:
        cells = []
        for group in groups.values():
            row = group.get(name)
            cells.append("" if row is None else f"{row['rate']:,.0f} ({row['median']:.2f})")
        rows.append(f"{name_of(name)} | {' | '.join(cells)}")
    server = results["server"].replace("==", " ").title()
    return [
        f"Served by {server} with one worker: hello per second, and the share of an application"
        " without a framework.",
        "",
        *lines(" | ".join(["", *groups]).strip(), *rows),
    ]


def full(results: dict[str, Any]) -> list[str]:
    """What the page on benchmarks shows."""
    parts = [where(results), "", "## WSGI, in process"]
    for peer in ("flask", "falcon", "bottle"):
        name = name_of(peer)
        parts += ["", f"### {name}", "", *times(results[peer], name)]
    mean, real = results["mean"]["median"], results["real mean"]["median"]
    parts += [
        "",
        f"Geometric mean of the ratios to Flask, {FEATURES}: {mean:.3f}; {REAL}: {real:.3f}.",
    ]
    parts += ["", "### Large bodies, and pages", "", *times(results["payloads"], "Flask")]
    parts += ["", "## ASGI, in process", "", *asgi(results)]
    parts += ["", "## The toolkit", "", *toolkit(results)]
    if "served" in results:
        parts += ["", "## Served", "", *served(results)]
    if "middleware" in results:
        row = results["middleware"]
        cells = f"{row['without']:,.0f} | {row['behind']:,.0f} | {ratio(row)}"
        header = "async view on ASGI | requests/s without | behind it | ratio | quartiles"
        table = lines(header, f"middleware around `wsgi_app` | {cells}")
        parts += ["", "### WSGI middleware on ASGI", "", *table]
    parts += ["", "## WebSockets", "", *websockets(results)]
    return [*parts, "", "## Import, routing, upload, stream", "", *rest(results)]


def write(root: Path, results: dict[str, Any]) -> None:
    """Replace what the documents have between their markers."""
    for path, table in ((root / "README.md", short), (root / "docs/benchmarks.md", full)):
        before, _, after = path.read_text(encoding="utf-8").partition(START)
        _, _, after = after.partition(END)
        text = "\n".join([before + START, "", *table(results), "", END + after])
        path.write_text(text, encoding="utf-8")
