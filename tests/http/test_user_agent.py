from __future__ import annotations

from erlen.http.user_agent import UserAgent


def test_plain() -> None:
    agent = UserAgent("curl/8")
    assert str(agent) == agent.string == agent.to_header() == "curl/8"
    assert agent.platform is agent.browser is agent.version is agent.language is None
    assert not agent
    assert repr(agent) == "<UserAgent None/None>"


def test_a_subclass_that_parses() -> None:
    class Parsed(UserAgent):
        def __init__(self, string: str) -> None:
            super().__init__(string)
            self.browser, _, self.version = string.partition("/")

    agent = Parsed("curl/8")
    assert agent
    assert repr(agent) == "<Parsed curl/8>"
