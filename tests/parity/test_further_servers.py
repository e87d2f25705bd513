"""Servers beside those of the whole suite: each is started once, and asked a few things."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from exchange import exchange, request
from servers import FURTHER, Server
from short import EACH, REQUESTS, same

PAUSE, COUNT = 0.4, 6
# Workers of one thread.
ONE_AT_A_TIME = ("gunicorn-sync", "uwsgi")
# By server and request: what it does that the others do not.
DIFFERENCES = {
    ("hypercorn-wsgi", "a head"): "An answer with no piece of a body is an error to it.",
}
HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module", params=FURTHER)
def further(request, missing):
    name = request.param
    if not FURTHER[name].is_installed:
        missing(f"the server {name} is not installed (make parity installs it)")
    with Server(name, HERE) as server:
        yield server


def test_it_answers_as_the_others_do(further, reference, record_property):
    differing, known = {}, []
    for name, view in EACH:
        data = REQUESTS[name].data(view)
        reason = DIFFERENCES.get((further.name, name))
        try:
            same(exchange(further.port, data), exchange(reference.port, data))
        except AssertionError as error:
            if reason is None:
                differing[f"{name} ({view})"] = str(error)
            else:
                known.append(reason)
        else:
            assert reason is None, f"{further.name} does what the others do: {name}"
    assert not differing, "\n".join([*differing, *differing.values(), further.log()[-3000:]])
    record_property("further", FURTHER[further.name].title)
    record_property("interface", further.interface.upper())
    record_property("counts", f"{len(EACH) - len(known)}" + (f" + {len(known)}" if known else ""))
    record_property("remark", " ".join(dict.fromkeys(known)))


def test_async_views_that_wait_do_so_beside_each_other(further):
    """On greenlets, too: a loop that ran in one of them would hold up the others."""
    is_alone = further.name in ONE_AT_A_TIME

    def ask(n):
        return exchange(further.port, request(f"/async/pause/{PAUSE}?q={n}")).text

    began = time.monotonic()
    with ThreadPoolExecutor(COUNT) as clients:
        assert list(clients.map(ask, range(COUNT))) == [str(n) for n in range(COUNT)]
    assert (time.monotonic() - began < COUNT * PAUSE) is not is_alone
