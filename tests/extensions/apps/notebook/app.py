"""A notebook for each person: Flask-Login, Flask-WTF and Flask-SQLAlchemy, in synchronous and
asynchronous views."""

import asyncio
import os

from flask import Flask, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError
from flask_wtf.file import FileAllowed, FileField, FileRequired
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import BooleanField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

app = Flask(__name__)
app.config.update(
    SECRET_KEY="a key of the tests", SQLALCHEMY_DATABASE_URI=os.environ["NOTEBOOK_DATABASE"]
)
db = SQLAlchemy(app)
csrf = CSRFProtect(app)
login = LoginManager(app)
login.login_view = "log_in"


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    notes: Mapped[list["Note"]] = db.relationship(back_populates="author")


class Note(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    stars: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int] = mapped_column(db.ForeignKey("user.id"))
    author: Mapped[User] = db.relationship(back_populates="notes")


@login.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


class NameForm(FlaskForm):
    name = StringField("Name", validators=[DataRequired(), Length(max=20)])
    password = PasswordField("Password", validators=[DataRequired(), Length(min=8)])


class RegisterForm(NameForm):
    def validate_name(self, field):
        if db.session.scalar(db.select(User).filter_by(name=field.data)):
            raise ValidationError("That name is taken.")


class LogInForm(NameForm):
    remember = BooleanField("Remember me")


class NoteForm(FlaskForm):
    text = TextAreaField("Note", validators=[DataRequired(), Length(max=200)])


class ImportForm(FlaskForm):
    file = FileField("File", validators=[FileRequired(), FileAllowed(["txt"], "Text files only.")])


with app.app_context():
    db.create_all()


@app.route("/register", methods=["GET", "POST"])
def register():
    form = RegisterForm()
    if form.validate_on_submit():
        user = User(name=form.name.data, password=generate_password_hash(form.password.data))
        db.session.add(user)
        db.session.commit()
        login_user(user)
        return redirect(url_for("notes"))
    return render_template("form.html", title="Register", form=form)


@app.route("/login", methods=["GET", "POST"])
async def log_in():
    form = LogInForm()
    if form.validate_on_submit():
        user = db.session.scalar(db.select(User).filter_by(name=form.name.data))
        # The hash takes a while; the loop goes on.
        good = user is not None and await asyncio.to_thread(
            check_password_hash, user.password, form.password.data
        )
        if good:
            login_user(user, remember=form.remember.data)
            target = request.args.get("next", "")
            local = target.startswith("/") and not target.startswith(("//", "/\\"))
            return redirect(target if local else url_for("notes"))
        flash("Name and password do not fit.")
    return render_template("form.html", title="Log in", form=form)


@app.post("/logout")
def log_out():
    logout_user()
    return redirect(url_for("log_in"))


@app.route("/", methods=["GET", "POST"])
@login_required
def notes():
    form = NoteForm()
    if form.validate_on_submit():
        db.session.add(Note(text=form.text.data, author=current_user._get_current_object()))
        db.session.commit()
        flash("It is written down.")
        return redirect(url_for("notes"))
    return render_template("notes.html", form=form, notes=current_user.notes)


@app.get("/search")
@login_required
async def search():
    await asyncio.sleep(0.01)
    found = db.session.scalars(
        db.select(Note).filter_by(author=current_user).filter(Note.text.contains(request.args["q"]))
    )
    return render_template("notes.html", form=NoteForm(), notes=found.all())


@app.route("/import", methods=["GET", "POST"])
@login_required
async def import_notes():
    form = ImportForm()
    if form.validate_on_submit():
        lines = form.file.data.read().decode().splitlines()
        await asyncio.sleep(0)
        author = current_user._get_current_object()
        db.session.add_all(Note(text=line, author=author) for line in lines)
        db.session.commit()
        flash(f"{len(lines)} notes from {form.file.data.filename}.")
        return redirect(url_for("notes"))
    return render_template("form.html", title="Import", form=form)


@app.post("/notes/<int:note_id>/star")
@login_required
async def star(note_id):
    note = db.get_or_404(Note, note_id)
    if note.author != current_user:
        abort(403)
    await asyncio.sleep(0)
    note.stars += request.get_json()["stars"]
    db.session.commit()
    return jsonify(stars=note.stars)


@app.get("/who")
@login_required
def who():
    return current_user.name


@app.get("/async-who")
@login_required
async def async_who():
    before = current_user.name
    await asyncio.sleep(0.01)
    return f"{before} {current_user.name}"


@app.errorhandler(CSRFError)
def refuse(error):
    return render_template("refused.html", reason=error.description), 400
