"""Building URLs: what writes them is made once for each rule, when it is bound."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote_plus, unquote

from ..http.hosts import check_host
from ..http.urls import make_quote
from .converters import LARGEST, ValidationError, quote_path, writing, written_as_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Set

    from .converters import BaseConverter, RuleMap
    from .segments import Pieces

    Write = Callable[[Mapping[str, Any]], str]
# RFC 3986, section 3.4, less "&", "+" and "=", which separate fields.
_QUERY_SAFE = "!$'()*,/:;?@"
# All but spaces, which are written as "+".
_quote_query = make_quote(_QUERY_SAFE + " ")


class Builder:
    """Builds the URLs of one rule.

    :param map: the map of the rule, which says how queries are sorted
    :param domain: its host or sub-domain, as text and variables
    :param path: its path, likewise
    :param arguments: the names that do not go into the query
    :param defaults: the values of those of them that are written as text
    """

    def __init__(
        self,
        map: RuleMap,
        domain: Pieces,
        path: Pieces,
        arguments: Set[str],
        defaults: Mapping[str, Any],
    ) -> None:
        self.map = map
        self.defaults = defaults
        self.arguments: frozenset[str] = frozenset(arguments)
        self.required: frozenset[str] = self.arguments.difference(defaults)
        self._pieces = domain, path

    # Most rules are never built, so that each of these is made when it is asked for. They raise
    # ValidationError if a converter refuses a value.
    @cached_property
    def domain(self) -> Write:
        """Writes the host or sub-domain."""
        return _writer(_prepare(self._pieces[0], self.defaults, quoted=False), is_path=False)

    @cached_property
    def path(self) -> Write:
        """Writes the path."""
        return _writer(_prepare(self._pieces[1], self.defaults, quoted=True))

    @cached_property
    def path_and_query(self) -> Write:
        """Writes the path, and the values that are no variables as its query. It refuses ``None``
        for a variable, which :meth:`MapAdapter.build` takes for no value."""
        pieces = _prepare(self._pieces[1], self.defaults, quoted=True)
        return _writer(pieces, len(self.required), self._query)

    def refused(self, values: Mapping[str, Any]) -> str | None:
        """The name of the first variable whose value the rule does not take; ``None`` for none."""
        pieces = [*self._pieces[0], *self._pieces[1]]
        for piece in pieces:
            if not isinstance(piece, str) and piece[0] in values:
                try:
                    is_first = pieces[:1] == ["/"] and piece is pieces[1]
                    writing(piece[1], is_first, piece is pieces[-1])(values[piece[0]])
                except ValueError:
                    return piece[0]
        return None

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Whether the variables have values, and defaults no other than their own."""
        for key in self.required:
            if key not in values:
                return False
        for key, value in self.defaults.items():
            if key in values and value != values[key]:
                return False
        return True

    def build(self, values: Mapping[str, Any], append_unknown: bool) -> tuple[str, str]:
        """The host or sub-domain and the path with its query.

        :raises ValidationError: if a converter refuses a value
        """
        path = self.path(values)
        if append_unknown:
            path += self._query(values)
        return _host(self.domain(values)), path

    def _query(self, values: Mapping[str, Any]) -> str:
        """The query with its mark; ``None`` is left out, a list repeats its name."""
        arguments = self.arguments
        fields: Iterable[tuple[str, Any]] = values.items()
        if self.map.sort_parameters:
            fields = sorted(_flat(fields), key=self.map.sort_key)
        text, mark = "", "?"
        for key, value in fields:
            if key in arguments:
                continue
            # PERF: names, words and numbers are not quoted, and most fields are nothing else.
            name = key if key.isidentifier() and key.isascii() else _quote_field(key)
            kind = value.__class__
            if kind is int or kind is str:
                if kind is str and not (value.isalnum() and value.isascii()):
                    value = _quote_query(value).replace(" ", "+")
                text += f"{mark}{name}={value}"
                mark = "&"
            else:
                for _, item in _flat([(key, value)]):
                    text += f"{mark}{name}={_quote_field(item)}"
                    mark = "&"
        return text


def _flat(fields: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in fields:
        items = value if isinstance(value, (list, tuple, set)) else (value,)
        flat += [(key, item) for item in items if item is not None]
    return flat


def first_of(builders: list[Builder]) -> Write:
    """A function that writes path and query by the first builder that fits the values.

    :raises KeyError: from the function: if none fits
    """
    if len(builders) == 1 and not builders[0].defaults:
        return builders[0].path_and_query

    def write(values: Mapping[str, Any]) -> str:
        for builder in builders:
            if builder.fits(values):
                return builder.path_and_query(values)
        raise KeyError

    return write


def _prepare(
    pieces: Pieces, defaults: Mapping[str, Any], quoted: bool
) -> list[str | tuple[str, BaseConverter]]:
    """Text joined and quoted, and the variables; a default is text."""
    prepared: list[str | tuple[str, BaseConverter]] = []
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += quote_path(piece) if quoted else piece
        elif piece[0] in defaults:
            text += writing(piece[1])(defaults[piece[0]])
        else:
            prepared += (text, piece)
            text = ""
    return [*prepared, text]


def _writer(
    pieces: list[str | tuple[str, BaseConverter]],
    count: int = 0,
    query: Write | None = None,
    is_path: bool = True,
) -> Write:
    """A function that writes the pieces with the values of their variables.

    It is compiled from an expression: ``lambda values: '/user/' f"{to_url1(values['id'])}"``. What
    a rule puts into it are literals and the names of variables, which are identifiers.

    :param query: writes what follows where there are more values than ``count``
    """
    names: dict[str, Any] = {"missing": _missing, "query": query, "largest": LARGEST}
    shape = ""
    has_slash_alone = is_path and (pieces[0] == "/" or pieces[0][:2] == "//")
    for index, piece in enumerate(pieces):
        if isinstance(piece, str):
            shape += f" {piece!r}"
            continue
        name, converter = piece
        # Behind the last one is an empty text.
        names[f"to_url{index}"] = writing(
            converter, has_slash_alone and index == 1, pieces[index + 1 :] == [""]
        )
        # PERF: what is written as it is, and taken again, is not handed to the converter.
        plain, kind = "None", written_as_is(converter)
        if kind is not None and kind[0] is str:
            plain = "str and v.isalnum() and v.isascii()"
        elif kind is not None:
            names[f"least{index}"] = kind[1]
            plain = f"int and least{index} <= v <= largest"
        refuse_none = "" if query is None else "missing() if v is None else "
        shape += (
            f""" f"{{v if (v := values[{name!r}]).__class__ is {plain}"""
            f""" else {refuse_none}to_url{index}(v)}}\""""
        )
    if has_slash_alone:
        # A value with a slash in front would make a host of what follows it.
        shape = f"'/' + ({shape}).lstrip('/')"
    if query is not None:
        shape = f"{shape} if len(values) == {count} else {shape} + query(values)"
    write: Write = eval(f"lambda values: {shape}", names)
    return write


def _host(text: str) -> str:
    """A host or sub-domain as it stands in URLs: ASCII, or IDNA.

    :raises ValidationError: for what is none
    """
    if text and not check_host(text):
        try:
            text = unquote(text).encode("idna").decode("ascii")
        except UnicodeError:
            raise ValidationError(text) from None
        if not check_host(text):
            raise ValidationError(text)
    return text


def _missing() -> NoReturn:
    raise ValidationError


def _quote_field(value: Any) -> str:
    if isinstance(value, bytes):
        return quote_plus(value, safe=_QUERY_SAFE)
    return _quote_query(str(value)).replace(" ", "+")
