"""What may happen around a reload: load, failures, new files, ways to start and to end."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from http.client import HTTPException

import pytest
from processes import is_alive, watches
from waiting import Waiting

import erlen

# A change of Erlen itself is not what these tests are about.
NOT_ERLEN = os.path.join(os.path.dirname(erlen.__file__), "*")
RUN = ("-m", "erlen", "--app", "app", "--debug", "run", "-p", "PORT")
SOURCE = """
import os, threading, time
from erlen import Erlen, request

app = Erlen(__name__)
TEXT = "one"

@app.route("/")
def index():
    return TEXT

@app.route("/gate/<name>")
def gate(name):
    with open("inside", "a") as inside:
        inside.write("x")
    while not os.path.exists(name):
        time.sleep(0.02)
    return TEXT

@app.route("/pid")
def pid():
    return str(os.getpid())
"""


def write(served, source, name="app.py"):
    path = served.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(source)


def wait_for(condition, served, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, served.output[-5000:]
        time.sleep(0.05)


def wait_for_text(served, text):
    wait_for(lambda: served.request() == (200, text), served)


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")


@needs_proc
def test_reloads_under_load_fail_no_request_and_leave_no_descriptor(serve):
    served = serve(*RUN, source=SOURCE).ready()
    answers, failures, over = [], [], threading.Event()

    def ask():
        while not over.is_set():
            try:
                answers.append(served.request("/", timeout=60))
            except (OSError, HTTPException) as error:
                failures.append(error)

    def descriptors():
        return len(os.listdir(f"/proc/{served.process.pid}/fd"))

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        before = None
        for number in range(20):
            write(served, SOURCE.replace('"one"', f'"text {number}"'))
            wait_for(lambda text=f"text {number}": (200, text) in answers[-20:], served, 30)
            before = before or descriptors()
    finally:
        over.set()
        for client in clients:
            client.join(90)
    assert failures == [], served.output
    assert {status for status, _ in answers} == {200}
    assert descriptors() == before
    assert served.output.count("Restarting with watchfiles") == 20


def test_a_request_in_flight_is_finished_by_the_old_code(serve):
    served = serve(*RUN, source=SOURCE).ready()
    waiting = Waiting(served, ["/gate/open"])
    write(served, SOURCE.replace('"one"', '"two"'))
    served.wait_for("Detected change")
    waiting.let_go()
    waiting.join()
    assert waiting.answers == [(200, "one")]
    wait_for_text(served, "two")


def test_a_connection_that_asks_nothing_does_not_hold_a_reload_up(serve):
    served = serve(*RUN, source=SOURCE).ready()
    with socket.create_connection(("127.0.0.1", served.port)):
        time.sleep(0.3)
        write(served, SOURCE.replace('"one"', '"two"'))
        wait_for_text(served, "two")


def test_a_thread_that_never_ends_does_not_hold_a_reload_up(serve):
    # Nobody wants to wait here as long as the reloader does.
    source = SOURCE + (
        "\nthreading.Thread(target=threading.Event().wait).start()"
        "\nfrom erlen.serve.development import ending; ending._LONGEST_EXIT = 0.5\n"
    )
    served = serve(*RUN, source=source).ready()
    write(served, source.replace('"one"', '"two"'))
    wait_for_text(served, "two")


BROKEN = {
    "a name that is not there": (
        "TEXT = NO_SUCH_NAME\n",
        "app.py, line {}: NameError: name 'NO_SUCH_NAME' is not defined\n    TEXT = NO_SUCH_NAME",
    ),
    "a module that is not there": (
        "import no_such_module\n",
        "app.py, line {}: ModuleNotFoundError: No module named 'no_such_module'\n"
        "    import no_such_module",
    ),
    "a syntax error": ("def f(:\n", "app.py, line {}: SyntaxError: invalid syntax\n    def f(:"),
    "an indentation error": (
        "if 1:\npass\n",
        "IndentationError: expected an indented block after 'if' statement on line {}\n    pass",
    ),
    "no application any more": ("app = None\n", "Failed to find an application"),
}


@pytest.fixture(scope="module")
def reloading(serve_all):
    """A server that reloads, for tests that leave it with code that works."""
    return serve_all(*RUN, source=SOURCE).ready()


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_is_told_answered_and_mended(reloading, mistake):
    code, message = BROKEN[mistake]
    told = len(reloading.output)
    write(reloading, SOURCE + code)
    reloading.wait_for(message.format(SOURCE.count("\n") + 1), behind=told)
    assert reloading.request()[0] == 500
    write(reloading, SOURCE.replace('"one"', f'"mended {mistake}"'))
    wait_for_text(reloading, f"mended {mistake}")


def test_another_mistake_in_place_of_one_is_told_too(reloading):
    told = len(reloading.output)
    write(reloading, SOURCE + "\nraise RuntimeError('wrong')\n")
    reloading.wait_for("RuntimeError: wrong", behind=told)
    write(reloading, SOURCE + "\nraise RuntimeError('still wrong')\n")
    reloading.wait_for("RuntimeError: still wrong", behind=told)
    write(reloading, SOURCE.replace('"one"', '"mended"'))
    wait_for_text(reloading, "mended")


def test_a_mistake_in_another_module_is_told_with_its_place(serve):
    served = serve(*RUN, source=SOURCE).ready()
    write(served, "x = 1\nimport no_such_module\n", "shop/prices.py")
    write(served, SOURCE + "import shop.prices\n")
    place = os.path.join("shop", "prices.py")
    served.wait_for(f"{place}, line 2: ModuleNotFoundError")
    # The traceback begins with the application, not with what imports it.
    traceback = served.output.partition("Traceback")[2].splitlines()
    assert traceback[1].strip().startswith(f'File "{served.folder / "app.py"}"')
    write(served, "x = 1\n", "shop/prices.py")
    wait_for_text(served, "one")


def test_a_first_start_may_fail_and_is_mended(serve):
    served = serve(*RUN, source="TEXT = = 1\n")
    served.wait_for("app.py, line 1: SyntaxError")
    assert served.request()[0] == 500
    write(served, SOURCE)
    wait_for_text(served, "one")


def test_a_wrong_name_of_the_application_ends_at_once(serve):
    served = serve("-m", "erlen", "--app", "nothing_here", "--debug", "run", "-p", "PORT")
    assert served.process.wait(60) == 2
    assert "Could not import 'nothing_here'" in served.output


def test_a_mistake_without_the_reloader_ends_at_once(serve):
    served = serve(*RUN, "--no-reload", source="TEXT = = 1\n")
    assert served.process.wait(60) == 1
    assert "SyntaxError" in served.output


@pytest.mark.parametrize("name", ["helper.py", "helper/__init__.py"])
def test_a_missing_module_that_is_written_is_found(serve, name):
    served = serve(*RUN, source=SOURCE + "import helper\nTEXT = helper.text\n")
    served.wait_for("No module named 'helper'")
    write(served, "text = 'helped'\n", name)
    wait_for_text(served, "helped")


@needs_proc
def test_a_file_that_goes_away_for_a_while(serve):
    served = serve(*RUN, source=SOURCE).ready()
    # A file that is moved away while the watching begins is not missed: nothing imports it.
    child = int(served.request("/pid")[1])
    wait_for(lambda: watches(child, served.folder), served)
    (served.folder / "app.py").rename(served.folder / "app.bak")
    served.wait_for("ended with status 2")
    assert served.request()[0] == 500
    (served.folder / "app.bak").rename(served.folder / "app.py")
    wait_for_text(served, "one")


def test_a_file_that_an_editor_replaces(serve):
    served = serve(*RUN, source=SOURCE).ready()
    write(served, SOURCE.replace('"one"', '"two"'), "app.new")
    (served.folder / "app.new").replace(served.folder / "app.py")
    wait_for_text(served, "two")


@needs_proc
def test_a_module_that_is_imported_late_is_watched_too(serve, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "late.py").write_text("text = 'late one'\n")
    source = (
        SOURCE
        + f"""
