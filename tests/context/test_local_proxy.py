from __future__ import annotations

import asyncio
import copy
import math
import operator
import pickle
from contextvars import ContextVar

import pytest

from erlen.context.local import LocalProxy

value_var: ContextVar = ContextVar("value")


@pytest.fixture
def proxy_of():
    """A proxy for a value, through a context variable."""
    tokens = []

    def make(value, **kwargs):
        tokens.append(value_var.set(value))
        return LocalProxy(value_var, **kwargs)

    yield make
    for token in reversed(tokens):
        value_var.reset(token)


def test_a_proxy_looks_like_its_object(proxy_of):
    class Thing:
        """The thing's words."""

        a = 1

        def __call__(self, x, *, y=2):
            return x + y

    thing = Thing()
    proxy = proxy_of(thing)
    assert proxy.__class__ is Thing
    assert isinstance(proxy, Thing)
    assert proxy.__doc__ == "The thing's words."
    assert repr(proxy) == repr(thing)
    assert str(proxy) == str(thing)
    assert dir(proxy) == dir(thing)
    assert hash(proxy) == hash(thing)
    assert proxy == thing
    assert proxy._get_current_object() is thing
    assert proxy(1) == 3
    assert proxy(1, y=5) == 6
    proxy.b = 2
    assert thing.b == 2
    assert proxy.__dict__ == {"b": 2}
    del proxy.b
    assert not hasattr(proxy, "b")


@pytest.mark.parametrize("text", ["", "abc", "ä"])
def test_text(proxy_of, text):
    proxy = proxy_of(text)
    assert str(proxy) == text
    assert f"{proxy:>5}" == f"{text:>5}"
    assert bool(proxy) is bool(text)
    assert len(proxy) == len(text)
    assert proxy + "x" == text + "x"
    assert "x" + proxy == "x" + text
    assert "%s" % proxy == text  # noqa: UP031
    assert list(proxy) == list(text)


def test_bytes(proxy_of):
    assert bytes(proxy_of(b"abc")) == b"abc"


def test_containers(proxy_of):
    target = {"a": 1}
    proxy = proxy_of(target)
    assert proxy["a"] == 1
    proxy["b"] = 2
    del proxy["a"]
    assert target == {"b": 2}
    assert "b" in proxy
    assert list(reversed(proxy)) == ["b"]
    iterator = proxy_of(iter([1, 2]))
    assert next(iterator) == 1
    assert list(iterator) == [2]


BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
    operator.pow, operator.lshift, operator.rshift, operator.and_, operator.or_, operator.xor,
    divmod, operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge,
]  # fmt: skip


@pytest.mark.parametrize("function", BINARY, ids=lambda f: f.__name__)
def test_operators_work_on_both_sides(proxy_of, function):
    proxy = proxy_of(7)
    assert function(proxy, 3) == function(7, 3)
    assert function(3, proxy) == function(3, 7)


UNARY = [
    operator.neg, operator.pos, operator.invert, abs, int, float, complex, round, math.trunc,
    math.floor, math.ceil, operator.index, hash, bool, repr, str, hex,
]  # fmt: skip


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_functions_of_numbers(proxy_of, function):
    assert function(proxy_of(-7)) == function(-7)


def test_round_to_digits(proxy_of):
    assert round(proxy_of(1.256), 2) == 1.26


class Matrix:
    def __init__(self, log):
        self.log = log

    def __matmul__(self, other):
        return self.log, "matmul", other

    def __rmatmul__(self, other):
        return self.log, "rmatmul", other


def test_matrix_multiplication(proxy_of):
    proxy = proxy_of(Matrix("m"))
    assert proxy @ 2 == ("m", "matmul", 2)
    assert 2 @ proxy == ("m", "rmatmul", 2)


def test_an_in_place_operation_changes_the_object_and_keeps_the_proxy(proxy_of):
    target = [1]
    proxy = proxy_of(target)
    name = proxy
    name += [2]
    assert target == [1, 2]
    assert type(name) is LocalProxy
    assert name is proxy


def test_context_managers(proxy_of):
    class Managed:
        def __enter__(self):
            return "entered"

        def __exit__(self, *args):
            return args[0] is KeyError

    with proxy_of(Managed()) as entered:
        assert entered == "entered"
        raise KeyError


def test_copies_are_of_the_object(proxy_of):
    target = [[1]]
    proxy = proxy_of(target)
    shallow, deep = copy.copy(proxy), copy.deepcopy(proxy)
    assert type(shallow) is type(deep) is list
    assert shallow == deep == target
    assert shallow[0] is target[0]
    assert deep[0] is not target[0]


def test_class_checks(proxy_of):
    proxy = proxy_of(int)
    assert isinstance(1, proxy)
    assert not isinstance("", proxy)
    assert issubclass(bool, proxy)


def test_async_protocols(proxy_of):
    class Everything:
        def __aiter__(self):
            return self

        async def __anext__(self):
            if self.left == 0:
                raise StopAsyncIteration
            self.left -= 1
            return self.left

        async def __aenter__(self):
            self.left = 2
            return "entered"

        async def __aexit__(self, *args):
            return True

        def __await__(self):
            yield from asyncio.sleep(0).__await__()
            return "awaited"

    async def main():
        proxy = LocalProxy(value_var)
        async with proxy as entered:
            got = [entered, [n async for n in proxy], await proxy]
            raise KeyError
        return got

    proxy_of(Everything())
    assert asyncio.run(main()) == ["entered", [1, 0], "awaited"]


class Named(LocalProxy):
    """A proxy with something of its own."""

    kind = "named"

    def __init__(self, *args):
        super().__init__(*args)
        object.__setattr__(self, "_own", "kept")

    def told(self):
        return f"{self.kind} {self._own}"


class Answering(LocalProxy):
    def __getattr__(self, name):
        return f"no {name}"


class Looking(LocalProxy):
    def __getattribute__(self, name):
        return "seen" if name == "look" else super().__getattribute__(name)


def test_a_subclass_keeps_what_it_has_of_its_own():
    target = {"a": 1}
    proxy = Named(lambda: target)
    assert proxy.told() == "named kept"
    assert list(proxy.keys()) == ["a"]
    Named.later = "added"
    try:
        assert proxy.later == "added"
    finally:
        del Named.later
    with pytest.raises(AttributeError, match="later"):
        proxy.later  # noqa: B018
    assert Answering(lambda: target).anything == "no anything"
    looking = Looking(lambda: target)
    assert looking.look == "seen"
    assert list(looking.keys()) == ["a"]


def test_a_proxy_is_not_pickled(proxy_of):
    with pytest.raises(TypeError, match="_get_current_object"):
        pickle.dumps(proxy_of([1]))
    assert pickle.loads(pickle.dumps(proxy_of([1])._get_current_object())) == [1]


def test_a_property_that_fails_is_asked_once(proxy_of):
    asked = []

    class Thing:
        @property
        def fails(self):
            asked.append(1)
            raise AttributeError("of its own")

    with pytest.raises(AttributeError, match="of its own"):
        proxy_of(Thing()).fails  # noqa: B018
    assert asked == [1]
