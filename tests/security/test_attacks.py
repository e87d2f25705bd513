"""The attacks of tests/wire/attacks on ``erlen serve``, on both interfaces; ``make attack`` runs
them as well."""

from __future__ import annotations

import pytest
from attacks import attack, every, start

CASES = [
    pytest.param(interface, case, id=f"{case}-{interface}")
    for interface in ("asgi", "wsgi")
    for case in every()
    if interface in case.interfaces
]


@pytest.fixture(scope="module")
def attacked(request):
    with start(request.param) as server:
        yield server


@pytest.mark.parametrize(("attacked", "case"), CASES, indirect=["attacked"], scope="module")
def test_attack(attacked, case):
    attack(attacked, case)
