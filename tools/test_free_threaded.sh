#!/usr/bin/env bash
# test_free_threaded.sh [PYTEST ARGUMENT...]: runs the tests on a free-threaded Python 3.13, warnings as
# errors. Granian has no wheel for it and is left out, with the tests of servers. Not a part of CI, as the
# interpreter has to be built.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(tools/get_python.sh 3.13t)
venv=.cache/venv-3.13t

wanted='
import tomllib
with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)
names = project["project"]["dependencies"] + project["dependency-groups"]["test"]
print(*(name for name in names if not name.startswith("granian")), sep="\n")
'
if [ ! -e "$venv/.made" ]; then
  "$python" -m venv "$venv"
  "$venv/bin/python" -c "$wanted" >"$venv/requirements.txt"
  pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
  "${pip[@]}" --only-binary :all: -r "$venv/requirements.txt" hatchling editables
  "${pip[@]}" --no-deps --no-build-isolation -e .
  touch "$venv/.made"
fi

parts=(app cli compat context contract debug features http json middleware protection routing security
  sessions templating testing walk workers)
echo "left out: tests/serve, parity, faults, extensions, quickstart, and those with a browser"
exec "$venv/bin/python" -W error -m pytest -q -rs -n 2 --dist loadfile "${parts[@]/#/tests/}" \
  --ignore=tests/security/test_browser.py --ignore=tests/debug/test_browser.py "$@"