@app.route("/late")
def late():
    import sys
    sys.path.append({str(elsewhere)!r})
    import late
    return late.text
"""
    )
    served = serve(*RUN, source=source).ready()
    assert served.request("/late") == (200, "late one")
    # It is looked for once in a second.
    child = int(served.request("/pid")[1])
    wait_for(lambda: watches(child, elsewhere), served)
    (elsewhere / "late.py").write_text("text = 'late two'\n")
    served.wait_for(f"Detected change in {str(elsewhere / 'late.py')!r}")
    wait_for(lambda: served.request("/late") == (200, "late two"), served)


def test_all_files_of_an_extra_folder(serve, tmp_path_factory):
    settings = tmp_path_factory.mktemp("settings")
    (settings / "below").mkdir()
    paths = os.pathsep.join([str(settings), "missing.toml"])
    served = serve(
        *RUN,
        "--extra-files",
        paths,
        "--exclude-patterns",
        "*.tmp" + os.pathsep + NOT_ERLEN,
        source=SOURCE,
    )
    served.ready()
    for path in (
        settings / "a.toml",
        settings / "below" / "b.toml",
        served.folder / "missing.toml",
    ):
        before = len(served.output)
        path.with_suffix(".tmp").write_text("not watched")
        path.write_text("x = 1")
        served.wait_for(f"Detected change in {str(path)!r}")
        # Until then the old process answers, and the new one watches nothing.
        served.wait_for("Restarting with", behind=before)
        wait_for_text(served, "one")
    assert ".tmp'" not in served.output


SCRIPT = (
    SOURCE
    + """
