"""The code that the user's documents show runs as it stands, through the name ``flask``."""

from __future__ import annotations

import subprocess
import sys

SESSION = """
from flask import Flask, redirect, request, session, url_for
app = Flask(__name__)
app.secret_key = b'_5#y2L"F4Q8z\\n\\xec]/'
@app.route('/')
def index():
    # If the username was record (= user logged in), return to the target page.
    if 'username' in session:
        return f'Logged in as {session["username"]}'
    # Else, remind the user to login for the page.
    return 'You are not logged in'

@app.route('/login', methods=['GET', 'POST'])
def login():
    if request.method == 'POST':
        # when user logged in, let flask session record the user's username.
        session['username'] = request.form['username']
        return redirect(url_for('index'))
    return \'\'\'
        <form method="post">
            <p><input type=text name=username>
            <p><input type=submit value=Login>
        </form>
    \'\'\'

@app.route('/logout')
def logout():
    # remove the username from the session if it's there
    session.pop('username', None)
    return redirect(url_for('index'))

client = app.test_client()
assert client.get('/').text == 'You are not logged in'
assert '<form' in client.get('/login').text
answer = client.post('/login', data={'username': 'ada'}, follow_redirects=True)
assert answer.text == 'Logged in as ada'
assert client.get('/logout', follow_redirects=True).text == 'You are not logged in'
"""

URL_MAP = """
from flask import Flask
app = Flask(__name__)
app.config['SECRET_KEY'] = 'hard to guess string'

@app.route('/')
def index():
    return '<h1>Bad Request</h1>', 400

@app.route('/user/<name>')
def user(name):
    return name

text = repr(app.url_map)
assert text.startswith("Map([<Rule '/static/<filename>' (")
assert " -> index>" in text and "<Rule '/user/<name>' (" in text
assert app.test_client().get('/').status_code == 400
"""

ROUTING = """
from flask import Flask, escape, Markup, current_app, g, request
from werkzeug.utils import secure_filename
app = Flask(__name__)

@app.route("/aaa", defaults={'page': 'index'})
@app.route("/aaa/<page>")
def aaa(page):
    return page

@app.route("/hello/")
def hello():
    return "hello"

@app.route('/old', redirect_to='/new_aaa')
def old():
    return ""

@app.route("/values", methods=['GET', 'POST'])
def values():
    return str(request.values.get('name', 100, type=int))

@app.before_first_request
def first():
    app.logger.debug('A value for debugging')

client = app.test_client()
assert client.get("/aaa").text == "index"
assert client.get("/hello").status_code == 308
assert client.get("/old").location == "/new_aaa"
assert client.get("/values?name=7").text == "7" and client.get("/values").text == "100"
assert secure_filename("../x y.txt") == "x_y.txt"
"""


def run(source):
    program = f"import warnings; warnings.simplefilter('ignore')\n{source}"
    setup = "import erlen.compat; erlen.compat.install()\n"
    result = subprocess.run(
        [sys.executable, "-c", setup + program], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr


def test_the_session_example():
    run(SESSION)


def test_the_url_map_example():
    run(URL_MAP)


def test_the_routing_and_request_examples():
    run(ROUTING)
