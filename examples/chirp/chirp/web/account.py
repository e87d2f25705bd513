"""A person's own settings: biography, password, tokens of the API, leaving."""

from __future__ import annotations

from erlen import Blueprint, flash, redirect, render_template, request, url_for
from erlen.typing import ResponseReturnValue

from ..database import db
from ..models import Person
from ..services import people, tokens
from ..services.errors import Invalid, TooManyAttempts
from .forms import DeletePersonForm, PageForm, PasswordForm, ProfileForm, TokenForm
from .login import log_out, login_required, renew

blueprint = Blueprint("account", __name__, url_prefix="/settings")


@blueprint.route("/", methods=["GET", "POST"])
@login_required
def profile(person: Person) -> ResponseReturnValue:
    form = ProfileForm(request.form, biography=person.biography)
    if request.method == "POST" and form.validate():
        try:
            people.update_profile(db(), person, form.biography.data)
        except Invalid as error:
            form.refuse(error)
        else:
            flash("Your page is up to date.", "success")
            return redirect(url_for("people.profile", name=person.name), 303)
    return _answer("account/profile.html", form)


@blueprint.route("/password", methods=["GET", "POST"])
@login_required
def password(person: Person) -> ResponseReturnValue:
    form = PasswordForm(request.form)
    if request.method == "POST":
        try:
            if form.validate():
                people.change_password(db(), person, form.old.data, form.new.data)
                renew(person)
                flash("The password is changed. Your other devices are logged out.", "success")
                return redirect(url_for(".profile"), 303)
            # Something is missing, or was not written twice; the new one is looked at as well.
            people.check_new_password(person, form.new.data or "")
        except TooManyAttempts as error:
            return _answer_too_many("account/password.html", form, error)
        except Invalid as error:
            form.refuse(error)
    return _answer("account/password.html", form)


@blueprint.route("/tokens", methods=["GET", "POST"])
@login_required
def token_list(person: Person) -> ResponseReturnValue:
    form = TokenForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            token, secret = tokens.create(db(), person, form.name.data)
        except Invalid as error:
            form.refuse(error)
        else:
            # No redirect here: the secret is shown this once, and kept nowhere on the way.
            return render_template(
                "account/tokens.html",
                form=TokenForm(),
                made=token,
                secret=secret,
                tokens=tokens.of_person(db(), person),
            ), 201
    return _answer("account/tokens.html", form, tokens=tokens.of_person(db(), person))


@blueprint.post("/tokens/<id:token_id>/revoke")
@login_required
def revoke(person: Person, token_id: int) -> ResponseReturnValue:
    tokens.revoke(db(), person, token_id)
    flash("The token is worth nothing any more.", "info")
    return redirect(url_for(".token_list"), 303)


@blueprint.route("/delete", methods=["GET", "POST"])
@login_required
def delete(person: Person) -> ResponseReturnValue:
    form = DeletePersonForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            people.delete(db(), person, form.password.data)
        except TooManyAttempts as error:
            return _answer_too_many("account/delete.html", form, error)
        except Invalid as error:
            form.refuse(error)
        else:
            log_out()
            flash("You and all that you wrote are deleted. Farewell!", "info")
            return redirect(url_for("timeline.home"), 303)
    return _answer("account/delete.html", form)


def _answer(template: str, form: PageForm, **values) -> ResponseReturnValue:
    return render_template(template, form=form, **values), 422 if form.errors else 200


def _answer_too_many(template: str, form: PageForm, error: TooManyAttempts) -> ResponseReturnValue:
    form.form_errors.append(error.message)
    return render_template(template, form=form), 429, {"Retry-After": str(error.seconds)}
