"""Converters: how a variable part of a path becomes a value, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeGuard
from urllib.parse import unquote

from ..http.urls import make_quote
from .automaton import automaton_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

# What takes any text of letters and digits.
_ANY_TEXT = frozenset({"[^/]+", "[^/]{1,}", "[^/].*?"})
_LOOKS_AROUND = re.compile(r"\(\?(?![:a-zA-Z-])|\\[bB]")
# What a path may hold unquoted (RFC 3986, section 3.3).
quote_path: Callable[[str], str] = make_quote("!$&'()*+,/:;=@")
# Longer numbers are no ids; without a bound, converting them takes quadratic time.
_MOST_DIGITS = 1_000
_DIGITS = f"[0-9]{{1,{_MOST_DIGITS}}}"


class RuleMap(Protocol):
    """What a rule, its converters and its builder ask of the map that they belong to."""

    converters: dict[str, type[BaseConverter]]
    strict_slashes: bool
    redirect_defaults: bool
    sort_parameters: bool
    sort_key: Callable[[Any], Any] | None

    @property
    def default_subdomain(self) -> str: ...
    @property
    def host_matching(self) -> bool: ...
    @property
    def merge_slashes(self) -> bool: ...

    def changed(self) -> None: ...


class ValidationError(ValueError):
    """Raised by a converter: the text fits its regex and still is no value."""


class BaseConverter:
    """The base of converters; subclass it, and add the class to ``app.url_map.converters``.

    :cvar regex: what the part looks like, without groups
    :cvar weight: of several converters at one place, the lower weight is tried first
    :cvar part_isolating: ``False`` if the part may hold a slash; known from ``regex`` by default
    """

    regex: str = "[^/]+"
    weight: int = 100
    part_isolating: bool = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A class that says nothing is isolated unless its own regex has a slash.
        if "regex" in cls.__dict__ and "part_isolating" not in cls.__dict__:
            cls.part_isolating = "/" not in cls.regex

    def __init__(self, map: RuleMap, *args: Any, **kwargs: Any) -> None:
        self.map = map

    def to_python(self, value: str) -> Any:
        """The value of the text.

        :raises ValidationError: if it is none; the URL is then not found
        """
        return value

    def to_url(self, value: Any) -> str:
        """The text of the value, quoted."""
        return quote_path(str(value))


class UnicodeConverter(BaseConverter):
    """``string``, the default: text without a slash.

    :param minlength: the fewest characters
    :param maxlength: the most characters
    :param length: exactly so many
    """

    def __init__(
        self,
        map: RuleMap,
        minlength: int = 1,
        maxlength: int | None = None,
        length: int | None = None,
    ) -> None:
        super().__init__(map)
        if length is not None:
            count = f"{{{int(length)}}}"
        else:
            most = "" if maxlength is None else str(int(maxlength))
            count = f"{{{int(minlength)},{most}}}"
        self.regex: str = f"[^/]{count}"


class AnyConverter(BaseConverter):
    """``any(a, b)``: one of the items."""

    def __init__(self, map: RuleMap, *items: str) -> None:
        super().__init__(map)
        self.items: set[str] = set(items)
        self.regex: str = f"(?:{'|'.join(re.escape(x) for x in items)})"

    def to_url(self, value: Any) -> str:
        if value in self.items:
            return str(value)
        valid = ", ".join(f"'{item}'" for item in sorted(self.items))
        raise ValueError(f"'{value}' is not one of {valid}")


class PathConverter(BaseConverter):
    """``path``: text that may hold slashes, though not at its beginning."""

    part_isolating = False
    regex = "[^/].*?"
    weight = 200


class NumberConverter(BaseConverter):
    """The base of the numbers.

    :param fixed_digits: so many digits, with zeros in front
    :param min: the least value
    :param max: the greatest value
    :param signed: take a minus sign
    """

    weight = 50
    num_convert: ClassVar[Any] = int

    def __init__(
        self,
        map: RuleMap,
        fixed_digits: int = 0,
        min: float | None = None,
        max: float | None = None,
        signed: bool = False,
    ) -> None:
        if signed:
            self.regex: str = f"-?{self.regex}"
        super().__init__(map)
        self.fixed_digits = fixed_digits
        self.min = min
        self.max = max
        self.signed = signed

    def to_python(self, value: str) -> Any:
        if len(value) > _MOST_DIGITS or (self.fixed_digits and len(value) != self.fixed_digits):
            raise ValidationError()
        number = self.num_convert(value)
        if (self.min is not None and number < self.min) or (
            self.max is not None and number > self.max
        ):
            raise ValidationError()
        return number

    def to_url(self, value: Any) -> str:
        text = self._write(self.num_convert(value))
        return text.zfill(self.fixed_digits) if self.fixed_digits else text

    def _write(self, number: Any) -> str:
        return str(number)

    @property
    def signed_regex(self) -> str:
        """The regex with a minus sign."""
        return f"-?{self.regex}"


class IntegerConverter(NumberConverter):
    """``int``: ASCII digits."""

    regex = _DIGITS


class FloatConverter(NumberConverter):
    """``float``: ASCII digits with a point.

    :param min: the least value
    :param max: the greatest value
    :param signed: take a minus sign
    """

    regex = r"[0-9]+\.[0-9]+"
    num_convert = float

    def __init__(
        self,
        map: RuleMap,
        min: float | None = None,
        max: float | None = None,
        signed: bool = False,
    ) -> None:
        super().__init__(map, min=min, max=max, signed=signed)

    def _write(self, number: float) -> str:
        text = str(number)
        if "e" not in text:
            return text
        # The regex takes no exponents.
        from decimal import Decimal

        text = f"{Decimal(text):f}"
        return text if "." in text else f"{text}.0"


class UUIDConverter(BaseConverter):
    """``uuid``: a UUID in its usual form."""

    regex = r"[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"

    def to_python(self, value: str) -> UUID:
        from uuid import UUID

        return UUID(value)

    def to_url(self, value: UUID) -> str:
        return str(value)


# As they came, to know from them what a subclass, an instance or an agent has put in their place.
_text_to_python, _text_to_url = BaseConverter.to_python, BaseConverter.to_url
_number_to_python, _number_to_url = NumberConverter.to_python, NumberConverter.to_url


def is_original(method: Any, function: Any) -> bool:
    """Whether a method of an object is this function."""
    return getattr(method, "__func__", None) is function


def is_plain_integer(converter: BaseConverter) -> TypeGuard[IntegerConverter]:
    """Whether the text of a number says nothing more than its digits."""
    return (
        isinstance(converter, IntegerConverter)
        and converter.num_convert is int
        and not converter.fixed_digits
    )


def conversion(converter: BaseConverter) -> Callable[[str], Any] | None:
    """What makes a value of a text; ``None`` where the text is the value."""
    to_python = converter.to_python
    if is_original(to_python, _text_to_python):
        return None
    if (
        is_original(to_python, _number_to_python)
        and is_plain_integer(converter)
        and converter.min is converter.max is None
        and converter.regex == _DIGITS
    ):
        # PERF: what the method does.
        return int
    return to_python


#: Above this an integer has more digits than its regex takes.
LARGEST = 10**_MOST_DIGITS - 1


def written_as_is(converter: BaseConverter) -> tuple[type, int] | None:
    """The class of the values that the converter writes as they are, and takes again: ``str`` of
    letters and digits, or ``int`` from the second value to :data:`LARGEST`."""
    if is_original(converter.to_url, _text_to_url):
        return (str, 0) if converter.regex in _ANY_TEXT else None
    if (
        is_original(converter.to_url, _number_to_url)
        and is_plain_integer(converter)
        and converter.min is converter.max is None
    ):
        if converter.regex == _DIGITS:
            return int, 0
        if converter.regex == f"-?{_DIGITS}":
            return int, -LARGEST
    return None


def writing(
    converter: BaseConverter, is_first: bool = False, is_last: bool = False
) -> Callable[[Any], str]:
    """What writes the value of a variable, and raises :exc:`ValidationError` for one that the
    converter does not take when the URL is asked for.

    :param is_first: whether the slashes that it begins with are dropped, as those of a path are
    :param is_last: whether nothing of the rule is behind the variable
    """
    takes = _taking(converter, is_first, is_last)
    to_url = converter.to_url
    if is_original(to_url, _text_to_url):
        if converter.regex not in _ANY_TEXT:

            def write_text(value: Any) -> str:
                text = str(value)
                if not takes(text):
                    raise ValidationError(text)
                return quote_path(text)

            return write_text
        # PERF: what tells that a text needs a look.
        mark = "\n" if converter.regex == PathConverter.regex else "/"

        def write_any_text(value: Any) -> str:
            text: str = value if value.__class__ is str else str(value)
            if (not text or mark in text or text[0] == "/") and not takes(text):
                raise ValidationError(text)
            return quote_path(text)

        return write_any_text

    def write(value: Any) -> str:
        text = to_url(value)
        if not takes(unquote(str(text))):
            raise ValidationError(text)
        return text

    return write


def _taking(converter: BaseConverter, is_first: bool, is_last: bool) -> Callable[[str], Any]:
    """Whether the converter takes a text."""
    regex = converter.regex
    if regex == PathConverter.regex:
        # An empty one at the end is a prefix, which programs put a path behind; and a slash in
        # front is dropped by a redirect.
        merges = is_first or getattr(converter.map, "merge_slashes", False)
        first = re.compile(f"[^{'' if merges else '/'}\\0].*|\\0.*{'|' if is_last else ''}", 0)
        return first.fullmatch
    if _LOOKS_AROUND.search(regex):
        # It may ask for what stands beside it.
        return bool
    fullmatch: Callable[[str], Any] = re.compile(regex).fullmatch
    if type(converter) not in OWN_CONVERTERS:
        automaton = automaton_of(regex)
        if automaton is not None and not automaton.is_unambiguous:
            fullmatch = automaton.takes
    to_python = converter.to_python
    if not is_original(to_python, _number_to_python):
        # One of the application's own may ask a database.
        return fullmatch

    def takes_number(text: str) -> bool:
        try:
            return bool(fullmatch(text)) and to_python(text) is not None
        except ValidationError:
            return False

    return takes_number


DEFAULT_CONVERTERS: Mapping[str, type[BaseConverter]] = {
    "default": UnicodeConverter,
    "string": UnicodeConverter,
    "any": AnyConverter,
    "path": PathConverter,
    "int": IntegerConverter,
    "float": FloatConverter,
    "uuid": UUIDConverter,
}
# Those that need neither request nor application.
OWN_CONVERTERS = frozenset(DEFAULT_CONVERTERS.values())
