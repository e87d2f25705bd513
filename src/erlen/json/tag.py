"""JSON that keeps tuples, bytes, markup, dates and UUIDs, as sessions need it.

A value that JSON has no type for is written as an object with one key that tells its type:
``{" t": [1, 2]}`` is a tuple.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from markupsafe import Markup

from ..context.contexts import context_var
from ..http.dates import http_date, parse_date
from . import dumps, loads


class JSONTag:
    """One type.

    :param serializer: the serializer that it belongs to
    """

    #: The key that tells the type; ``""`` for one that is only looked into.
    key: str = ""

    def __init__(self, serializer: TaggedJSONSerializer) -> None:
        self.serializer = serializer

    def check(self, value: Any) -> bool:
        """Whether the value is of the type."""
        raise NotImplementedError

    def to_json(self, value: Any) -> Any:
        """The value as one that JSON knows."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        """The value again."""
        raise NotImplementedError

    def tag(self, value: Any) -> dict[str, Any]:
        """The value under its key."""
        return {self.key: self.to_json(value)}


class TagDict(JSONTag):
    """A dictionary whose only key is that of a type: it gets another key, to be told apart."""

    key = " di"

    def check(self, value: Any) -> bool:
        return (
            isinstance(value, dict)
            and len(value) == 1
            and next(iter(value)) in self.serializer.tags
        )

    def to_json(self, value: Any) -> Any:
        key = next(iter(value))
        return {f"{key}__": self.serializer.tag(value[key])}

    def to_python(self, value: Any) -> Any:
        key = next(iter(value))
        return {key[:-2]: value[key]}


class PassDict(JSONTag):
    """A dictionary: its values are looked into."""

    def check(self, value: Any) -> bool:
        return isinstance(value, dict)

    def to_json(self, value: Any) -> Any:
        # JSON has text alone as keys.
        return {key: self.serializer.tag(item) for key, item in value.items()}

    tag = to_json


class PassList(JSONTag):
    """A list: its values are looked into."""

    def check(self, value: Any) -> bool:
        return isinstance(value, list)

    def to_json(self, value: Any) -> Any:
        return [self.serializer.tag(item) for item in value]

    tag = to_json


class TagTuple(JSONTag):
    """A tuple."""

    key = " t"

    def check(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def to_json(self, value: Any) -> Any:
        return [self.serializer.tag(item) for item in value]

    def to_python(self, value: Any) -> Any:
        return tuple(value)


class TagBytes(JSONTag):
    """Bytes."""

    key = " b"

    def check(self, value: Any) -> bool:
        return isinstance(value, bytes)

    def to_json(self, value: Any) -> Any:
        from base64 import b64encode

        return b64encode(value).decode("ascii")

    def to_python(self, value: Any) -> Any:
        from base64 import b64decode

        return b64decode(value)


class TagMarkup(JSONTag):
    """Anything with ``__html__``; it becomes :class:`markupsafe.Markup`."""

    key = " m"

    def check(self, value: Any) -> bool:
        return callable(getattr(value, "__html__", None))

    def to_json(self, value: Any) -> Any:
        return str(value.__html__())

    def to_python(self, value: Any) -> Any:
        return Markup(value)


class TagUUID(JSONTag):
    """A UUID."""

    key = " u"

    def check(self, value: Any) -> bool:
        kind = type(value)
        return kind.__name__ == "UUID" and kind.__module__ == "uuid"

    def to_json(self, value: Any) -> Any:
        return value.hex

    def to_python(self, value: Any) -> Any:
        from uuid import UUID

        return UUID(value)


class TagDateTime(JSONTag):
    """A date with time, to the second, in UTC."""

    key = " d"

    def check(self, value: Any) -> bool:
        return isinstance(value, datetime)

    def to_json(self, value: Any) -> Any:
        return http_date(value)

    def to_python(self, value: Any) -> Any:
        return parse_date(value)


class TaggedJSONSerializer:
    """Writes and reads JSON with types; :meth:`register` adds one."""

    default_tags: tuple[type[JSONTag], ...] = (
        TagDict,
        PassDict,
        TagTuple,
        PassList,
        TagBytes,
        TagMarkup,
        TagUUID,
        TagDateTime,
    )

    # The order as it came, where that is the one above and nobody else tags.
    _usual_order: list[JSONTag] | None = None

    def __init__(self) -> None:
        self.tags: dict[str, JSONTag] = {}
        self.order: list[JSONTag] = []
        for cls in self.default_tags:
            self.register(cls)
        is_own = type(self).tag is TaggedJSONSerializer.tag
        if is_own and [type(tag) for tag in self.order] == _USUAL_TAGS:
            self._usual_order = self.order.copy()

    def register(
        self, tag_class: type[JSONTag], force: bool = False, index: int | None = None
    ) -> None:
        """Add a type.

        :param force: replace one with the same key
        :param index: where to ask it; special types go before those that they derive from
        :raises KeyError: if the key is taken
        """
        tag = tag_class(self)
        if tag.key:
            if not force and tag.key in self.tags:
                raise KeyError(f"Tag '{tag.key}' is already registered.")
            self.tags[tag.key] = tag
        if index is None:
            self.order.append(tag)
        else:
            self.order.insert(index, tag)

    def tag(self, value: Any) -> Any:
        """The value as one that JSON knows, with its type."""
        if self.order == self._usual_order:
            # PERF: none of these tags is for a plain value; containers are looked into.
            kind = value.__class__
            if kind in _PLAIN:
                return value
            if kind is list or kind is tuple:
                items = [item if item.__class__ in _PLAIN else self.tag(item) for item in value]
                return items if kind is list else {TagTuple.key: items}
            if kind is dict and (len(value) != 1 or next(iter(value)) not in self.tags):
                for item in value.values():
                    if item.__class__ not in _PLAIN:
                        return {key: self.tag(item) for key, item in value.items()}
                return value
        for tag in self.order:
            if tag.check(value):
                return tag.tag(value)
        return value

    def untag(self, value: dict[str, Any]) -> Any:
        """The value of an object that tells a type."""
        if len(value) != 1:
            return value
        key = next(iter(value))
        tag = self.tags.get(key)
        return value if tag is None else tag.to_python(value[key])

    def _untag_scan(self, value: Any) -> Any:
        # PERF: most items are plain, and looked at here and not by a call.
        if isinstance(value, dict):
            for item in value.values():
                if item.__class__ not in _PLAIN:
                    scan = self._untag_scan
                    value = {
                        key: item if item.__class__ in _PLAIN else scan(item)
                        for key, item in value.items()
                    }
                    break
            return self.untag(value)
        if isinstance(value, list):
            return [i if i.__class__ in _PLAIN else self._untag_scan(i) for i in value]
        return value

    def dumps(self, value: Any) -> str:
        """The value as compact JSON with types."""
        context = context_var.get(None)
        write = dumps if context is None else context.app.json.dumps
        return write(self.tag(value), separators=_COMPACT)

    def loads(self, value: str) -> Any:
        """The value of JSON with types."""
        context = context_var.get(None)
        return self._untag_scan((loads if context is None else context.app.json.loads)(value))


_COMPACT = (",", ":")
_PLAIN: frozenset[type] = frozenset({str, int, float, bool, type(None)})
_USUAL_TAGS = [*TaggedJSONSerializer.default_tags]
