"""A list of guests (Bootstrap-Flask): form, table, pages, navigation and messages, with the style
sheets that the extension brings."""

from flask import Flask, flash, redirect, render_template, request, url_for
from flask_bootstrap import Bootstrap5, SwitchField
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy.pool import StaticPool
from wtforms import IntegerField, StringField, SubmitField
from wtforms.validators import DataRequired, NumberRange

app = Flask(__name__)
app.config.update(
    SECRET_KEY="a key of the tests",
    BOOTSTRAP_SERVE_LOCAL=True,
    SQLALCHEMY_DATABASE_URI="sqlite://",
    # One database in memory for all threads.
    SQLALCHEMY_ENGINE_OPTIONS={
        "poolclass": StaticPool,
        "connect_args": {"check_same_thread": False},
    },
)
bootstrap = Bootstrap5(app)
db = SQLAlchemy(app)
# The macro of the table wants it for its delete buttons.
csrf = CSRFProtect(app)


class Guest(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), nullable=False)
    seats = db.Column(db.Integer, nullable=False)


class GuestForm(FlaskForm):
    name = StringField("Name", validators=[DataRequired("Who is coming?")])
    seats = IntegerField("Seats", default=1, validators=[NumberRange(1, 4)])
    music = SwitchField("Brings an instrument")
    submit = SubmitField("Invite")


with app.app_context():
    db.create_all()
    db.session.add_all(Guest(name=f"Guest {n}", seats=1 + n % 4) for n in range(1, 13))
    db.session.commit()


@app.get("/")
def guests():
    page = db.paginate(db.select(Guest).order_by(Guest.id), per_page=5)
    return render_template("guests.html", page=page)


@app.route("/invite", methods=["GET", "POST"])
def invite():
    form = GuestForm()
    if form.validate_on_submit():
        db.session.add(Guest(name=form.name.data, seats=form.seats.data))
        db.session.commit()
        flash(f"{form.name.data} is invited.", "success")
        return redirect(url_for("guests", page=3))
    return render_template("invite.html", form=form)


@app.post("/guests/<int:guest_id>/delete")
def delete(guest_id):
    db.session.delete(db.get_or_404(Guest, guest_id))
    db.session.commit()
    return redirect(url_for("guests", page=request.args.get("page")))
