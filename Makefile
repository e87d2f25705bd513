# Erlen: every target sets up what it needs. PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
JOBS ?= 2
BIN := $(VENV)/bin
# With it, each process of the tests would compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE
# Answers of the test client go through wsgiref.validate.
TEST_ENV := ERLEN_VALIDATE_WSGI=1

.PHONY: run vendor test attack agents parity lint types conformance extensions fuzz bench gate profile garbage scale clean help

help:
	@echo "make run          serve Chirp, the example application, on http://$(HOST):$(PORT)"
	@echo "make test         run the test suite"
	@echo "make attack       attack erlen serve on both interfaces (ATTACK_ARGS='--times 20 --only 94')"
	@echo "make parity       run the application under every server, with floods and faults"
	@echo "make agents       run the contract with real middleware, agents and extensions"
	@echo "make lint types   run ruff, mypy and pyright"
	@echo "make conformance  run Flask's and Werkzeug's own test suites against Erlen"
	@echo "make fuzz         try random input on every parser (FUZZ_ARGS='--seconds 3600')"
	@echo "make extensions   run the suites of Flask's extensions on Flask and on Erlen"
	@echo "make bench        compare with other frameworks"
	@echo "make gate         count instructions, and fail if a request takes more than it did or may"
	@echo "make profile garbage scale   where the time is, what is left behind, how cost grows"

$(VENV)/.made:
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml
	@echo "== installing Erlen"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run pyproject.toml
	@echo "== installing the test tools"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary orjson --group orjson \
		|| echo "== no wheel of orjson: its tests are skipped"
	@touch $@

$(VENV)/.lint: $(VENV)/.test pyproject.toml
	@echo "== installing the lint and type tools"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group lint
	@touch $@

$(VENV)/.conformance: $(VENV)/.lint pyproject.toml
	@echo "== installing what the conformance suites import"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group conformance
	@touch $@

$(VENV)/.chirp: $(VENV)/.run pyproject.toml
	@echo "== installing what Chirp stands on"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group chirp
	@touch $@

# The first start makes a few people, and each says whom to log in as.
run: $(VENV)/.chirp
	@echo "== serving Chirp: http://$(HOST):$(PORT)"
	@$(BIN)/erlen --app examples/chirp/chirp demo
	@exec $(BIN)/erlen --app examples/chirp/chirp serve --host $(HOST) --port $(PORT)

# Bootstrap's CSS for Chirp, in the version that its package.json pins.
vendor:
	@echo "== copying Bootstrap's CSS from npm"
	@cd examples/chirp && npm ci --silent --ignore-scripts
	@sed 's|/\*# sourceMappingURL=.*\*/||' examples/chirp/node_modules/bootstrap/dist/css/bootstrap.min.css \
		> examples/chirp/chirp/static/vendor/bootstrap/bootstrap.min.css
	@cp examples/chirp/node_modules/bootstrap/LICENSE examples/chirp/chirp/static/vendor/bootstrap/

# PYTEST_ARGS chooses a part, JOBS says on how many processes it runs. What runs against several
# servers is "make parity".
test: $(VENV)/.test $(VENV)/.chirp
	@echo "== running the test suite on $(JOBS) processes"
	@$(TEST_ENV) $(BIN)/python -m pytest -q -rs -n $(JOBS) --dist loadfile --ignore=tests/parity --ignore=tests/faults \
		--ignore=tests/extensions \
		--ignore=examples/chirp/tests/browser $(PYTEST_ARGS)

# Of tests/wire/attacks: what the test suite runs as well, with a line for each.
attack: $(VENV)/.test
	@echo "== attacks on erlen serve"
	@PYTHONPATH=tests/wire $(BIN)/python -m attacks $(ATTACK_ARGS)

$(VENV)/.servers: $(VENV)/.test pyproject.toml
	@echo "== installing the other servers"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group servers
	@touch $@

$(VENV)/.agents: $(VENV)/.test pyproject.toml
	@echo "== installing what hooks into applications"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group agents
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "flask-sqlalchemy>=3.1,<4" "prometheus-flask-exporter>=0.23"
	@touch $@

agents: $(VENV)/.agents
	@echo "== the contract with whoever hooks in: middleware, agents, extensions"
	@$(TEST_ENV) ERLEN_REQUIRE_SERVICES=1 $(BIN)/python -m pytest -q -rs tests/contract $(PYTEST_ARGS)

parity: $(VENV)/.servers
	@echo "== the same requests against every server, floods and faults"
	@$(TEST_ENV) ERLEN_REQUIRE_SERVICES=1 $(BIN)/python -m pytest -q -rs tests/parity tests/faults $(PYTEST_ARGS)

lint: $(VENV)/.lint
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== the twins of the walk"
	@$(BIN)/python tools/to_sync.py --check

# Of the sources, of what applications see, and of the code in the documents.
types: $(VENV)/.lint
	@$(BIN)/python tools/documents.py build/documents
	@echo "== mypy"
	@$(BIN)/mypy
	@echo "== pyright"
	@$(BIN)/pyright
	@echo "== types of public names"
	@$(BIN)/python tools/complete_types.py

conformance: $(VENV)/.conformance
	@echo "== Flask's and Werkzeug's own test suites"
	@$(BIN)/python conformance/run.py

$(VENV)/.fuzz: $(VENV)/.run pyproject.toml
	@echo "== installing the fuzzer"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group fuzz
	@touch $@

# Ten minutes for all targets together; what was found is kept in .cache/fuzz.
fuzz: $(VENV)/.fuzz
	@echo "== fuzzing"
	@$(BIN)/python fuzz/run.py $(FUZZ_ARGS)

# EXTENSIONS chooses some by their titles: make extensions EXTENSIONS="wtf login".
extensions: $(VENV)/.test
	@echo "== the extensions of Flask, on Flask and on Erlen"
	@$(BIN)/python conformance/extensions.py $(EXTENSIONS)

$(VENV)/.bench: $(VENV)/.run pyproject.toml
	@echo "== installing what the benchmarks measure"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

bench: $(VENV)/.bench
	@echo "== benchmarks"
	@$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

# GATE_ARGS=--write renews the tables; "--write --flask" Flask's figures too; "--only hello" counts it.
gate: $(VENV)/.run
	@echo "== instructions and calls of a request"
	@$(BIN)/python benchmarks/instructions.py $(GATE_ARGS)

$(VENV)/.profile: $(VENV)/.run pyproject.toml
	@echo "== installing the profiler"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group profile
	@touch $@

# PROFILE_ARGS='--only JSON' looks at one scenario; the same goes for SCALE_ARGS.
profile: $(VENV)/.profile
	@echo "== where the time of a request is"
	@$(BIN)/python benchmarks/cost_map.py $(PROFILE_ARGS)

garbage: $(VENV)/.run
	@echo "== what a million requests leave behind"
	@$(BIN)/python benchmarks/garbage.py $(GARBAGE_ARGS)

scale: $(VENV)/.run
	@echo "== how the cost of a request grows"
	@$(BIN)/python benchmarks/scale.py $(SCALE_ARGS)

clean:
	rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache
