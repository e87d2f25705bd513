"""One client, and a view that never waits, do not stop the others (SECURITY 78 to 80)."""

from __future__ import annotations

import pytest
from attacks.loop_held import case_79_three_million_pieces, endless, only_sends

pytestmark = pytest.mark.parametrize("interface", ["asgi"], scope="module")


@pytest.mark.parametrize("path", ["endless", "with-context"])
def test_case_78_an_endless_body_whose_client_resets(server, path):
    endless(server, path)


def test_case_79_three_million_pieces(server):
    case_79_three_million_pieces(server)


@pytest.mark.parametrize("said", [0, 40], ids=["silent", "with messages"])
def test_case_80_a_socket_that_only_sends_and_whose_client_resets(server, said):
    only_sends(server, said)
