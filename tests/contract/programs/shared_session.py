"""Flask-SQLAlchemy keeps a session for each application context, by its identity."""

import json

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import create_environ

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)


sessions = []


def count():
    sessions.append(db.session())
    return len([one for one in db.session.new if isinstance(one, Note)])


@app.route("/")
def index():
    return str(count())


found = {}
with app.app_context():
    db.create_all()
    db.session.add(Note())
    sessions.append(db.session())
    found["client sees what was added"] = int(app.test_client().get("/").text)
    found["same session"] = sessions[0] is sessions[1]
    with app.test_request_context("/"):
        found["pushed request sees it"] = count()
    # What a server brings is apart.
    body = app(create_environ("/"), lambda *args: None)
    gateway = int(b"".join(body))
with app.app_context():
    found["after the context"] = count()
found["gateway has its own"] = gateway
print(json.dumps(found))
