"""What changed between two documents, told as a caller sees it: what breaks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# What tells a reader something, and a program nothing.
_TEXTS = ("title", "description", "summary", "examples", "example", "deprecated")
# Keywords whose greater value takes less, and those whose lesser value does.
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


@dataclass(frozen=True)
class Difference:
    """One change.

    :param breaks: whether a caller of the old document may fail
    :param where: the operation, and what of it
    :param what: what changed
    """

    breaks: bool
    where: str
    what: str

    def __str__(self) -> str:
        return f"{'breaks' if self.breaks else 'changes'}  {self.where}: {self.what}"


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """The changes from one document to another, what breaks callers first."""
    comparison = _Comparison(old, new)
    comparison.compare()
    found = list(dict.fromkeys(comparison.found))
    if not found and old != new:
        found.append(Difference(False, "document", "texts, examples or the version differ"))
    return sorted(found, key=lambda one: not one.breaks)


class _Comparison:
    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old = old
        self.new = new
        self.found: list[Difference] = []
        self._seen: set[tuple[str, str, bool]] = set()

    def add(self, breaks: bool, where: str, what: str) -> None:
        self.found.append(Difference(breaks, where, what))

    def compare(self) -> None:
        old_paths, new_paths = self.old.get("paths", {}), self.new.get("paths", {})
        for path in sorted({*old_paths, *new_paths}):
            old, new = old_paths.get(path, {}), new_paths.get(path, {})
            for method in sorted({*old, *new}):
                where = f"{method.upper()} {path}"
                if method not in new:
                    self.add(True, where, "is gone")
                elif method not in old:
                    self.add(False, where, "is new")
                else:
                    self.operation(where, old[method], new[method])

    def operation(self, where: str, old: Any, new: Any) -> None:
        if old.get("operationId") != new.get("operationId"):
            told = f"is called {new.get('operationId')!r}, and was {old.get('operationId')!r}"
            self.add(True, where, told)
        if new.get("deprecated") and not old.get("deprecated"):
            self.add(False, where, "is deprecated")
        self.parameters(where, old.get("parameters", ()), new.get("parameters", ()))
        self.body(where, old.get("requestBody"), new.get("requestBody"))
        self.responses(where, old.get("responses", {}), new.get("responses", {}))

    def parameters(self, where: str, old_list: Any, new_list: Any) -> None:
        old = {(p["in"], p["name"]): p for p in old_list}
        new = {(p["in"], p["name"]): p for p in new_list}
        for key in [*old, *(key for key in new if key not in old)]:
            name = f"{key[0]} {key[1]!r}"
            if key not in new:
                self.add(True, where, f"takes no {name} any more")
            elif key not in old:
                required = bool(new[key].get("required"))
                self.add(required, where, f"{'needs' if required else 'takes'} {name}")
            else:
                if new[key].get("required") and not old[key].get("required"):
                    self.add(True, where, f"needs {name}, which was optional")
                elif old[key].get("required") and not new[key].get("required"):
                    self.add(False, where, f"{name} is optional")
                self.schema(f"{where}, {name}", old[key]["schema"], new[key]["schema"], True)

    def body(self, where: str, old: Any, new: Any) -> None:
        if old is None and new is None:
            return
        if new is None:
            self.add(True, where, "takes no body any more")
        elif old is None:
            required = bool(new.get("required"))
            self.add(required, where, f"{'needs' if required else 'takes'} a body")
        else:
            if new.get("required") and not old.get("required"):
                self.add(True, where, "needs a body, which was optional")
            self.content(f"{where}, body", old.get("content", {}), new.get("content", {}), True)

    def responses(self, where: str, old: Any, new: Any) -> None:
        for status in sorted({*old, *new}):
            below = f"{where}, {status}"
            if status not in new:
                self.add(status.startswith("2"), below, "is not answered any more")
            elif status not in old:
                # A caller that knows all answers meets another one.
                self.add(status.startswith("2"), below, "is a new answer")
            else:
                was, now = old[status].get("content", {}), new[status].get("content", {})
                self.content(below, was, now, False)

    def content(self, where: str, old: Any, new: Any, is_input: bool) -> None:
        for kind in sorted({*old, *new}):
            if kind not in new:
                self.add(True, where, f"{kind} is gone")
            elif kind not in old:
                self.add(False, where, f"{kind} is new")
            else:
                self.schema(
                    where, old[kind].get("schema", {}), new[kind].get("schema", {}), is_input
                )

    def schema(self, where: str, old: Any, new: Any, is_input: bool) -> None:
        """Compare what may stand in one place.

        :param is_input: whether callers send it; then less breaks them, and otherwise more
        """
        names = old.get("$ref", ""), new.get("$ref", "")
        if all(names):
            if (*names, is_input) in self._seen:
                return
            self._seen.add((*names, is_input))
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        if old == new and "$ref" not in str(old):
            return
        self.sets(where, "type", _types(old), _types(new), is_input)
        self.sets(where, "value", _values(old), _values(new), is_input)
        if old.get("format") != new.get("format"):
            self.add(True, where, f"is a {new.get('format')}, and was a {old.get('format')}")
        for name in (*_LEAST, *_MOST):
            self.limit(where, name, old.get(name), new.get(name), is_input)
        if old.get("pattern") != new.get("pattern"):
            self.add(is_input, where, f"has the pattern {new.get('pattern')!r}")
        self.properties(where, old, new, is_input)
        for name in ("items", "additionalProperties"):
            was, now = old.get(name), new.get(name)
            if isinstance(was, dict) and isinstance(now, dict):
                self.schema(f"{where}/{'*' if name != 'items' else '[]'}", was, now, is_input)
            elif was != now and (name == "additionalProperties" or isinstance(was or now, dict)):
                breaks = now is False if is_input else was is False
                self.add(breaks, where, f"{name} is {now!r}, and was {was!r}")
        for name in ("anyOf", "oneOf", "prefixItems"):
            self.alternatives(where, old.get(name, ()), new.get(name, ()), is_input)

    def sets(self, where: str, word: str, old: Any, new: Any, is_input: bool) -> None:
        if old == new:
            return
        gone, more = sorted(old - new), sorted(new - old)
        if not old or not new:
            # Anything was allowed, or is.
            self.add(bool(new) == is_input, where, f"the {word} is {', '.join(new or {'any'})}")
            return
        if gone:
            self.add(is_input or not more or word == "type", where, f"no {word} {', '.join(gone)}")
        if more:
            self.add(not is_input, where, f"the {word} {', '.join(more)} is new")

    def limit(self, where: str, name: str, old: Any, new: Any, is_input: bool) -> None:
        if old == new:
            return
        if old is None or new is None:
            is_less = old is None
        else:
            is_less = new > old if name in _LEAST else new < old
        self.add(is_less == is_input, where, f"{name} is {new}, and was {old}")

    def properties(self, where: str, old: Any, new: Any, is_input: bool) -> None:
        was, now = old.get("properties", {}), new.get("properties", {})
        was_needed, needed = set(old.get("required", ())), set(new.get("required", ()))
        for name in [*was, *(name for name in now if name not in was)]:
            below = f"{where}/{name}"
            if name not in now:
                self.add(not is_input, below, "is gone")
            elif name not in was:
                breaks = is_input and name in needed
                self.add(breaks, below, "is new and needed" if breaks else "is new")
            else:
                if (name in needed) != (name in was_needed):
                    told = "is needed" if name in needed else "may be missing"
                    self.add((name in needed) == is_input, below, told)
                self.schema(below, was[name], now[name], is_input)

    def alternatives(self, where: str, old: Any, new: Any, is_input: bool) -> None:
        if len(old) == len(new):
            for was, now in zip(old, new, strict=True):
                self.schema(where, was, now, is_input)
        elif len(new) < len(old):
            self.add(is_input, where, f"has {len(new)} alternatives, and had {len(old)}")
        else:
            self.add(not is_input, where, f"has {len(new)} alternatives, and had {len(old)}")


def _resolved(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    found: Any = schema
    steps = 0
    while isinstance(found, dict) and "$ref" in found and steps < 20:
        name = found["$ref"].rpartition("/")[2]
        found = document.get("components", {}).get("schemas", {}).get(name, {})
        steps += 1
    return {key: value for key, value in found.items() if key not in _TEXTS}


def _types(schema: dict[str, Any]) -> set[str]:
    found = schema.get("type", ())
    return {found} if isinstance(found, str) else set(found)


def _values(schema: dict[str, Any]) -> set[str]:
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    return set(map(repr, values))
