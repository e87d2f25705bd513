"""What the gate has counted, beside what was known and what is wanted: printed, and as tables for
the document."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping

from bounds import (
    CALLS,
    GROUPS,
    HELD_CALLS,
    HELD_OVERRIDES,
    HELD_TIMES,
    MEANS,
    SCENARIOS,
    SPREAD,
    Calls,
    Target,
    group_of,
    override_target,
)
from overrides import ATTRIBUTE, PLAIN

Counts = dict[str, int]
Numbers = Mapping[str, Iterable[int]]
ON_ASGI = "ASGI "
# A scenario may take so much more, or so much less, before it has to be written down.
TOLERANCE = 0.03


# -- scenarios --------------------------------------------------------------------------------


def tell(seen: Counts, before: Counts | None, flask: Counts) -> list[str]:
    """Print the counts of the scenarios, and return what is wrong with them.

    :param before: what they took; ``None`` where nobody knows
    """
    complaints: list[str] = []
    wide = max(map(len, (*seen, *GROUPS))) + 2
    for group in GROUPS:
        names = [name for name in seen if group_of(name) == group]
        if not names:
            continue
        print(
            f"\n{group:{wide}}{'Erlen':>12}{'before':>12}{'change':>9}{'Flask':>12}{'of Flask':>10}"
        )
        for name in names:
            line = f"{name:{wide}}{seen[name]:12,}"
            known = (before or {}).get(name)
            change = 0.0
            if known is None:
                line += f"{'':21}"
                if before is not None:
                    complaints.append(f"{name}: not in the table")
            else:
                change = seen[name] / known - 1
                line += f"{known:12,}{change:9.1%}"
                if change > TOLERANCE:
                    complaints.append(f"{name}: {change:.1%} more")
            times = times_fewer(name, seen, flask)
            if times is not None:
                line += f"{flask[name.removeprefix(ON_ASGI)]:12,}{part(times):>10}"
                line += hold(name, times, SCENARIOS.get(name), complaints)
            if change < -TOLERANCE:
                line += "   less: write it down, so that it stays so"
            print(line)
        for title, mean, target in means(group, seen, flask):
            line = f"{title:{wide}}{'':45}{part(mean):>10}"
            print(line + hold(f"{group}, {title}", mean, target, complaints))
    complaints += [f"{name}: no longer there" for name in before or {} if name not in seen]
    return complaints


def times_fewer(name: str, seen: Counts, flask: Counts) -> float | None:
    """How many times fewer instructions a scenario takes than Flask does, which has WSGI alone."""
    taken = flask.get(name.removeprefix(ON_ASGI))
    return None if taken is None else taken / seen[name]


def means(group: str, seen: Counts, flask: Counts) -> Iterable[tuple[str, float, Target | None]]:
    """Title, geometric mean and target, on WSGI and on ASGI, if all of the group was counted."""
    wanted = {name for name in flask if group_of(name) == group}
    if not wanted or not wanted.issubset(seen):
        return
    for title, is_asgi, target in (
        ("mean", False, MEANS[group]),
        ("mean, ASGI to Flask's WSGI", True, None),
    ):
        ratios = [
            times
            for name in seen
            if group_of(name) == group
            and name.startswith(ON_ASGI) == is_asgi
            and (times := times_fewer(name, seen, flask)) is not None
        ]
        if ratios:
            yield title, statistics.geometric_mean(ratios), target


def hold(name: str, times: float, target: Target | None, complaints: list[str]) -> str:
    """The target of a figure that is to be high, for the end of its line; a complaint where the
    bound is missed."""
    if target is None:
        return ""
    shown = f"   bound 1/{target.bound:g}, goal 1/{target.goal:g}"
    if times >= target.bound:
        return shown
    held = HELD_TIMES.get(name, target.bound)
    if times < held:
        complaints.append(f"{name}: {part(times)} of Flask, and 1/{held:g} is to hold")
    return shown + "  MISSED"


def part(times: float) -> str:
    """A part of Flask's count."""
    return f"1/{times:.2f}" if times < 10 else f"1/{times:.1f}"


# -- overrides --------------------------------------------------------------------------------


