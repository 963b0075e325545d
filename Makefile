# Everything runs from .venv; `make setup` makes it, with uv where there is one and with venv and pip where not.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: setup browser demo load test check lint docs bench faults schedules lock clean

setup: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@if command -v uv > /dev/null; then \
		uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) \
		&& uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock \
		&& uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
		$(PYTHON) -m venv $(VENV) \
		&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock \
		&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@

demo: setup ## the sandbox API into a DuckDB file
	@$(BIN)/outreach demo

load: setup ## the main job, with the credentials of .dlt/secrets.toml or the environment
	@$(BIN)/outreach load snovio

test: setup browser ## the whole test suite
	@$(BIN)/pytest -n auto

browser: setup ## a Chromium for the tests of the page, where there is none: from Debian's packages, or Playwright's own
	@command -v chromium > /dev/null || ls ~/.cache/ms-playwright > /dev/null 2>&1 \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null \
			&& apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null; } \
		|| $(BIN)/playwright install chromium

check: setup lint ## linters, types and the quick tests
	@$(BIN)/pytest -n auto -m "not slow" --hypothesis-profile quick

lint: setup ## linters and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

docs: setup ## the pages of docs that are written from the code
	@$(BIN)/python -m docs.generate

bench: setup ## speed, memory, calls, use of the rate and growth, on the sandbox; about an hour
	@$(BIN)/python -m benchmarks

faults: setup ## the long fault suite: killed loads, loads in trouble, scenarios without defence; three quarters of an hour
	@$(BIN)/python -m tests.faults

schedules: setup ## the schedule files, run for real; Airflow goes into .venv-airflow; as root, on Debian
	@$(BIN)/python -m tests.schedules

lock: ## requirements.lock anew from pyproject.toml; needs uv
	@uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-strip-extras --no-header --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

clean:
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis demo.duckdb demo.duckdb.wal
