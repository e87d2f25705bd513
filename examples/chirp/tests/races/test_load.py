"""Sixty-four programs at once against a real server with two workers: nothing fails, is lost or
counted twice."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from chirp.models import Chirp, Like
from chirp.services import chirps, tokens
from sqlalchemy import func, select

PROJECT = Path(__file__).resolve().parents[2]
PROGRAMS = 64
PEOPLE = 8
ROUNDS = 5


@pytest.fixture(params=["asgi", "wsgi"])
def port(request, database_url, tmp_path):
    """Where Chirp is served with two workers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {k: v for k, v in os.environ.items() if k != "ERLEN_VALIDATE_WSGI"}
    environ |= {"CHIRP_DATABASE_URL": database_url, "SECRET_KEY": "for the tests"}
    environ.pop("REDIS_URL", None)
    log = tmp_path / "log.txt"
    command = [str(Path(sys.executable).with_name("erlen")), "--app", "chirp", "serve"]
    command += ["--port", str(port), "--workers", "2", "--interface", request.param]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=PROJECT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        end = time.monotonic() + 60
        while True:
            assert server.poll() is None and time.monotonic() < end, log.read_text()
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.1)
        yield port
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        server.terminate()
        server.wait(30)


def count(session, model, *where):
    return session.scalar(select(func.count()).select_from(model).where(*where))


def test_nothing_is_lost_or_doubled(port, session, register):
    people = [register(f"person_{n}") for n in range(PEOPLE)]
    secrets = [tokens.create(session, person, "load")[1] for person in people]
    liked = chirps.post(session, people[0], "Everybody likes this").id
    # On SQLite, an open transaction of the test would keep the server waiting.
    session.commit()
    barrier = threading.Barrier(PROGRAMS)

    def program(number):
        """One connection; eight of them are the same person, and send the same forms."""
        person = number % PEOPLE
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {
            "Authorization": f"Bearer {secrets[person]}",
            "Content-Type": "application/json",
        }
        answers = []

        def send(method, path, body=None, **more):
            data = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{path}", data, {**headers, **more})
            response = connection.getresponse()
            text = response.read()
            answers.append(response.status)
            return json.loads(text) if text else None

        barrier.wait(60)
        for n in range(ROUNDS):
            key = {"Idempotency-Key": f"shared {n}"}
            send("POST", "/chirps", {"text": f"Sent eight times: {n}"}, **key)
            send("POST", "/chirps", {"text": f"{number}: {n}", "reply_to": liked})
            send("PUT", f"/chirps/{liked}/like")
            send("GET", "/timelines/personal")
        connection.close()
        return answers

    with ThreadPoolExecutor(PROGRAMS) as pool:
        answers = [status for found in pool.map(program, range(PROGRAMS)) for status in found]
    assert {status: answers.count(status) for status in set(answers)} == {
        201: 2 * PROGRAMS * ROUNDS,
        204: PROGRAMS * ROUNDS,
        200: PROGRAMS * ROUNDS,
    }

    own = PROGRAMS * ROUNDS
    assert count(session, Chirp, Chirp.reply_to_id == liked) == own
    assert len(set(session.scalars(select(Chirp.text).where(Chirp.reply_to_id == liked)))) == own
    assert count(session, Chirp) == 1 + own + PEOPLE * ROUNDS
    assert count(session, Like) == PEOPLE
    view = chirps.get(session, liked)
    assert (view.likes, view.replies) == (PEOPLE, own)


def settled(session):
    """All chirps, when no more are on their way."""
    end = time.monotonic() + 60
    texts = None
    while True:
        before, texts = texts, sorted(session.scalars(select(Chirp.text)))
        if before == texts:
            return texts
        assert time.monotonic() < end, len(texts)
        # The next look is a new transaction, and sees what has been written since.
        session.rollback()
        time.sleep(1)


def test_no_request_fails_under_load(port, session, register, missing):
    """wrk on 64 connections, three requests in ten of which write."""
    if shutil.which("wrk") is None:
        missing("wrk is not installed")
    people = [register(f"person_{n}") for n in range(PEOPLE)]
    secrets = [tokens.create(session, person, "load")[1] for person in people]
    liked = chirps.post(session, people[0], "Everybody likes this").id
    session.commit()
    script = Path(__file__).with_name("mixed.lua")
    command = ["wrk", "-t", "2", "-c", str(PROGRAMS), "-d", "4s", "--timeout", "30s"]
    command += ["-s", str(script), f"http://127.0.0.1:{port}", "--", str(liked), *secrets]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["wrong"], told["broken"]) == (0, 0), done.stdout
    assert told["posted"] > 0
    # Those on their way when wrk stops may be done, and nobody is told.
    texts = settled(session)
    assert len(set(texts)) == len(texts)
    assert 0 <= len(texts) - 1 - told["posted"] <= PROGRAMS
    assert count(session, Like) == chirps.get(session, liked).likes <= PEOPLE
