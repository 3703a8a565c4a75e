PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test check format

setup: .venv/.done
.venv/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: setup
	$(BIN)/cirrusql exec --sandbox -i src/cirrusql/apps/sandbox/demo.sql

test: setup
	$(BIN)/pytest -n auto

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md docs src

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
