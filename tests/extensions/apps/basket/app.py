"""A basket that is kept on the server (Flask-Session), and stays when a person logs in."""

import os

from flask import Flask, redirect, render_template, request, session, url_for
from flask_session import Session

app = Flask(__name__)
app.config.update(
    SECRET_KEY="a key of the tests",
    SESSION_TYPE=os.environ["BASKET_SESSIONS"],
    # One name for the keys in Redis and for the table in PostgreSQL.
    SESSION_KEY_PREFIX=f"{os.environ['BASKET_NAME']}:",
    SESSION_SQLALCHEMY_TABLE=os.environ["BASKET_NAME"],
)
if app.config["SESSION_TYPE"] == "redis":
    from redis import Redis

    app.config["SESSION_REDIS"] = Redis.from_url(os.environ["BASKET_STORE"])
elif app.config["SESSION_TYPE"] == "sqlalchemy":
    from flask_sqlalchemy import SQLAlchemy

    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BASKET_STORE"]
    app.config["SESSION_SQLALCHEMY"] = SQLAlchemy(app)
else:
    from cachelib.file import FileSystemCache

    app.config["SESSION_CACHELIB"] = FileSystemCache(os.environ["BASKET_STORE"])
Session(app)


@app.get("/")
def show():
    return render_template("basket.html", items=session.get("items", []), name=session.get("name"))


@app.post("/items")
def add():
    session.setdefault("items", []).append(request.form["item"])
    session.modified = True
    return redirect(url_for("show"))


@app.post("/name")
async def log_in():
    session["name"] = request.form["name"]
    # A new id, so that one which somebody planted is worth nothing.
    app.session_interface.regenerate(session)
    return redirect(url_for("show"))


@app.post("/clear")
def clear():
    session.clear()
    return redirect(url_for("show"))


if __name__ == "__main__":
    app.run()
