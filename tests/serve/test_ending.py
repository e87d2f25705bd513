"""The child of the reloader ends before Python is taken down, which aborts a thread that is in
Granian just then."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

SCRIPT = """
import atexit, sys
from erlen.serve.development.ending import leave_threads_behind

class Last:
    def __del__(self):
        print("Python is taken down")

last = Last()
atexit.register(print, "first registered")
atexit.register(print, "last registered")
leave_threads_behind(3)
try:
    {end}
finally:
    print("finally")
"""


@pytest.mark.parametrize("end", ["pass", "sys.exit(0)", "raise ValueError('wrong')"])
def test_what_runs_at_exit_runs_and_python_is_not_taken_down(end):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT.format(end=end))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["finally", "last registered", "first registered"]
    assert ("ValueError: wrong" in done.stderr) is ("ValueError" in end)
    assert done.returncode == 3


@pytest.mark.parametrize("stream", ["None", "open(os.devnull)", "closed"])
def test_a_stream_that_is_gone_does_not_matter(stream):
    script = f"""
    import os, sys
    from erlen.serve.development.ending import leave_threads_behind
    closed = open(os.devnull, "w")
    closed.close()
    leave_threads_behind(3)
    sys.stdout = {stream}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")
