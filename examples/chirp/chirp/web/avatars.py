"""Pictures of people: Gravatar's, above one that is generated from the name."""

from __future__ import annotations

import hashlib

import regex
from markupsafe import Markup

from erlen import Blueprint, Response, abort, current_app

from ..models import NAME_LENGTH
from ..services import names
from ..services.people import email_hash

blueprint = Blueprint("avatars", __name__)

#: Where Gravatar's pictures are; the policy of the pages lets them in.
GRAVATAR = "https://gravatar.com"
_WEEK = 7 * 24 * 3600

#: Pairs that go together, dark enough for a white letter.
_COLOURS = (
    ("#0b7a75", "#123b4a"),
    ("#2563a8", "#1b2f6b"),
    ("#7a4fb5", "#3c2a78"),
    ("#b0436e", "#5d1f5c"),
    ("#b8502f", "#7a1f3d"),
    ("#8a6a14", "#5b3a10"),
    ("#3f7d34", "#14524a"),
    ("#4a6278", "#22303f"),
)

_PICTURE = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">'
    '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">'
    '<stop offset="0" stop-color="{first}"/><stop offset="1" stop-color="{second}"/>'
    "</linearGradient></defs>"
    '<rect width="96" height="96" fill="url(#g)"/>'
    '<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" fill-opacity=".16"/>'
    '<text x="48" y="50" text-anchor="middle" dominant-baseline="central" fill="#fff"'
    ' font-family="Inter, system-ui, sans-serif" font-size="46" font-weight="700">{letter}</text>'
    "</svg>"
)


def gravatar(hashed: str, size: int = 192) -> str | None:
    """The address of a picture at Gravatar; where it has none it gives an empty one.

    :param hashed: see :func:`chirp.services.people.email_hash`
    :returns: ``None`` where Gravatar is off, so that no page tells anything of an address
    """
    if current_app.config["CHIRP_AVATARS"] != "gravatar":
        return None
    return f"{GRAVATAR}/avatar/{hashed}?s={size}&d=blank"


def gravatar_of(email: str) -> str | None:
    """The same by the address itself."""
    return gravatar(email_hash(email))


def picture(name: str) -> str:
    """A picture as SVG: two colours and the first letter, the same for each spelling of a name."""
    key = names.key(name)
    digest = hashlib.sha256(key.encode()).digest()
    first, second = _COLOURS[digest[9] % len(_COLOURS)]
    letter = regex.match(r"\X", name)
    return _PICTURE.format(
        first=first,
        second=second,
        x=digest[2] * 96 // 256,
        y=digest[3] * 96 // 256,
        r=24 + digest[4] % 24,
        letter=letter[0].upper() if letter else "?",
    )


@blueprint.get("/avatars/<name>.svg")
def generated(name: str) -> Response:
    """The generated picture of any name: nobody learns from it whether a person is there."""
    if len(name) > NAME_LENGTH or not regex.fullmatch(r"\w+", name):
        abort(404)
    response = Response(picture(name), mimetype="image/svg+xml")
    response.cache_control.public = True
    response.cache_control.max_age = _WEEK
    return response
