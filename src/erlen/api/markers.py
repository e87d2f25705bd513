"""What a view writes into its annotations: where a value comes from, and with which status an
answer goes out.

Each marker is a generic alias of ``Annotated``, so that type checkers see the plain type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

T = TypeVar("T")


class Source:
    """What says where the value of a parameter comes from."""

    #: The word for it in the list of mistakes, and in OpenAPI for what is a parameter there.
    place: str = ""


@dataclass(frozen=True)
class FromBody(Source):
    """The body, as JSON.

    :param on_get: allow it in a view that answers GET alone, where a body has no meaning
        (RFC 9110, section 9.3.1): ``Annotated[Search, FromBody(on_get=True)]``
    """

    on_get: bool = False
    place = "body"


@dataclass(frozen=True)
class FromForm(Source):
    """The body, as a form: urlencoded or multipart."""

    place = "form"


@dataclass(frozen=True)
class FromQuery(Source):
    """The query of the URL."""

    place = "query"


@dataclass(frozen=True)
class FromHeader(Source):
    """A header, or several of them."""

    place = "header"


@dataclass(frozen=True)
class FromCookie(Source):
    """A cookie, or several of them."""

    place = "cookie"


@dataclass(frozen=True)
class Status:
    """The status of an answer: ``-> Annotated[Report, Status(207)]``."""

    code: int


@dataclass(frozen=True)
class NoneIsNotFound:
    """``None`` is answered with 404."""


#: The JSON of the body: ``item: Body[NewItem]``.
Body = Annotated[T, FromBody()]
#: The form of the body; fields of files are :class:`Upload`: ``form: Form[Profile]``.
Form = Annotated[T, FromForm()]
#: A type for all of the query, or one value or list by the parameter's name: ``page: Query[int]``.
Query = Annotated[T, FromQuery()]
#: A type for several headers, or one by the parameter's name: ``user_agent: Header[str]``.
Header = Annotated[T, FromHeader()]
#: A type for several cookies, or one by the parameter's name: ``theme: Cookie[str]``.
Cookie = Annotated[T, FromCookie()]

#: The answer goes out with 201.
Created = Annotated[T, Status(201)]
#: The answer goes out with 202.
Accepted = Annotated[T, Status(202)]
#: ``None`` goes out with 204 and no content.
NoContent = Annotated[None, Status(204)]
#: The answer, or ``None``, which goes out as a 404 problem.
OrNotFound = Annotated[T | None, NoneIsNotFound()]
