"""Registering, logging in and out."""

from __future__ import annotations

from erlen import Blueprint, flash, redirect, render_template, request, safe_redirect, url_for
from erlen.typing import ResponseReturnValue

from ..database import db
from ..services import people
from ..services.errors import Invalid, TooManyAttempts
from .forms import LoginForm, RegisterForm
from .login import current_person, log_in, log_out

blueprint = Blueprint("auth", __name__)


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    if current_person() is not None:
        return redirect(url_for("timeline.home"), 303)
    form = RegisterForm(request.form)
    status = 200
    if request.method == "POST":
        status = 422
        typed = [field.data or "" for field in (form.name, form.email, form.password)]
        try:
            if form.validate():
                person = people.register(db(), *typed)
                log_in(person, remember=False)
                flash(f"Welcome, {person.name}! Follow some people, or write a chirp.", "success")
                return redirect(url_for("timeline.home"), 303)
            # Something is missing; what else is wrong is said as well.
            people.check(db(), *typed)
        except Invalid as error:
            form.refuse(error)
    return render_template("auth/register.html", form=form), status


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    after = request.values.get("next")
    if current_person() is not None:
        return safe_redirect(after, url_for("timeline.home"), 303)
    form = LoginForm(request.form)
    if request.method == "GET":
        return render_template("auth/login.html", form=form, next=after)
    status, headers = 422, {}
    if form.validate():
        try:
            person = people.authenticate(
                db(), form.login.data, form.password.data, request.remote_addr or ""
            )
        except TooManyAttempts as error:
            status, headers = 429, {"Retry-After": str(error.seconds)}
            minutes = max(1, round(error.seconds / 60))
            form.form_errors.append(
                f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}."
            )
        else:
            if person is not None:
                log_in(person, remember=form.remember.data)
                flash(f"Hello, {person.name}!", "success")
                return safe_redirect(after, url_for("timeline.home"), 303)
            # The same words for a name that nobody has.
            form.form_errors.append("That name and password do not fit.")
    return render_template("auth/login.html", form=form, next=after), status, headers


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    log_out()
    flash("You are logged out. See you soon!", "info")
    return redirect(url_for("timeline.home"), 303)
