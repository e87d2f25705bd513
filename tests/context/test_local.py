from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar, copy_context

import pytest

from erlen.context.local import Local, LocalManager, LocalProxy, LocalStack, release_local

# -- Local and LocalStack ----------------------------------------------------------------


def test_a_namespace():
    local = Local()
    local.a = 1
    local.b = 2
    assert local.a == 1
    assert dict(local) == {"a": 1, "b": 2}
    del local.a
    with pytest.raises(AttributeError):
        local.a  # noqa: B018
    with pytest.raises(AttributeError):
        del local.a
    release_local(local)
    assert dict(local) == {}


def test_a_namespace_has_no_other_attributes():
    assert not hasattr(Local(), "__dict__")


def test_a_stack():
    stack = LocalStack()
    assert stack.top is None
    assert stack.pop() is None
    assert stack.push(1) == [1]
    assert stack.push(2) == [1, 2]
    assert stack.top == 2
    assert stack.pop() == 2
    assert stack.pop() == 1
    stack.push(3)
    release_local(stack)
    assert stack.top is None


def test_contexts_do_not_share_a_namespace():
    local = Local()
    local.a = "outer"

    def inner():
        assert local.a == "outer"
        local.a = "inner"
        local.b = 1
        return local.a

    assert copy_context().run(inner) == "inner"
    assert dict(local) == {"a": "outer"}


def test_contexts_do_not_share_a_stack():
    stack = LocalStack()
    stack.push("outer")

    def inner():
        stack.pop()
        stack.push("inner")
        return stack.top

    assert copy_context().run(inner) == "inner"
    assert stack.top == "outer"


def test_threads_do_not_share_a_namespace():
    local = Local()
    local.a = "main"
    seen = []

    def work():
        seen.append(dict(local))
        local.a = "thread"

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [{}]
    assert local.a == "main"


def test_tasks_do_not_share_a_namespace():
    local = Local()

    async def work(n):
        local.a = n
        await asyncio.sleep(0)
        return local.a

    async def main():
        return await asyncio.gather(*(work(n) for n in range(5)))

    assert asyncio.run(main()) == [0, 1, 2, 3, 4]


def test_greenlets_do_not_share_a_namespace():
    greenlet = pytest.importorskip("greenlet").greenlet
    local = Local()
    seen = []

    def work(n):
        local.a = n
        main.switch()
        seen.append(local.a)

    main = greenlet.getcurrent()
    workers = [greenlet(work) for _ in range(3)]
    for n, worker in enumerate(workers):
        worker.switch(n)
    for worker in workers:
        worker.switch()
    assert seen == [0, 1, 2]
    assert dict(local) == {}


def test_the_variable_may_be_given():
    names, items = ContextVar("names"), ContextVar("items")
    local, stack = Local(names), LocalStack(items)
    local.a = 1
    stack.push(2)
    assert names.get() == {"a": 1}
    assert items.get() == [2]


# -- LocalManager ------------------------------------------------------------------------


def environ_and_start():
    return {}, lambda status, headers, exc_info=None: None


@pytest.mark.parametrize("decorate", [False, True], ids=["make_middleware", "middleware"])
def test_a_manager_releases_behind_the_request(decorate):
    local, stack = Local(), LocalStack()
    manager = LocalManager([local, stack])
    assert repr(manager) == "<LocalManager storages: 2>"

    def application(environ, start_response):
        local.a = 1
        stack.push(1)
        start_response("200 OK", [])
        return [b"body"]

    wrapped = manager.middleware(application) if decorate else manager.make_middleware(application)
    body = wrapped(*environ_and_start())
    assert list(body) == [b"body"]
    assert local.a == 1
    body.close()
    assert dict(local) == {}
    assert stack.top is None


@pytest.mark.parametrize(
    ("given", "count"), [(None, 0), (Local(), 1), (LocalStack(), 1), ((Local(), Local()), 2)]
)
def test_what_a_manager_takes(given, count):
    manager = LocalManager(given)
    assert len(manager.locals) == count
    manager.cleanup()


# -- LocalProxy: where the object is -----------------------------------------------------


def test_a_proxy_of_each_kind_of_source():
    local, stack = Local(), LocalStack()
    from_local, from_stack, from_attribute = local("user"), stack(), stack("real")
    assert not from_local
    assert not from_stack
    local.user = [1]
    stack.push(5)
    assert from_local == [1]
    assert from_stack == 5
    assert from_attribute == 5
    assert LocalProxy(lambda: "called") == "called"
    assert LocalProxy(lambda: 3 + 4j, "imag") == 4
    release_local(local)
    assert not from_local


def test_a_dotted_name_leads_deeper():
    class Inner:
        name = "deep"

    class Outer:
        inner = Inner

    assert LocalProxy(Outer, "inner.name") == "deep"


def test_a_namespace_needs_a_name():
    with pytest.raises(TypeError, match="'name' is required"):
        LocalProxy(Local())


def test_only_sources_are_proxied():
    with pytest.raises(TypeError, match="int"):
        LocalProxy(5)


@pytest.mark.parametrize(
    "make",
    [
        lambda **kw: LocalProxy(ContextVar("none"), **kw),
        lambda **kw: LocalStack()(**kw),
        lambda **kw: Local()("name", **kw),
    ],
    ids=["variable", "stack", "local"],
)
def test_an_unbound_proxy(make):
    proxy = make()
    assert repr(proxy) == "<LocalProxy unbound>"
    assert not proxy
    assert dir(proxy) == []
    assert type(proxy) is LocalProxy
    assert isinstance(proxy, LocalProxy)
    assert callable(proxy)
    with pytest.raises(RuntimeError, match="object is not bound"):
        proxy.name  # noqa: B018
    with pytest.raises(RuntimeError, match="object is not bound"):
        proxy + 1
    with pytest.raises(RuntimeError, match="my words"):
        str(make(unbound_message="my words"))


def test_the_source_can_be_read_back():
    variable: ContextVar = ContextVar("variable")
    assert LocalProxy(variable).__wrapped__ is variable
