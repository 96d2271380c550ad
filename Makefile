# Perak Celuk. `make help` lists what there is; everything runs from .venv, which the first call makes.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PROCESSES ?= $(shell nproc 2>/dev/null || echo 2)
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PO := $(wildcard marketplace/translations/*/LC_MESSAGES/messages.po)

.PHONY: help run serve test check test-only test-long bench messages lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: .venv/runtime $(PO:.po=.mo) ## the shop with its demo catalog on http://127.0.0.1:5000
	@$(BIN)/python -m marketplace.serve

serve: .venv/runtime $(PO:.po=.mo) ## the same under the production server, a process per core, from the environment
	@$(BIN)/python -m marketplace.serve --processes $(PROCESSES)

test: check test-only ## all checks and all tests that can run here

test-only: .venv/dev $(PO:.po=.mo)
	@$(BIN)/python -m pytest -n $(JOBS) -rs

check: .venv/dev $(PO:.po=.mo) ## ruff, mypy, djlint, import contracts, translations, lock
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/djlint templates --check --lint --quiet
	@PYTHONPATH=. $(BIN)/lint-imports
	@$(BIN)/python scripts/translations.py check
	@$(BIN)/python scripts/lock.py check

test-long: .venv/dev $(PO:.po=.mo) ## 10,000 random walks through the shop's money, each proved by the books (half an hour)
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest tests/books/test_walk.py tests/payments/test_money_crashes.py

bench: .venv/dev $(PO:.po=.mo) ## how fast the public pages are, beside an empty view; how long a month's money and a file of pieces take
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.money
	@$(BIN)/python -m bench.files

messages: .venv/dev ## collect the texts of code and templates into the catalogs
	@$(BIN)/python scripts/translations.py collect

lock: .venv/dev ## write both lock files anew from pyproject.toml
	@$(BIN)/python scripts/lock.py write

clean: ## remove the environment and everything that was made (the demo database too)
	rm -rf .venv instance .pytest_cache .mypy_cache .ruff_cache .hypothesis

%.mo: %.po .venv/runtime
	@$(BIN)/python scripts/translations.py compile

# The environment holds exactly what the lock names; it is brought in step when the lock changed.
.venv/runtime: requirements.lock scripts/need.sh
	@bash scripts/need.sh "$(PYTHON)"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	@echo "Installing what the shop needs …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
