# All that is needed: Python 3.11 or newer, git, make. On Debian and Ubuntu the module venv
# is a package of its own: apt install python3-venv.

# The oldest interpreter that will do, or the one given: make PYTHON=python3.13 test
PYTHON ?= python3
BIN := .venv/bin
DOCS := README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md docs

.PHONY: setup demo test test-throttled fuzz check format clean

setup: .venv/.done

.venv/.done: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "CirruSQL needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "no virtual environment can be made: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# An AWS of your own on this machine, and one query over it. No credentials.
demo: setup
	@$(BIN)/cirrusql exec --sandbox -i src/cirrusql/apps/sandbox/demo.sql

test: setup
	$(BIN)/pytest -n auto --dist worksteal

# The same with 30 % of all our calls throttled at random; the layers that make no call are left out.
test-throttled: setup
	TESTS_THROTTLE=0.3 $(BIN)/pytest -n auto --dist worksteal tests/transport tests/session tests/apps tests/docs

# What the tests try at random in short, many times over: make fuzz N=20000
fuzz: N ?= 5000
fuzz: setup
	FUZZ=$(N) $(BIN)/pytest -n auto tests/fuzz

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell $(DOCS) src

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
