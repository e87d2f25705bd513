"""The quickstart: a guest book with log-in, pictures and a JSON view.

erlen --app examples/quickstart/app.py serve
"""

import os
import secrets
import tempfile
from functools import wraps
from pathlib import Path

from erlen import (
    Erlen,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    session,
    url_for,
)
from erlen.http.files import secure_filename
from erlen.security import check_password_hash, generate_password_hash

app = Erlen(__name__)
app.config.update(
    # In production the key comes from the environment; sessions end when it changes.
    SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(),
    SESSION_COOKIE_SAMESITE="Lax",
    MAX_CONTENT_LENGTH=2 * 1024 * 1024,
)

UPLOADS = Path(tempfile.mkdtemp(prefix="erlen-quickstart-"))
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
USERS = {"ada": generate_password_hash("lovelace")}
# Newest first; a real application keeps these in a database.
entries = [{"author": "Erlen", "text": "Welcome! Log in and leave a line.", "picture": None}]


def login_required(view):
    @wraps(view)
    def guarded(**kwargs):
        if g.user is None:
            flash("Please log in first.", "warning")
            return redirect(url_for("login", next=request.path))
        return view(**kwargs)

    return guarded


@app.before_request
def load_user():
    g.user = session.get("user")


@app.get("/")
def index():
    return render_template("index.html", entries=entries)


@app.post("/entries")
@login_required
def add_entry():
    text = request.form["text"].strip()
    if not 0 < len(text) <= 280:
        flash("An entry has 1 to 280 characters.", "error")
        return redirect(url_for("index"), 303)
    entries.insert(0, {"author": g.user, "text": text, "picture": save_picture()})
    flash("Thank you for your entry.", "success")
    # Redirect after post: reloading the page does not send the form again.
    return redirect(url_for("index"), 303)


def save_picture():
    """Store the uploaded picture, if there is one, under a name of our own."""
    upload = request.files.get("picture")
    if not upload or not upload.filename:
        return None
    extension = Path(secure_filename(upload.filename)).suffix.lower()
    if extension not in PICTURES:
        abort(415, "Pictures are PNG, JPEG, GIF or WebP files.")
    name = secrets.token_hex(8) + extension
    upload.save(UPLOADS / name)
    return name


@app.get("/pictures/<name>")
def picture(name):
    return send_from_directory(UPLOADS, name)


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        name, password = request.form["name"], request.form["password"]
        if name in USERS and check_password_hash(USERS[name], password):
            session.clear()
            session["user"] = name
            flash(f"Hello, {name}!", "success")
            return redirect(url_for("index"), 303)
        flash("That name and password do not fit.", "error")
    return render_template("login.html")


@app.post("/logout")
def logout():
    session.clear()
    flash("See you soon.", "message")
    return redirect(url_for("index"), 303)


@app.get("/api/entries")
def api_entries():
    return entries


@app.get("/async/<int:n>")
async def squares(n):
    return {"n": n, "square": n * n}


@app.errorhandler(404)
@app.errorhandler(413)
@app.errorhandler(415)
def show_error(error):
    return render_template("error.html", error=error), error.code


if __name__ == "__main__":
    app.run()
