"""Problems: errors that programs can read, as RFC 9457 has them."""

from __future__ import annotations

import re
from typing import Any, ClassVar, dataclass_transform

import msgspec

from ..http.exceptions import HTTPException
from ..http.status import HTTP_STATUS_CODES
from .annotations import class_annotations

MEDIA_TYPE = "application/problem+json"
# The members that RFC 9457 defines, section 3.1.
MEMBERS = ("type", "title", "status", "detail", "instance")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MISSING: Any = object()


@dataclass_transform(kw_only_default=True)
class _WithFields(HTTPException):
    """Gives its subclasses a constructor that takes their annotations."""


class Problem(_WithFields):
    """An error as an answer: returned or raised, it goes out as ``application/problem+json``.

    >>> class OutOfStock(Problem, status=409, title="Out of stock"):
    ...     item: int
    >>> raise OutOfStock(item=3, detail="The last one was sold today.")

    The class arguments are the status, the title, and the URI of the type, which is made of the
    class's name where there is none. Annotations are members of the answer. An error handler for
    ``Problem`` changes what is answered in the whole application.
    """

    # What went wrong this time.
    detail: str | None = None
    # Where it went wrong this time, as a URI.
    instance: str | None = None

    # Without one it is 500; a handler for a class without one is for all below it.
    code: int | None = None
    title: ClassVar[str] = HTTP_STATUS_CODES[500]
    type: ClassVar[str] = "about:blank"
    _fields: ClassVar[tuple[tuple[str, Any], ...]] = (("detail", None), ("instance", None))

    def __init_subclass__(
        cls,
        *,
        status: int | None = None,
        title: str | None = None,
        type: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if status is not None:
            if status not in HTTP_STATUS_CODES or status < 400:
                raise ValueError(
                    f"The problem {cls.__name__} has the status {status!r}: write one that is an"
                    " error's, from 400 to 599."
                )
            cls.code = status
            if title is None:
                title = HTTP_STATUS_CODES[status]
        if title is not None:
            cls.title = title
        words = "-".join(_WORDS.split(cls.__name__.lstrip("_"))).lower()
        cls.type = f"urn:problem-type:{words}" if type is None else type
        own = [name for name in class_annotations(cls) if name != "code"]
        taken = [name for name in own if name in ("type", "title", "status")]
        if taken:
            raise TypeError(
                f"The problem {cls.__name__} has a field {taken[0]!r}, which every problem has by"
                f" RFC 9457: write it as a class argument, or give the field another name."
            )
        inherited = dict(cls._fields)
        # "detail" may get another default, but stays where it is.
        inherited |= {name: cls.__dict__.get(name, _MISSING) for name in own}
        cls._fields = tuple(inherited.items())

    def __init__(self, **fields: Any) -> None:
        known = dict(self._fields)
        unknown = fields.keys() - known.keys()
        missing = [n for n, default in known.items() if default is _MISSING and n not in fields]
        if unknown or missing:
            what = f"takes no {min(unknown)!r}" if unknown else f"needs {missing[0]!r}"
            names = ", ".join(f"{name}=…" for name in known)
            raise TypeError(f"The problem {type(self).__name__} {what}: write {names}.")
        super().__init__()
        if self.code is None:
            self.code = 500
        for name, default in known.items():
            setattr(self, name, fields.get(name, default))
        self.description: str | None = self.detail

    @property
    def name(self) -> str:
        """The title."""
        return self.title

    def members(self) -> dict[str, Any]:
        """What the answer says."""
        found: dict[str, Any] = {"type": self.type, "title": self.title, "status": self.code}
        for name, _ in self._fields:
            value = getattr(self, name)
            if value is not None or name not in MEMBERS:
                found[name] = value
        return found

    def get_body(self, environ: Any = None, scope: Any = None) -> str:
        """The members as JSON."""
        return msgspec.json.encode(self.members()).decode()

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """The headers of the answer."""
        return [("Content-Type", MEDIA_TYPE)]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.members() == self.members()

    __hash__: Any = HTTPException.__hash__


class Mistake(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that does not fit.

    :param place: ``body``, ``form``, ``query``, ``header``, ``cookie`` or ``path``
    :param pointer: where in it, as a JSON pointer (RFC 6901)
    :param detail: what was expected
    """

    place: str = msgspec.field(name="in")
    pointer: str
    detail: str


class InvalidInput(Problem, status=422, title="The input is not valid"):
    """422: the request was understood, and what it says does not fit."""

    errors: list[Mistake]


class MalformedBody(Problem, status=400, title="The body is malformed"):
    """400: the body is not what its media type says."""


class WrongMediaType(Problem, status=415, title="The media type is not supported"):
    """415: the body has another media type than the view takes."""


class Missing(Problem, status=404, title="Not found", type="about:blank"):
    """404: there is nothing by that name."""
