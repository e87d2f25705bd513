"""The parts of a document that are written by a program, between their markers."""

from __future__ import annotations

from pathlib import Path


def replace(path: Path, name: str, lines: list[str]) -> None:
    """Write ``lines`` between ``<!-- name -->`` and ``<!-- end of name -->``.

    :raises ValueError: if the document does not have both markers once
    """
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text = path.read_text(encoding="utf-8")
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ValueError(f"{path} has to have {start} and {end} once each, in this order.")
    before, rest = text.split(start)
    after = rest.split(end)[1]
    path.write_text("\n".join([before + start, "", *lines, "", end + after]), encoding="utf-8")
