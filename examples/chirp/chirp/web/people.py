"""People: their pages, and who follows whom."""

from __future__ import annotations

from dataclasses import replace

from erlen import Blueprint, flash, redirect, render_template, request, safe_redirect, url_for
from erlen.typing import ResponseReturnValue

from .. import news
from ..database import db
from ..models import Person
from ..services import follows, people, profiles
from ..services.errors import Invalid
from .login import current_person, login_required
from .streams import Stream

blueprint = Blueprint("people", __name__, url_prefix="/@<name>")


@blueprint.get("")
def profile(name: str) -> ResponseReturnValue:
    person = people.by_name(db(), name)
    if person.name != name:
        # One address for each page: /@ADA is /@ada.
        return redirect(url_for(".profile", name=person.name), 301)
    stream, cursor = Stream("person", person.id), request.args.get("cursor")
    page = stream.page(db(), current_person(), cursor)
    shown = profiles.of(db(), person, current_person())
    return render_template(
        "people/profile.html", profile=shown, stream=stream, page=page, cursor=cursor
    )


@blueprint.get("/followers")
def followers(name: str) -> ResponseReturnValue:
    return _list(name, "followers")


@blueprint.get("/following")
def following(name: str) -> ResponseReturnValue:
    return _list(name, "following")


def _list(name: str, which: str) -> str:
    person = people.by_name(db(), name)
    cursor = request.args.get("cursor")
    page = getattr(follows, which)(db(), person, cursor)
    shown = profiles.of(db(), person, None)
    return render_template(
        "people/list.html",
        person=person,
        page=replace(page, items=profiles.counted(db(), page.items)),
        which=which,
        cursor=cursor,
        followers=shown.followers,
        following=shown.following,
    )


@blueprint.post("/follow")
@login_required
def follow(person: Person, name: str) -> ResponseReturnValue:
    try:
        followed = follows.follow(db(), person, name)
    except Invalid as error:
        flash(error.message, "warning")
    else:
        news.follow_changed(person, followed, on=True)
        flash(f"You follow {followed.name} now.", "success")
    return safe_redirect(request.form.get("next"), url_for(".profile", name=name), 303)


@blueprint.post("/unfollow")
@login_required
def unfollow(person: Person, name: str) -> ResponseReturnValue:
    followed = follows.unfollow(db(), person, name)
    news.follow_changed(person, followed, on=False)
    flash(f"You do not follow {followed.name} any more.", "info")
    return safe_redirect(request.form.get("next"), url_for(".profile", name=name), 303)
