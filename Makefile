# Every target sets up .venv by itself when it is missing or the lock file has changed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo dagster test check bench nightly lint

setup: $(READY)  ## create .venv from the lock file

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(READY)

demo: $(READY)  ## generate a month of events, build it, print invoices and balances
	$(BIN)/meterhouse demo

dagster: $(READY) .dagster/dagster.yaml  ## Dagster on http://127.0.0.1:3000: schedules and sensors run until Ctrl-C
	VIRTUAL_ENV=$(CURDIR)/.venv DAGSTER_HOME=$(CURDIR)/.dagster $(BIN)/dg dev --host 127.0.0.1

.dagster/dagster.yaml: orchestration/dagster.yaml
	mkdir -p .dagster
	cp $< $@

test: $(READY)  ## all tests that a change must pass
	$(BIN)/python -m pytest -n 2

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/meterhouse compile --check

check: lint test  ## what CI runs

nightly: $(READY)  ## the same proofs, at length
	METERHOUSE_PROFILE=nightly $(BIN)/python -m pytest -n 2

bench: $(READY)  ## ratios made in one run
	$(BIN)/python -m benchmarks
