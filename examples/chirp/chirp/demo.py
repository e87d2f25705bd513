"""``erlen --app chirp demo``: a few people to meet on the first start."""

from __future__ import annotations

from datetime import timedelta

import click
from sqlalchemy import select, update

from erlen import Erlen
from erlen.cli import with_appcontext

from .database import db
from .models import Chirp, Person, now
from .services import chirps, follows, people

#: Who is shown for trying Chirp; the others have passwords that nobody knows.
NAME, PASSWORD = "ada", "the engine weaves"

_PEOPLE = {
    "ada": "Mathematics, poetry, and an engine that is not built yet.",
    "grace": "I keep a moth in my logbook. Compilers should do the boring part.",
    "alan": "Runner. Can machines think? Ask me on the way.",
    "hedy": "Acting by day, radio by night. Frequencies hop.",
    "katherine": "Check the numbers by hand. Then fly.",
    "linus_p": "Two prizes, one cup of orange juice each morning.",
    "Υπατία": "Γεωμετρία το πρωί, αστέρια το βράδυ.",
}
_FOLLOWS = {
    "ada": ("grace", "hedy", "katherine", "Υπατία"),
    "grace": ("ada", "alan"),
    "alan": ("ada", "grace", "hedy"),
    "hedy": ("ada",),
    "katherine": ("ada", "grace"),
    "Υπατία": ("ada", "katherine"),
}
#: Minutes ago, who, what, the number of the chirp that it replies to, who likes it.
_CHIRPS: list[tuple[int, str, str, int | None, str]] = [
    (4300, "katherine", "Orbit checked. By hand. Twice. The machine was right as well. 🚀", None,
     "ada grace alan hedy"),
    (2900, "linus_p", "A good way to have good ideas is to have a lot of ideas and throw the bad "
     "ones away.", None, "ada alan"),
    (1500, "grace", "Found the bug. It has wings. Taped it into the logbook. 🦋", None,
     "ada alan katherine hedy"),
    (1440, "ada", "@grace please tell me you wrote the time beside it.", 2, "grace"),
    (1435, "grace", "15:45. Relay 70, panel F.", 3, "ada katherine"),
    (700, "Υπατία", "Έτοιμος αστρολάβος. Απόψε μετράμε τ' άστρα. ✨", None, "katherine ada"),
    (310, "alan", "Ran 20 km. Thought about a tape that never ends. Both hurt, one pleasantly.",
     None, "hedy"),
    (130, "hedy", "If the signal hops and only we two know the steps, nobody can jam it. "
     "Piano rolls at both ends!", None, "ada alan grace"),
    (95, "ada", "@hedy so a melody is a key. I like that more than I should.", 7, "hedy"),
    (42, "katherine", "Students, show your work. Future you is a reader too.", None, "grace"),
    (12, "ada", "Note G is done: a loop within a loop, and not one number wasted.\n\n"
     "The long version: https://en.wikipedia.org/wiki/Note_G", None, "grace alan hedy"),
]  # fmt: skip


def init_app(app: Erlen) -> None:
    app.cli.add_command(demo)


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty Chirp with a few people, and say whom to log in as."""
    if db().scalar(select(Person.id).limit(1)) is None:
        click.echo(" * First start: making a few people, who have something to say")
        _fill()
    if db().scalar(select(Person.id).where(Person.name_key == NAME)) is not None:
        click.echo(f' * To try Chirp, log in as "{NAME}" with the password "{PASSWORD}"')


def _fill() -> None:
    session = db()
    known: dict[str, Person] = {}
    for name, biography in _PEOPLE.items():
        email = f"{'hypatia' if not name.isascii() else name}@chirp.example"
        password = PASSWORD if name == NAME else _nobody_knows()
        known[name] = people.register(session, name, email, password)
        people.update_profile(session, known[name], biography)
    for name, followed in _FOLLOWS.items():
        for other in followed:
            follows.follow(session, known[name], other)
    made: list[int] = []
    for minutes, name, text, reply_to, liked_by in _CHIRPS:
        answered = None if reply_to is None else made[reply_to]
        chirp = chirps.post(session, known[name], text, answered)
        made.append(chirp.id)
        session.execute(
            update(Chirp)
            .where(Chirp.id == chirp.id)
            .values(created_at=now() - timedelta(minutes=minutes))
        )
        session.commit()
        for other in liked_by.split():
            chirps.like(session, known[other], chirp.id)


def _nobody_knows() -> str:
    from secrets import token_urlsafe

    return token_urlsafe(32)
