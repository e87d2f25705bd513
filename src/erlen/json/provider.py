"""What encodes and decodes JSON for an application."""

from __future__ import annotations

import json
from datetime import date
from typing import IO, TYPE_CHECKING, Any, Protocol
from weakref import ref

from ..http.dates import http_date
from ..http.noticing import Noticed
from .compact import make_compact
from .decoding import make_decode
from .encoding import make_encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..context.messages import Response


class Application(Protocol):
    """What a provider needs of the application."""

    @property
    def debug(self) -> bool: ...
    @property
    def response_class(self) -> type[Response]: ...


class JSONProvider(Noticed):
    """The interface; a subclass writes :meth:`dumps` and :meth:`loads`, and is set as
    ``Erlen.json_provider_class`` or ``app.json``.

    :param app: the application
    """

    def __init__(self, app: Application) -> None:
        # By a weak reference, so that dropping the application frees it at once.
        self._app_ref = ref(app)

    @property
    def _app(self) -> Application:
        app = self._app_ref()
        if app is None:
            raise RuntimeError("The application of this JSON provider is gone.")
        return app

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """``obj`` as JSON text."""
        raise NotImplementedError

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        """Write ``obj`` as JSON to a text file."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of JSON text.

        :raises ValueError: if it is none
        """
        raise NotImplementedError

    def load(self, fp: IO[Any], **kwargs: Any) -> Any:
        """The value of a JSON file."""
        return self.loads(fp.read(), **kwargs)

    def loads_received(self, data: str | bytes) -> Any:
        """The value of what a client sent.

        :raises ValueError: if it is no JSON
        """
        return self.loads(data)

    def _prepare_response_obj(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if args and kwargs:
            raise TypeError("app.json.response() takes either args or kwargs, not both")
        if not args and not kwargs:
            return None
        if len(args) == 1:
            return args[0]
        return args or kwargs

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """A response with the arguments as JSON; see :func:`erlen.jsonify`."""
        obj = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(self.dumps(obj), mimetype="application/json")


def _default(o: Any) -> Any:
    """The JSON value of a date, a decimal, a UUID, a data class, or an object with
    ``__html__``.

    :raises TypeError: for anything else
    """
    if isinstance(o, date):
        return http_date(o)
    kind = type(o)
    # By name first: importing these modules costs more than most applications use of them.
    for cls in kind.__mro__:
        if (cls.__module__, cls.__name__) in _AS_TEXT:
            return str(o)
    if hasattr(kind, "__dataclass_fields__"):
        from dataclasses import asdict

        return asdict(o)
    if hasattr(o, "__html__"):
        return str(o.__html__())
    raise TypeError(f"Object of type {kind.__name__} is not JSON serializable")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value in JSON.")


_decode = make_decode()
# RFC 8259, section 6: JSON has neither NaN nor infinities, which the library takes.
_decode_strictly = make_decode(parse_constant=_refuse_constant)

_COMPACT = (",", ":")
# The value of an option that was not given.
_AS_SET: Any = object()
_AS_TEXT = {("decimal", "Decimal"), ("uuid", "UUID")}


class DefaultJSONProvider(JSONProvider):
    """JSON by the standard library, with dates, decimals, UUIDs, data classes and markup.

    Compact responses are written by ``orjson``, if it is
    installed and ``default`` is not overridden. Its text differs in numbers such as ``1e-05``,
    which it writes as ``0.00001``, and in ``NaN``, which no client can read and which becomes
    ``null``; and it writes members of an ``Enum`` as their values. What it cannot write, the
    library writes.
    """

    #: Called for what JSON has no value for.
    default: Callable[[Any], Any] = staticmethod(_default)
    #: Write anything outside of ASCII as escapes.
    ensure_ascii = True
    #: Sort the keys of objects, so that the same data gives the same text.
    sort_keys = True
    #: Leave out the white space: ``None`` does except in debug mode.
    compact: bool | None = None
    #: The media type of responses.
    mimetype = "application/json"
    #: Whether orjson writes compact responses, if it is installed.
    use_orjson = True

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        # PERF: encoders by their options; json.dumps makes one at each call.
        self._encoders: dict[tuple[Any, ...], Callable[[Any], str]] = {}
        self._compact_encoders: dict[tuple[Any, ...], Callable[[Any], str]] = {}

    def dumps(
        self,
        obj: Any,
        *,
        indent: int | str | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = _AS_SET,
        **kwargs: Any,
    ) -> str:
        """``obj`` as JSON text; the arguments are those of :func:`json.dumps`.

        :param sort_keys: by default what the provider says
        """
        if sort_keys is _AS_SET:
            sort_keys = self.sort_keys
        if not kwargs:
            try:
                encode = self._encoder(indent, separators, sort_keys)
            except TypeError:
                # They cannot be looked up, or are wrong: the library takes a list of separators.
                pass
            else:
                return encode(obj)
        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        return json.dumps(obj, indent=indent, separators=separators, sort_keys=sort_keys, **kwargs)

    def _encoder(
        self, indent: int | str | None, separators: tuple[str, str] | None, sort_keys: bool
    ) -> Callable[[Any], str]:
        key = (self.default, self.ensure_ascii, sort_keys, indent, separators)
        encoder = self._encoders.get(key)
        if encoder is None:
            encoder = self._encoders[key] = make_encode(
                default=self.default,
                ensure_ascii=self.ensure_ascii,
                sort_keys=sort_keys,
                indent=indent,
                separators=separators,
            )
        return encoder

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of JSON text; the arguments are those of :func:`json.loads`."""
        if isinstance(s, str) and not kwargs:
            return _decode(s)
        return json.loads(s, **kwargs)

    def loads_received(self, data: str | bytes) -> Any:
        """The value of what a client sent, which holds no NaN and no infinities.

        Where :meth:`loads` was overridden, that is asked.
        """
        if getattr(self.loads, "__func__", None) is not _LOADS:
            return self.loads(data)
        if not isinstance(data, str):
            # As json.loads reads bytes. PERF: four octets of ASCII begin no other encoding.
            head = data[:4]
            is_usual = head.isascii() and 0 not in head
            encoding = "utf-8" if is_usual else json.detect_encoding(data)
            data = data.decode(encoding, "surrogatepass")
        return _decode_strictly(data)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """A response with the arguments as JSON, and a line feed at its end; see
        :func:`erlen.jsonify`."""
        text = self.text_of_response(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(text, mimetype=self.mimetype)

    def text_of_response(self, obj: Any, is_debug: bool | None = None) -> str:
        """The text of a response.

        :param is_debug: whether the application is in debug mode, for whoever knows
        """
        compact = self.compact
        if compact is None:
            compact = not (self._app.debug if is_debug is None else is_debug)
        if not compact:
            return f"{self.dumps(obj, indent=2)}\n"
        # PERF: the encoder itself, where dumps() is the one that it came with.
        if type(self).dumps is _DUMPS and "dumps" not in self.__dict__:
            return f"{self._encode_compactly()(obj)}\n"
        return f"{self.dumps(obj, separators=_COMPACT)}\n"

    def _encode_compactly(self) -> Callable[[Any], str]:
        default = self.default
        key = (default, self.ensure_ascii, self.sort_keys, self.use_orjson)
        encoder = self._compact_encoders.get(key)
        if encoder is None:
            encoder = self._encoder(None, _COMPACT, self.sort_keys)
            # orjson knows some types that default() may write in a way of its own.
            if self.use_orjson and default is _default:
                encoder = make_compact(encoder, default, self.ensure_ascii, self.sort_keys)
            self._compact_encoders[key] = encoder
        return encoder


# To know from them what a subclass, an agent or a test has put in their place.
_DUMPS, _LOADS = DefaultJSONProvider.dumps, DefaultJSONProvider.loads