from erlen.serve.development import is_running_from_reloader, run_simple
import atexit

print("from reloader:", is_running_from_reloader(), os.environ.get("WERKZEUG_RUN_MAIN"))
atexit.register(print, "at exit", os.getpid())

if __name__ == "__main__":
    OPTIONS.setdefault("exclude_patterns", []).append(NOT_ERLEN)
    run_simple("127.0.0.1", PORT, app, use_reloader=True, **OPTIONS)
"""
)


@pytest.fixture
def script(serve, port):
    def start(**options):
        values = {"PORT": port, "NOT_ERLEN": NOT_ERLEN}
        source = SCRIPT
        for name, value in values.items():
            source = source.replace(name, repr(value))
        served = serve("app.py", source=f"OPTIONS = {options!r}\n{source}")
        served.port = port
        return served.ready()

    return start


def change(served):
    path = served.folder / "app.py"
    path.write_text(path.read_text().replace('TEXT = "one"', 'TEXT = "two"'))


def test_the_child_knows_that_it_is_one(script):
    served = script()
    change(served)
    wait_for_text(served, "two")
    told = [line for line in served.output.splitlines() if line.startswith("from reloader:")]
    assert told == ["from reloader: False None"] + ["from reloader: True true"] * 2
    # What was to run at exit did, in the child that was replaced.
    assert served.output.count("at exit") == 1


@pytest.mark.parametrize(
    ("options", "how"),
    [
        pytest.param({"reloader_type": "stat", "reloader_interval": 1}, "stat", id="stat"),
        pytest.param({"reloader_type": "auto"}, "watchfiles", id="auto"),
        pytest.param({"reloader_interval": 0.1, "threaded": True}, "watchfiles", id="often"),
    ],
)
def test_ways_to_watch(script, options, how):
    served = script(**options)
    served.wait_for(f"Watching files for changes with {how}")
    change(served)
    wait_for_text(served, "two")


def test_extra_files_and_patterns_of_run_simple(script, tmp_path):
    served = script(extra_files=["note.txt"], exclude_patterns=["*/left_out.py"])
    # The first change that matters is the one that is told.
    (tmp_path / "left_out.py").write_text("")
    (tmp_path / "note.txt").write_text("")
    served.wait_for("Detected change in ")
    served.wait_for("note.txt")
    assert "left_out" not in served.output


@needs_proc
def test_a_parent_that_is_killed_takes_its_child_along(serve):
    served = serve(*RUN, source=SOURCE).ready()
    child = int(served.request("/pid")[1])
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()
    wait_for(lambda: not is_alive(child), served)


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_parent_alone_ends_both(serve, how):
    served = serve(*RUN, source=SOURCE).ready()
    child = int(served.request("/pid")[1])
    served.process.send_signal(how)
    assert served.process.wait(60) == 0
    assert not is_alive(child)
    assert "Traceback" not in served.output


@needs_proc
def test_a_signal_in_a_callback_ends_it_too(serve):
    """There Python swallows what a handler raises."""
    source = (
        SOURCE
        + """
import sys, types

class Deleted:
    def __del__(self):
        print("is deleted", flush=True)
        time.sleep(2)

class Module(types.ModuleType):
    @property
    def __file__(self):
        # The reloader asks for it, and what is left behind is deleted there.
        Deleted()

sys.modules["slow"] = Module("slow")
"""
    )
    served = serve(*RUN, source=source)
    served.wait_for("is deleted")
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(4) == 0
    assert "Traceback" not in served.output


def test_a_child_that_is_killed_is_started_at_the_next_change(serve):
    served = serve(*RUN, source=SOURCE).ready()
    os.kill(int(served.request("/pid")[1]), signal.SIGKILL)
    served.wait_for("was killed by signal 9")
    assert served.request()[0] == 500
    write(served, SOURCE.replace('"one"', '"two"'))
    wait_for_text(served, "two")


def test_websockets_keep_their_socket_over_a_reload(serve):
    source = (
        SOURCE
        + """
@app.websocket("/echo")
async def echo():
    ...
"""
    )
    served = serve(*RUN, source=source).ready()
    for text in ("two", "three"):
        write(served, source.replace('"one"', f'"{text}"'))
        # Each request is answered: none is refused while the child is replaced.
        wait_for_text(served, text)
    assert served.output.count("Running on") == 1


def test_a_unix_socket_is_removed_at_the_end(serve, tmp_path):
    path = tmp_path / "s"
    arguments = [part if part != "PORT" else "0" for part in RUN]
    served = serve(*arguments, "--host", f"unix://{path}", source=SOURCE)
    wait_for(path.exists, served)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.makefile("rb").read().endswith(b"\r\n\r\none")
    assert served.stop() == 0
    assert not path.exists()
