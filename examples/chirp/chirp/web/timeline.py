"""The time lines, and the chirps in them."""

from __future__ import annotations

from erlen import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    safe_redirect,
    url_for,
)
from erlen.typing import ResponseReturnValue

from .. import news
from ..database import db
from ..models import Person
from ..services import chirps, profiles
from ..services.errors import Forbidden, Invalid
from .forms import ChirpForm
from .login import current_person, login_required
from .streams import Stream

blueprint = Blueprint("timeline", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    viewer = current_person()
    if viewer is None:
        return _show("timeline/welcome.html", Stream("everyone"))
    return _show("timeline/home.html", Stream("home"), form=ChirpForm.blank())


@blueprint.get("/everyone")
def everyone() -> ResponseReturnValue:
    return _show("timeline/everyone.html", Stream("everyone"), form=ChirpForm.blank())


def _show(template: str, stream: Stream, **values) -> str:
    """A page around a time line, at the cursor of the request."""
    cursor, viewer = request.args.get("cursor"), current_person()
    page = stream.page(db(), viewer, cursor)
    to_meet = [] if viewer is None else profiles.to_meet(db(), viewer)
    return render_template(
        template, stream=stream, page=page, cursor=cursor, to_meet=to_meet, **values
    )


@blueprint.get("/fresh")
def fresh() -> ResponseReturnValue:
    """What a time line has that is newer than the chirp ``after``, without a page around it.

    ``X-Gap: 1`` says that there may be more than these between the two.
    """
    stream = Stream.parse(request.args.get("stream", "everyone"))
    after = request.args.get("after", 0, type=int)
    page = stream.page(db(), current_person(), None)
    newer = [chirp for chirp in page.items if chirp.id > after]
    response = make_response(render_template("timeline/cards.html", chirps=newer))
    if after and newer and len(newer) == len(page.items) and page.next_cursor is not None:
        response.headers["X-Gap"] = "1"
    return response


@blueprint.post("/chirps")
@login_required
def post(person: Person) -> ResponseReturnValue:
    form = ChirpForm(request.form)
    if form.validate():
        try:
            chirp = chirps.post(db(), person, form.text.data, form_key=form.form_key.data or None)
        except Invalid as error:
            form.refuse(error)
        else:
            news.posted(chirp)
            return redirect(url_for(".home"), 303)
    return _show("timeline/home.html", Stream("home"), form=form), 422


@blueprint.get("/chirps/<id:chirp_id>")
def chirp(chirp_id: int) -> ResponseReturnValue:
    return _show_chirp(chirp_id, ChirpForm.blank())


def _show_chirp(chirp_id: int, form: ChirpForm) -> str:
    """One chirp and the replies to it."""
    found = chirps.get(db(), chirp_id, current_person())
    form.text.label.text = f"Reply to {found.author_name}"
    form.text.render_kw = {**form.text.render_kw, "placeholder": "Write a reply"}
    return _show("timeline/chirp.html", Stream("replies", chirp_id), chirp=found, form=form)


@blueprint.post("/chirps/<id:chirp_id>/replies")
@login_required
def reply(person: Person, chirp_id: int) -> ResponseReturnValue:
    form = ChirpForm(request.form)
    if form.validate():
        try:
            chirp = chirps.post(db(), person, form.text.data, chirp_id, form.form_key.data or None)
        except Invalid as error:
            form.refuse(error)
        else:
            news.posted(chirp)
            flash("Your reply is there.", "success")
            return redirect(url_for(".chirp", chirp_id=chirp_id), 303)
    return _show_chirp(chirp_id, form), 422


@blueprint.route("/chirps/<id:chirp_id>/delete", methods=["GET", "POST"])
@login_required
def delete(person: Person, chirp_id: int) -> ResponseReturnValue:
    """Ask once more, then delete."""
    found = chirps.get(db(), chirp_id, person)
    if not found.mine:
        raise Forbidden("This chirp is another person's.")
    after = request.values.get("next")
    if request.method == "GET":
        return render_template("timeline/delete.html", chirp=found, next=after)
    chirps.delete(db(), person, chirp_id)
    news.gone(found)
    flash("The chirp is deleted.", "info")
    return safe_redirect(after, url_for(".home"), 303)


@blueprint.post("/chirps/<id:chirp_id>/like")
@login_required
def like(person: Person, chirp_id: int) -> ResponseReturnValue:
    chirps.like(db(), person, chirp_id)
    return _after_like(person, chirp_id)


@blueprint.post("/chirps/<id:chirp_id>/unlike")
@login_required
def unlike(person: Person, chirp_id: int) -> ResponseReturnValue:
    chirps.unlike(db(), person, chirp_id)
    return _after_like(person, chirp_id)


def _after_like(person: Person, chirp_id: int) -> ResponseReturnValue:
    """Back to the page; a script, which replaces one card of it, gets the card."""
    back = request.form.get("next")
    if request.headers.get("X-Requested-Part") == "card":
        found = chirps.get(db(), chirp_id, person)
        return render_template("timeline/cards.html", chirps=[found], back=back)
    return safe_redirect(back, url_for(".chirp", chirp_id=chirp_id), 303)
