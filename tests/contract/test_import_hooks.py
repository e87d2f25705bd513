"""Import hooks see the names ``flask.*`` and ``werkzeug.*`` pass by as they see any module."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

# A finder that agents put in front: it asks the others, and is told when the module is there.
HOOK = """
import json, sys
from importlib.util import find_spec

class Loader:
    def __init__(self, loader, told):
        self.loader, self.told = loader, told
    def __getattr__(self, name):
        return getattr(self.loader, name)
    def create_module(self, spec):
        return self.loader.create_module(spec)
    def exec_module(self, module):
        self.loader.exec_module(module)
        self.told(module)

class Finder:
    def __init__(self):
        self.busy, self.asked, self.loaded = set(), [], {}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ("flask", "werkzeug") or name in self.busy:
            return None
        self.asked.append(name)
        self.busy.add(name)
        try:
            spec = find_spec(name)
        finally:
            self.busy.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader, lambda module: self.loaded.setdefault(name, module))
        return spec

finder = Finder()
sys.meta_path.insert(0, finder)
"""
CHECK = """
import flask, flask.app, flask.cli, werkzeug.serving, werkzeug.middleware.proxy_fix
from flask import Flask
print(json.dumps({
    "asked": sorted(set(finder.asked)),
    "loaded": sorted(finder.loaded),
    "are modules": [name for name in finder.loaded if hasattr(finder.loaded[name], "__doc__")
                    and finder.loaded[name] is sys.modules[name]],
    "flask": getattr(finder.loaded.get("flask"), "Flask", None) is Flask,
}))
"""
NAMES = ["flask", "flask.app", "flask.cli", "werkzeug", "werkzeug.serving"]


def run(source, **environ):
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environ},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(found):
    assert set(NAMES) <= set(found["asked"])
    # What it is told is the module itself, with all that is in it.
    assert set(NAMES) <= set(found["loaded"])
    assert set(NAMES) <= set(found["are modules"])
    assert found["flask"]


@pytest.mark.parametrize("order", ["hook first", "hook last"])
def test_a_finder_in_front_sees_each_name(order):
    install = "import erlen.compat; erlen.compat.install()\n"
    check(run(HOOK + install + CHECK if order == "hook first" else install + HOOK + CHECK))


def test_a_finder_that_a_pth_file_or_sitecustomize_puts_there(tmp_path):
    """As agents do that start with the interpreter."""
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    source = f"import json, sys\nfrom sitecustomize import finder\n{CHECK}"
    (tmp_path / "program.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "erlen.compat", str(tmp_path / "program.py")],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout))


def test_an_import_of_flask_brings_the_modules_that_flask_imports():
    """Agents wait for the module that they patch, whoever imports what."""
    install = "import erlen.compat; erlen.compat.install()\n"
    told = run(HOOK + install + "import flask\nprint(json.dumps(sorted(finder.loaded)))")
    assert len(told) > 50
    assert {"flask.app", "flask.cli", "flask.templating", "werkzeug.serving"} <= set(told)
    # What Flask does not import by itself, this does not either.
    assert not {"flask.views", "flask.testing", "flask.debughelpers"} & set(told)
    told = run(HOOK + install + "import werkzeug\nprint(json.dumps(sorted(finder.loaded)))")
    assert {"werkzeug.exceptions", "werkzeug.test"} <= set(told)
    assert "flask" not in told


def test_who_comes_later_finds_the_modules_that_are_patched():
    install = "import erlen.compat, json, sys; erlen.compat.install()\n"
    here = run(
        install + "import flask\n"
        "roots = ('flask.', 'werkzeug.')\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(roots)]))"
    )
    wanted = "flask.app flask.blueprints flask.templating flask.sessions flask.wrappers"
    assert set(wanted.split()) <= set(here)
    assert {"werkzeug.exceptions", "werkzeug.routing", "werkzeug.wrappers.response"} <= set(here)
    # And the others cost their time when they are asked for.
    assert not {"flask.cli", "werkzeug.serving"} & set(here)


@pytest.mark.parametrize("order", ["hook first", "hook last"])
def test_post_import_hooks_of_wrapt(order, missing):
    from importlib.util import find_spec

    if find_spec("wrapt") is None:
        missing("wrapt is not installed (make agents installs it)")
    install = "import erlen.compat; erlen.compat.install()\n"
    hook = """
import json, wrapt
called = []

def patch(module):
    @wrapt.patch_function_wrapper(module, "Flask.wsgi_app")
    def wrapper(wrapped, instance, args, kwargs):
        called.append(args[0]["PATH_INFO"])
        return wrapped(*args, **kwargs)

wrapt.register_post_import_hook(patch, "flask")
"""
    program = """
from flask import Flask
from werkzeug.test import create_environ
app = Flask("x")
app.add_url_rule("/", "index", lambda: "index")
for _ in range(2):
    list(app(create_environ("/"), lambda *args: None))
print(json.dumps(called))
"""
    order = [hook, install] if order == "hook first" else [install, hook]
    assert run("".join(order) + program) == ["/", "/"]
