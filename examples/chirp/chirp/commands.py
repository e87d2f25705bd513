"""What an operator runs: ``erlen --app chirp ...``."""

from __future__ import annotations

import functools
import secrets
import sys
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from erlen import Erlen
from erlen.cli import AppGroup, with_appcontext

from . import migrations
from .database import DatabaseAway, database, db
from .services import people, seeding
from .services.errors import Invalid

P = ParamSpec("P")
T = TypeVar("T")


def reaching_the_database(function: Callable[P, T]) -> Callable[P, T]:
    """A command that says why, where the database cannot be reached."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except DatabaseAway as error:
            raise click.ClickException(f"{error.description}\n{error.__cause__}") from None

    return wrapped


db_group = AppGroup("db", help="The schema of the database.")


def init_app(app: Erlen) -> None:
    """Add the commands."""
    app.cli.add_command(db_group)
    app.cli.add_command(create_user)
    app.cli.add_command(seed)


@db_group.command("upgrade")
@click.argument("revision", default="head")
@reaching_the_database
def upgrade(revision: str) -> None:
    """Bring the schema to a revision, the newest by default."""
    before = migrations.current(database())
    migrations.upgrade(database(), revision)
    after = migrations.current(database())
    click.echo(f"{before or 'empty'} -> {after}" if before != after else f"{after}, as before")


@db_group.command("current")
@reaching_the_database
def current() -> None:
    """Show the revision of the schema, and the one that this Chirp needs."""
    found, newest = migrations.current(database()), migrations.newest()
    click.echo(found or "empty")
    if found != newest:
        raise click.ClickException(f"This Chirp needs {newest}: run 'db upgrade'.")


@db_group.command("revision")
@click.argument("message")
@reaching_the_database
def revision(message: str) -> None:
    """Write the next step, from what the models say and the database has not yet."""
    for path in migrations.new_revision(database(), message):
        click.echo(f"{path}: read it before you run it")


@click.command("create-user")
@click.argument("name")
@click.argument("email")
@click.password_option(help="Asked for if not given.")
@with_appcontext
@reaching_the_database
def create_user(name: str, email: str, password: str) -> None:
    """Register a person."""
    try:
        person = people.register(db(), name, email, password)
    except Invalid as error:
        raise click.ClickException(f"{error.field}: {error.message}") from None
    click.echo(f"{person.name} can log in.")


@click.command("seed")
@click.option("--users", type=click.IntRange(1), default=20, show_default=True)
@click.option("--chirps", type=click.IntRange(0), default=200, show_default=True)
@click.option(
    "--follows", type=click.IntRange(0), help="Default: what so many people can, up to 100 each."
)
@click.option("--likes", type=click.IntRange(0), help="Default: as many as chirps.")
@click.option("--password", help="Of all of them. Default: a random one, which is shown.")
@click.option("--random-seed", type=int, help="The same number, the same people and chirps.")
@with_appcontext
@reaching_the_database
def seed(
    users: int,
    chirps: int,
    follows: int | None,
    likes: int | None,
    password: str | None,
    random_seed: int | None,
) -> None:
    """Invent people who follow each other, chirp and like."""
    began = time.monotonic()
    most_follows = users * (users - 1) // 2
    try:
        with database().begin() as connection:
            seeded = seeding.seed(
                connection,
                people=users,
                chirps=chirps,
                follows=min(most_follows, 100 * users) if follows is None else follows,
                likes=min(chirps, chirps * users // 2) if likes is None else likes,
                password=password or secrets.token_urlsafe(9),
                random_seed=random_seed,
                progress=_Progress(),
            )
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{seeded.people:,} people, {seeded.chirps:,} chirps, {seeded.follows:,} follows and"
        f" {seeded.likes:,} likes in {time.monotonic() - began:.1f} s"
    )
    click.echo(f"Log in as {seeded.name} with the password {seeded.password}")


class _Progress:
    """One line for each table: rewritten on a terminal, and in a file written at each tenth."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._tenth = -1

    def __call__(self, what: str, done: int, total: int) -> None:
        tenth = 10 if total == 0 else 10 * done // total
        if done == 0:
            self._tenth = -1
        line = f"{what:8} {done:>10,} of {total:,}"
        if self._terminal:
            end = "\n" if done == total else "\r"
            click.echo(line + " " * 4 + end, nl=False, err=True)
        elif tenth > self._tenth and (done or total == 0):
            click.echo(line, err=True)
        self._tenth = max(tenth, self._tenth)
