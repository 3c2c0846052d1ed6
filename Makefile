# make run: set up and start the app. make test: set up and run every test.

PORT ?= 8501
# The first of these that is Python 3.11, 3.12 or 3.13.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# One more than there are cores, for a test of the browser waits for the app half of its time.
PROCESSES ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 4 ? n + 1 : 4)))

.PHONY: run class test test-fast fuzz soak lint lock bench setups train map clean lint-scripts

run: .venv/run.stamp
	$(BIN)/streamlit run app.py --server.port $(PORT)

# The same for every device in this computer's network, such as a class's phones.
class: .venv/run.stamp
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.address 0.0.0.0

test: .venv/dev.stamp
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.postgres
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadscope --no-loadscope-reorder

# Those that need no page, no training, no browser, and each less than a second: about a minute on two cores.
test-fast: .venv/dev.stamp
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadscope -m "not slow" tests/unit

# 20,000 malformed files of every kind: reports tracebacks, hangs over 2 s, and memory over 500 MB.
fuzz: .venv/dev.stamp
	$(BIN)/python -W ignore -m tests.fuzz 20000

# An hour or so: workers and servers are killed 100 times each at random moments, on SQLite and PostgreSQL.
soak: .venv/dev.stamp
	$(BIN)/python -m tests.postgres
	$(BIN)/python -m tests.soak

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-scripts; \
	else echo "The scripts were not checked: there is no Node on this computer."; fi

# ESLint and TypeScript read the scripts; the app itself needs no Node.
lint-scripts: lint/node_modules/.package-lock.json
	npm --prefix lint run --silent lint

lint/node_modules/.package-lock.json: lint/package-lock.json
	npm --prefix lint ci --loglevel=error --no-audit --no-fund
	touch $@

bench: .venv/dev.stamp .venv-gradio/stamp
	$(BIN)/python -m benchmarks

# Two hundred random trainings that the form accepts: none may end the worker (ten minutes on two cores).
setups: .venv/dev.stamp
	$(BIN)/python -m tests.setups 200

# The shipped network, made again with PEN_DIGITS, UNIPEN_DIGITS and UNIPEN_CHARACTERS (docs/model-card.md says what
# they are; with fewer of them it becomes another one): first its six teachers, into .teachers, where those that are
# there already stay. A quarter of an hour on a large GPU, and days without one, where `--recipe digit-lab` learns
# the same in 81 minutes from labels alone.
PENS = $(if $(PEN_DIGITS),--pen-digits $(PEN_DIGITS)) \
	$(if $(UNIPEN_DIGITS),--unipen-digits $(UNIPEN_DIGITS)) \
	$(if $(UNIPEN_CHARACTERS),--unipen-characters $(UNIPEN_CHARACTERS))
TEACHERS := $(foreach seed,1 2 3,.teachers/teacher-wide.$(seed) .teachers/teacher-deep.$(seed))

train: $(TEACHERS:=/network.json)
	$(BIN)/python -m core train --recipe digit-lab-taught --seed 1 --teachers .teachers \
		--out assets/models/digit-lab $(PENS)
	$(MAKE) --no-print-directory map

.teachers/%/network.json: | .venv/run.stamp
	$(BIN)/python -m core train --recipe $(basename $*) --seed $(subst .,,$(suffix $*)) --out $(@D) $(PENS)

# Where the shipped network puts MNIST's digits, so that its map is there at once, and the loss around the
# networks that come with the app (some minutes).
map: .venv/run.stamp
	$(BIN)/python -m core map
	$(BIN)/python -m core landscapes

clean:
	rm -rf .venv .venv-gradio .venv-lock lint/node_modules

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Digit Lab needs Python 3.11, 3.12 or 3.13; none was found. Name yours: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# Every version, those that others bring too, and what each file has to hash to; `make lock` writes them anew.
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes

.venv/run.stamp: requirements.lock | .venv/bin/python
	$(INSTALL) -r requirements.lock
	touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(INSTALL) -r requirements-dev.lock
	touch $@

# After a change of requirements*.txt. Nothing newer is taken than they ask for, unless UPGRADE=--upgrade.
COMPILE := .venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-annotate --custom-compile-command "make lock" $(UPGRADE)

lock: .venv-lock/bin/uv
	$(COMPILE) requirements.txt -o requirements.lock
	$(COMPILE) -c requirements.lock requirements-dev.txt -o requirements-dev.lock

.venv-lock/bin/uv: | .venv/bin/python
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --disable-pip-version-check --quiet uv==0.13.9

# Gradio is only compared with, so it lives apart.
.venv-gradio/stamp: benchmarks/requirements-gradio.txt | .venv/bin/python
	$(PYTHON) -m venv .venv-gradio
	.venv-gradio/bin/python -m pip install --disable-pip-version-check --quiet -r $<
	touch $@
