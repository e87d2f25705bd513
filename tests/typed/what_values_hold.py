"""The value types of HTTP by themselves: what is in them is known from what they are made of."""

from __future__ import annotations

from typing import Any, assert_type

import click
from blinker import Signal

from erlen import request_started
from erlen.app.script_info import ScriptInfo
from erlen.cli import pass_script_info
from erlen.http import (
    CallbackDict,
    CombinedMultiDict,
    HTTPException,
    ImmutableDict,
    ImmutableList,
    ImmutableMultiDict,
    MultiDict,
    NotFound,
    Range,
    TooManyRequests,
    TypeConversionDict,
)
from erlen.json.tag import TaggedJSONSerializer
from erlen.sessions import SecureCookieSession, session_json_serializer

# One value for a key, several, and both.
assert_type(MultiDict({"a": 1}), MultiDict[str, int])
assert_type(MultiDict({"a": [1, 2]}), MultiDict[str, int])
assert_type(MultiDict({"a": {1, 2}}), MultiDict[str, int])
pairs: list[tuple[str, int]] = [("a", 1)]
assert_type(MultiDict(pairs), MultiDict[str, int])
assert_type(MultiDict({"a": "text"}).getlist("a"), list[str])
both: MultiDict[str, int] = MultiDict({"a": [1], "b": 2})
assert_type(MultiDict(both), MultiDict[str, int])
assert_type(ImmutableMultiDict({"a": 1}), ImmutableMultiDict[str, int])
assert_type(CombinedMultiDict([both, both]), CombinedMultiDict[str, int])
nothing: MultiDict[str, bytes] = MultiDict()
assert_type(nothing["a"], bytes)


def made_of(
    names: dict[str, str], lists: dict[str, list[str]], anything: dict[str, Any], given: str | None
) -> None:
    assert_type(MultiDict(names), MultiDict[str, str])
    assert_type(MultiDict(lists), MultiDict[str, str])
    assert_type(MultiDict(anything), MultiDict[str, Any])
    maybe: MultiDict[str, str] = MultiDict(names if given else None)
    assert_type(maybe.to_dict(), dict[str, str])


class Choices(MultiDict[str, int]):
    pass


Choices({"a": 1})
Choices({"a": [1]})

assert_type(TypeConversionDict({"a": 1}), TypeConversionDict[str, int])
assert_type(ImmutableDict({"a": 1})["a"], int)
assert_type(ImmutableList([1])[0], int)
assert_type(CallbackDict({"a": 1}), CallbackDict[str, int])
assert_type(Range("bytes", [(0, 1)]).ranges, list[tuple[int, int | None]])

# What each HTTP error has of its own.
assert_type(NotFound().code, int)
assert_type(TooManyRequests().description, str)
assert_type(NotFound().get_headers(), list[tuple[str, str]])


def of_any(error: HTTPException) -> None:
    assert_type(error.code, int | None)
    assert_type(error.description, str | None)


# Names of modules.
assert_type(request_started, Signal)
assert_type(session_json_serializer, TaggedJSONSerializer)
assert_type(SecureCookieSession().was_permanent, bool)


@click.command()
@pass_script_info
def told(info: ScriptInfo) -> None:
    assert_type(info, ScriptInfo)
    assert_type(info.load_dotenv_defaults, bool)
