"""A program that uses the API with a person's token."""

from __future__ import annotations

import pytest
from chirp.services import tokens

PREFIX = "/api/v1"


class Program:
    """Sends JSON with a token; paths are those below ``/api/v1``."""

    def __init__(self, client, secret):
        self.client = client
        self.headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}

    def __call__(self, method, path, **options):
        headers = {**self.headers, **options.pop("headers", {})}
        path = path if path.startswith(PREFIX) else PREFIX + path
        # Read to its end, so that the request has ended when the next one begins.
        return self.client.open(path, method=method, headers=headers, buffered=True, **options)

    def post(self, text, **options):
        """Post a chirp; gives its document."""
        answer = self("POST", "/chirps", json={"text": text, **options})
        assert answer.status_code == 201, answer.text
        return answer.json


@pytest.fixture
def program(client, session):
    """Makes a program of a person; of nobody without one."""

    def make(person=None):
        secret = None if person is None else tokens.create(session, person, "test")[1]
        return Program(client, secret)

    return make


@pytest.fixture
def as_ada(program, ada):
    return program(ada)


@pytest.fixture
def as_bob(program, bob):
    return program(bob)
