"""Building URLs: what can be prepared for a rule is prepared when it is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from .converters import SAFE, BaseConverter, UnicodeConverter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .rules import Rule
    from .segments import Pieces


class Builder:
    """Builds the URLs of one rule.

    :param rule: the rule
    :param domain: its host or sub-domain, as text and variables
    :param path: its path, likewise
    """

    __slots__ = ("arguments", "constant", "domain", "path", "rule", "single")

    def __init__(self, rule: Rule, domain: Pieces, path: Pieces) -> None:
        self.rule = rule
        defaults = dict(rule.defaults or {})
        self.domain = _prepare(domain, defaults, quoted=False)
        self.path = _prepare(path, defaults, quoted=True)
        # The names that do not go into the query.
        self.arguments = frozenset(rule.arguments)
        # PERF: the whole of a URL without variables.
        self.constant: tuple[str, str] | None = None
        if not self.arguments and len(self.domain) <= 1 and len(self.path) <= 1:
            self.constant = ("".join(self.domain), "".join(self.path))  # type: ignore[arg-type]
        # PERF: "/text/<name>/text" is built by joining three texts.
        self.single: tuple[str, str, Callable[[Any], str], str, str] | None = None
        if all(isinstance(piece, str) for piece in self.domain) and not defaults:
            variables = [p for p in self.path if isinstance(p, tuple)]
            if len(variables) == 1:
                position = self.path.index(variables[0])
                name, to_url = variables[0]
                self.single = (
                    "".join(self.domain),  # type: ignore[arg-type]
                    "".join(self.path[:position]),  # type: ignore[arg-type]
                    to_url,
                    "".join(self.path[position + 1 :]),  # type: ignore[arg-type]
                    name,
                )

    def build(self, values: Mapping[str, Any], append_unknown: bool) -> tuple[str, str]:
        """The host or sub-domain and the path with its query.

        :raises ValidationError: if a converter refuses a value
        """
        if self.constant is not None:
            domain, path = self.constant
        elif self.single is not None:
            domain, before, to_url, after, name = self.single
            path = f"{before}{to_url(values[name])}{after}"
        else:
            domain = _fill(self.domain, values)
            path = _fill(self.path, values)
        if append_unknown and len(values) > 0:
            arguments = self.arguments
            query = [(key, value) for key, value in values.items() if key not in arguments]
            if query and (text := self._query(query)):
                path = f"{path}?{text}"
        return domain, path

    def local(self, values: dict[str, Any]) -> str | None:
        """The path with its query; ``None`` where a value is missing, ``None``, or refused.

        PERF: what :meth:`MapAdapter.build` gives for the only rule of an endpoint.
        """
        if values and None in values.values():
            return None
        try:
            if self.constant is not None:
                path = self.constant[1]
            elif self.single is not None:
                _, before, to_url, after, name = self.single
                path = f"{before}{to_url(values[name])}{after}"
            else:
                path = _fill(self.path, values)
        except (KeyError, ValueError):
            return None
        if path.startswith("//"):
            # A value with a slash in front would make a host of what follows it.
            path = f"/{path.lstrip('/')}"
        if len(values) > len(self.arguments):
            arguments = self.arguments
            text = self._query([item for item in values.items() if item[0] not in arguments])
            if text:
                path = f"{path}?{text}"
        return path

    def _query(self, pairs: Iterable[tuple[str, Any]]) -> str:
        flat: list[tuple[str, Any]] = []
        for key, value in pairs:
            if isinstance(value, (list, tuple, set)):
                flat.extend((key, item) for item in value if item is not None)
            elif value is not None:
                flat.append((key, value))
        if self.rule.map.sort_parameters:
            flat.sort(key=self.rule.map.sort_key)
        return "&".join([f"{_quote_query(key)}={_quote_query(value)}" for key, value in flat])


def _prepare(
    pieces: Pieces, defaults: dict[str, Any], quoted: bool
) -> list[str | tuple[str, Callable[[Any], str]]]:
    """Text joined and quoted, variables with the function that writes them; a default is text."""
    prepared: list[str | tuple[str, Callable[[Any], str]]] = []

    def add(text: str) -> None:
        if prepared and isinstance(prepared[-1], str):
            prepared[-1] += text
        elif text:
            prepared.append(text)

    for piece in pieces:
        if isinstance(piece, str):
            add(quote(piece, safe=SAFE) if quoted else piece)
        elif piece[0] in defaults:
            add(piece[1].to_url(defaults[piece[0]]))
        else:
            prepared.append((piece[0], _writer(piece[1])))
    return prepared


def _writer(converter: BaseConverter) -> Callable[[Any], str]:
    if type(converter).to_url is BaseConverter.to_url or type(converter) is UnicodeConverter:
        return _quote_text
    return converter.to_url


# PERF: letters and digits are not quoted, and most values are nothing else.
def _quote_text(value: Any) -> str:
    text = str(value)
    return text if text.isascii() and text.isalnum() else quote(text, safe=SAFE)


def _quote_query(value: Any) -> str:
    if value.__class__ is not str:
        if isinstance(value, bytes):
            return quote_plus(value, safe=_QUERY_SAFE)
        value = str(value)
    if value.isascii() and value.isalnum():
        return value  # type: ignore[no-any-return]
    return quote_plus(value, safe=_QUERY_SAFE)


# RFC 3986, section 3.4, less "&", "+" and "=", which separate fields.
_QUERY_SAFE = "!$'()*,/:;?@"


def _fill(pieces: list[Any], values: Mapping[str, Any]) -> str:
    return "".join(p if p.__class__ is str else p[1](values[p[0]]) for p in pieces)