def tell_overrides(seen: Counts) -> list[str]:
    """Print what overriding a method costs, and return what is wrong with it."""
    complaints: list[str] = []
    wide = max(map(len, seen)) + 2
    print(
        f"\n{'hello with … overridden':{wide}}{'WSGI':>12}{'to none':>9}{'ASGI':>12}{'to none':>9}"
    )
    for name in seen:
        if name.startswith(ON_ASGI):
            continue
        line = f"{name:{wide}}"
        target, is_missed = override_target(name), False
        for prefix in ("", ON_ASGI):
            ratio = seen[prefix + name] / seen[prefix + PLAIN]
            line += f"{seen[prefix + name]:12,}{ratio:9.2f}"
            if target is not None and ratio > target.bound:
                is_missed = True
                held = HELD_OVERRIDES.get(prefix + name, target.bound * SPREAD)
                if ratio > held:
                    complaints.append(
                        f"{prefix}{name}: {ratio:.2f} of the plain hello, and {held:g} is to hold"
                    )
        if target is not None:
            line += f"   bound {target.bound:g}, goal {target.goal:g}"
        print(line + "  MISSED" * is_missed)
    return complaints


# -- calls ------------------------------------------------------------------------------------


def tell_calls(seen: Numbers) -> list[str]:
    """Print how many functions a request calls, and return what is wrong with it."""
    complaints: list[str] = []
    print(f"\n{'functions/files':22}{'Erlen':>8}{'bound':>8}{'goal':>8}")
    for name, numbers in seen.items():
        calls, (bound, goal) = Calls(*numbers), CALLS[name]
        line = f"{name:22}{slashed(calls):>8}{slashed(bound):>8}{slashed(goal):>8}"
        if not calls.is_within(bound):
            line += "  MISSED"
            held = HELD_CALLS.get(name, bound)
            if not calls.is_within(held):
                complaints.append(
                    f"{name}: {slashed(calls)} functions and files, and {slashed(held)} is to hold"
                )
        print(line)
    return complaints


def slashed(calls: Calls) -> str:
    """Functions and files."""
    return f"{calls.functions}/{calls.files}"


# -- the document -----------------------------------------------------------------------------


def scenarios_table(seen: Counts, flask: Counts) -> list[str]:
    """The scenarios in Markdown, a table for each group."""
    lines: list[str] = []
    for group in GROUPS:
        rows = ["scenario | Erlen | Flask | of Flask | bound | goal"]
        for name in seen:
            if group_of(name) != group:
                continue
            times = times_fewer(name, seen, flask)
            # On ASGI it is to look at: Flask's figure is the one on WSGI.
            own = f"{flask[name]:,}" if name in flask else ""
            shown = "" if times is None else part(times)
            rows.append(f"{name} | {seen[name]:,} | {own} | {shown} | {cells(SCENARIOS.get(name))}")
        for title, mean, target in means(group, seen, flask):
            rows.append(f"*{title}* | | | {part(mean)} | {cells(target)}")
        lines += ["", f"{group[0].upper()}{group[1:]}:", "", *markdown(rows)]
    return lines[1:]


def cells(target: Target | None) -> str:
    """Bound and goal of what is to be a small part."""
    return " | " if target is None else f"1/{target.bound:g} | 1/{target.goal:g}"


def overrides_table(seen: Counts) -> list[str]:
    """The overrides in Markdown."""
    rows = ["overridden | WSGI | to none | ASGI | to none | bound | goal"]
    for name in seen:
        if name.startswith(ON_ASGI):
            continue
        row = f"`{name}`" if name not in (PLAIN, ATTRIBUTE) else name
        for prefix in ("", ON_ASGI):
            row += f" | {seen[prefix + name]:,} | {seen[prefix + name] / seen[prefix + PLAIN]:.2f}"
        target = override_target(name)
        rows.append(row + (f" | {target.bound:g} | {target.goal:g}" if target else " | | "))
    return markdown(rows)


def calls_table(seen: Numbers) -> list[str]:
    """The calls in Markdown."""
    rows = ["request | functions/files | bound | goal"]
    for name, numbers in seen.items():
        bound, goal = CALLS[name]
        rows.append(f"{name} | {slashed(Calls(*numbers))} | {slashed(bound)} | {slashed(goal)}")
    return markdown(rows)


def markdown(rows: list[str]) -> list[str]:
    """A table from cells divided by bars; all but the first column are figures."""
    rule = " | ".join(["---", *["---:"] * rows[0].count("|")])
    return [f"| {row} |" for row in (rows[0], rule, *rows[1:])]
