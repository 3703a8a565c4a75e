# You need Python 3.11 or newer, git and make. On Debian and Ubuntu also: apt install python3-venv

# To use another interpreter: make PYTHON=python3.13 test
PYTHON ?= python3
BIN := .venv/bin
DOCS := README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md docs

.PHONY: setup demo about-demo demo-stack test test-throttled fuzz check format clean

setup: .venv/.done

.venv/.done: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "CirruSQL needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "Creating a virtual environment failed. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing CirruSQL and the packages that it needs into .venv: a few minutes, only once." >&2
	@$(BIN)/python tools/install.py -c constraints.txt -e '.[dev]'
	@touch $@

# A simulated AWS on this machine, and one query over it. No credentials.
DEMO := src/cirrusql/apps/sandbox/demo.sql
demo: about-demo setup
	@cat $(DEMO)
	@echo
	@$(BIN)/cirrusql exec --sandbox -i $(DEMO)
	@echo
	@echo "Three commands to try next:"
	@echo "  $(BIN)/cirrusql shell --sandbox"
	@echo "  $(BIN)/cirrusql cookbook run people-without-mfa --sandbox"
	@echo "  $(BIN)/cirrusql exec --sandbox --dry-run \"DELETE FROM aws.iam.access_keys WHERE Status = 'Inactive'\""

about-demo:
	@echo "This starts a simulated AWS account on this machine, fills it with the resources of a small"
	@echo "company and runs one query. It needs no account and no credentials, and takes about ten seconds."
	@echo

# Desired state: plans, applies, mends and destroys demo-stack/ on the sandbox. No credentials.
demo-stack: setup
	@$(BIN)/python tools/demo_stack.py

# In the same order with the same samples in every run, so that what fails is a change's fault.
test: setup
	$(BIN)/pytest -n auto --dist worksteal -p randomly --randomly-seed=$${TESTS_SEED:-1}

# The tests that make calls, with 30 % of the calls throttled at random.
test-throttled: setup
	TESTS_THROTTLE=0.3 $(BIN)/pytest -n auto --dist worksteal tests/transport tests/session tests/apps tests/docs

# The random tests with many more cases: make fuzz N=20000
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
