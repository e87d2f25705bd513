"""``erlen run`` and ``app.run`` restart when a file changes."""

from __future__ import annotations

import os
import signal
import time

import pytest
from processes import children, watches

import erlen

# A change of Erlen itself is not what these tests are about.
NOT_ERLEN = os.path.join(os.path.dirname(erlen.__file__), "*")
SOURCE = """
from pathlib import Path
from erlen import Erlen

app = Erlen(__name__)
TEXT = "one"

@app.route("/")
def index():
    note = Path("note.txt")
    return TEXT + (note.read_text() if note.exists() else "")
"""
SCRIPT_END = """
if __name__ == "__main__":
    app.run(port=PORT, debug=True, exclude_patterns=[NOT_ERLEN])
"""
needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
RUN = ("-m", "erlen", "--app", "app", "--debug", "run", "-p", "PORT")


def wait_for_answer(served, expected, seconds=60):
    end = time.monotonic() + seconds
    while True:
        # The socket stays open while the application restarts: no connection is refused.
        answer = served.request()
        if answer == expected:
            return
        assert time.monotonic() < end, (answer, served.output)
        time.sleep(0.1)


def change(served, old, new):
    path = served.folder / "app.py"
    path.write_text(path.read_text().replace(old, new))


@pytest.fixture
def served(serve):
    return serve(*RUN, source=SOURCE).ready()


def test_a_change_restarts(served):
    wait_for_answer(served, (200, "one"))
    change(served, '"one"', '"two"')
    wait_for_answer(served, (200, "two"))
    assert f"Detected change in {str(served.folder / 'app.py')!r}" in served.output
    assert served.output.count("Running on") == 1


def test_a_mistake_is_told_with_its_place_and_mended(served):
    change(served, "TEXT =", "TEXT = = ")
    served.wait_for("did not load")
    assert "app.py, line 6: SyntaxError" in served.output
    assert 'TEXT = =  "one"' in served.output
    assert served.request()[0] == 500
    change(served, "TEXT = = ", "TEXT =")
    wait_for_answer(served, (200, "one"))


def test_extra_files(serve):
    (served := serve(*RUN, "--extra-files", "note.txt", source=SOURCE)).ready()
    (served.folder / "note.txt").write_text("!")
    served.wait_for(f"Detected change in {str(served.folder / 'note.txt')!r}")
    wait_for_answer(served, (200, "one!"))


def test_excluded_files_do_not_matter(serve):
    served = serve(
        *RUN, "--exclude-patterns", "*/ignored*" + os.pathsep + NOT_ERLEN, source=SOURCE
    ).ready()
    # The first change that matters is the one that is told.
    (served.folder / "ignored_one.py").write_text("x = 1")
    (served.folder / "seen.py").write_text("x = 1")
    served.wait_for("Detected change in ")
    served.wait_for(f"Detected change in {str(served.folder / 'seen.py')!r}")
    assert "ignored_one" not in served.output


@needs_proc
def test_without_debug_mode_nothing_is_watched(serve):
    served = serve("-m", "erlen", "--app", "app", "run", "-p", "PORT", source=SOURCE).ready()
    change(served, '"one"', '"two"')
    assert served.request() == (200, "one")
    # Nobody looks, and there is nobody to start it again.
    assert not watches(served.process.pid, served.folder)
    assert children(served.process.pid) == []
    assert "Watching" not in served.output


def test_a_script_that_runs_itself(serve, port):
    source = SOURCE + SCRIPT_END
    again = serve(
        "app.py", source=source.replace("PORT", str(port)).replace("NOT_ERLEN", repr(NOT_ERLEN))
    )
    again.port = port
    again.ready()
    change(again, '"one"', '"two"')
    wait_for_answer(again, (200, "two"))
    # Even the script itself may be broken for a while.
    change(again, "TEXT =", "TEXT = = ")
    again.wait_for("ended with status 1")
    change(again, "TEXT = = ", "TEXT =")
    wait_for_answer(again, (200, "two"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopping_stops_the_child(served, how):
    os.killpg(served.process.pid, how)
    assert served.process.wait(60) in (0, -how)
    end = time.monotonic() + 60
    while True:
        try:
            served.request(timeout=1)
        except OSError:
            break
        assert time.monotonic() < end
        time.sleep(0.1)
