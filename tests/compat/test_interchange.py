"""Session cookies, flash messages and password hashes go from Flask to Erlen and back.

The same program runs on Erlen and on Flask 3.1.3, which is installed into an environment of its
own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".cache" / "interchange-flask-3.1.3"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PIP_OPTIONS = ["--disable-pip-version-check", "--retries", "1", "--timeout", "20"]
REQUIREMENTS = ["flask==3.1.3", "werkzeug==3.1.9"]

PROGRAM = '''\
"""Writes cookies and hashes, or reads those of the standard input."""
import json
import sys
from datetime import datetime, timezone
from uuid import UUID

from flask import Flask, flash, get_flashed_messages, session
from markupsafe import Markup
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.secret_key = "interchange"
METHODS = ["scrypt", "scrypt:1024:8:1", "pbkdf2:sha256:1000", "pbkdf2:sha512:1000"]
PASSWORD = "p\\u00e4ssw\\u00f6rd \\u2603"


@app.route("/write")
def write():
    session.permanent = True
    session["plain"] = [1, 2.5, None, True, "t\\u00e4xt", {"a": {"b": []}}]
    session["tuple"] = (1, ("two",))
    session["bytes"] = b"\\x00\\xff"
    session["markup"] = Markup("<b>")
    session["uuid"] = UUID(int=7)
    session["when"] = datetime(2026, 11, 21, 1, 2, 3, tzinfo=timezone.utc)
    session["tag"] = {" t": "looks like a tag"}
    session["long"] = "x" * 2000
    flash("saved", "info")
    flash("careful")
    return ""


@app.route("/read")
def read():
    messages = get_flashed_messages(with_categories=True)
    values = {key: repr(value) for key, value in sorted(session.items())}
    return {"values": values, "messages": repr(messages)}


if sys.argv[1] == "write":
    with app.test_client() as client:
        client.get("/write")
        cookie = client.get_cookie("session").value
    hashes = [generate_password_hash(PASSWORD, method) for method in METHODS]
    print(json.dumps({"cookie": cookie, "hashes": hashes}))
else:
    given = json.load(sys.stdin)
    client = app.test_client()
    client.set_cookie("session", given["cookie"])
    answer = client.get("/read").get_json()
    answer["hashes"] = [check_password_hash(h, PASSWORD) for h in given["hashes"]]
    answer["wrong"] = [check_password_hash(h, PASSWORD + "x") for h in given["hashes"]]
    print(json.dumps(answer))
'''


def _create() -> None:
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    subprocess.run(
        [str(PYTHON), "-m", "pip", "install", "-q", *PIP_OPTIONS, *REQUIREMENTS],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    (ENVIRONMENT / "complete").touch()


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    if not (ENVIRONMENT / "complete").exists():
        try:
            _create()
        except (OSError, subprocess.SubprocessError) as error:
            reason = getattr(error, "stderr", None) or str(error)
            if os.environ.get("ERLEN_REQUIRE_SERVICES") == "1":
                pytest.fail(f"Flask 3.1.3 cannot be installed for comparison: {reason}")
            pytest.skip(f"Flask 3.1.3 cannot be installed for comparison: {reason}")
    program = tmp_path_factory.mktemp("interchange") / "program.py"
    program.write_text(PROGRAM)
    return {
        "erlen": [sys.executable, "-m", "erlen.compat", str(program)],
        "flask": [str(PYTHON), str(program)],
    }


def run(command: list[str], given: Any = None) -> Any:
    out = subprocess.run(
        [*command, "write" if given is None else "read"],
        input=None if given is None else json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert out.returncode == 0, out.stderr
    return json.loads(out.stdout)


@pytest.mark.parametrize(("writer", "reader"), [("erlen", "flask"), ("flask", "erlen")])
def test_one_writes_the_other_reads(
    commands: dict[str, list[str]], writer: str, reader: str
) -> None:
    written = run(commands[writer])
    read = run(commands[reader], written)
    assert read == run(commands[writer], written)
    assert read["values"]["tuple"] == "(1, ('two',))"
    assert read["values"]["tag"] == "{' t': 'looks like a tag'}"
    assert read["messages"] == "[('info', 'saved'), ('message', 'careful')]"
    assert read["hashes"] == [True] * 4
    assert read["wrong"] == [False] * 4


def test_a_cookie_of_another_key_is_an_empty_session(commands: dict[str, list[str]]) -> None:
    written = run(commands["flask"])
    head, _, signature = written["cookie"].rpartition(".")
    written["cookie"] = f"{head}.{signature[::-1]}"
    assert run(commands["erlen"], written)["values"] == {}
