from __future__ import annotations

import pytest

from erlen import Erlen
from erlen.walk.watching import WatchedDict


class Counting(WatchedDict):
    changes = 0

    def _changed(self):
        self.changes += 1


CHANGES = [
    ("set", lambda d: d.__setitem__("b", 2), {"a": 1, "b": 2}),
    ("replace", lambda d: d.__setitem__("a", 2), {"a": 2}),
    ("delete", lambda d: d.__delitem__("a"), {}),
    ("setdefault", lambda d: d.setdefault("b", 2), {"a": 1, "b": 2}),
    ("update", lambda d: d.update({"b": 2}, c=3), {"a": 1, "b": 2, "c": 3}),
    ("pairs", lambda d: d.update([("a", 2)]), {"a": 2}),
    ("or", lambda d: d.__ior__({"a": 2}), {"a": 2}),
    ("pop", lambda d: d.pop("a"), {}),
    ("popitem", lambda d: d.popitem(), {}),
    ("clear", lambda d: d.clear(), {}),
]


@pytest.mark.parametrize(("change", "left"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_each_change_is_told(change, left):
    watched = Counting(a=1)
    watched.changes = 0
    change(watched)
    assert watched == left
    assert watched.changes >= 1


@pytest.mark.parametrize(
    "read",
    [
        lambda d: d["a"],
        lambda d: d.get("b"),
        lambda d: d.setdefault("a", 5),
        lambda d: list(d.items()),
        lambda d: d.copy(),
        lambda d: d | {"b": 2},
    ],
)
def test_reading_is_no_change(read):
    watched = Counting(a=1)
    watched.changes = 0
    read(watched)
    assert watched == {"a": 1}
    assert watched.changes == 0


def test_a_missing_key_is_an_error():
    with pytest.raises(KeyError):
        Counting().pop("a")
    assert Counting().pop("a", 5) == 5


def test_a_configuration_that_changes_while_serving_is_seen_by_the_next_request():
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: "")
    client = app.test_client()
    for change in (
        lambda: app.config.update(TRUSTED_HOSTS=["example.org"]),
        lambda: app.config.__ior__({"TRUSTED_HOSTS": ["example.org"]}),
        lambda: app.config.from_mapping(TRUSTED_HOSTS=["example.org"]),
    ):
        assert client.get("/").status_code == 200
        change()
        assert client.get("/").status_code == 400
        app.config["TRUSTED_HOSTS"] = None
