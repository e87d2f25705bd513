"""services.names: which names there are, and when two are one person's."""

from __future__ import annotations

import pytest
from chirp.services import names
from chirp.services.errors import Invalid


@pytest.mark.parametrize(
    "name",
    ["Ada", "a1", "ada_lovelace", "Zoë", "雪乃", "さくら春", "김철수", "Ольга", "محمد", "सीता"],
)
def test_takes_names_of_any_script(name):
    assert names.clean(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", "a", "x" * 33, "with space", "a-b", "a/b", "a.b", "@ada", "<b>", "12", "__", "a\0b",
        "p\u0430ypal", "Ад" + "a", "x" * 100_000,
    ],
)  # fmt: skip
def test_refuses_what_is_no_name_or_misleads(name):
    with pytest.raises(Invalid) as refused:
        names.clean(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "ADA"),
        ("straße", "STRASSE"),
        ("\uff21\uff44\uff41", "ada"),
        ("Zoe\u0308", "zo\u00eb"),
        ("\ufb01n", "FIN"),
    ],
)
def test_names_that_look_alike_are_one(one, other):
    assert names.key(one) == names.key(other)


def test_different_names_stay_different():
    assert names.key("Zoe") != names.key("Zoë")
