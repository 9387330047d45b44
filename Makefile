# `make` lists what there is. Everything runs in .venv, which is made from requirements-dev.lock when it changes.
.DEFAULT_GOAL := help
.PHONY: help demo test bench check format lock migrate-check env portal browser clean
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv/bin
ONLY ?=
HOW ?=
export QUICK

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: env portal  ## Start Portico with a made-up company (PORT=..., DATABASE_URL=...); Ctrl-C stops all of it
	@exec $(VENV)/python -m server demo

test: env portal browser  ## Run the tests (ONLY=tests/server for a part; TEST_DATABASE_URL=... for your PostgreSQL)
	@exec $(VENV)/python $(if $(ONLY),-m pytest $(ONLY),tools/run_tests.py $(HOW))

bench: env portal  ## Measure what the README says (ONLY=live|promise|... for one, QUICK=1 for within 5 minutes)
	@exec $(VENV)/python -m bench $(ONLY)

check: env  ## Format, lint, types, layers, committed schema and policy, the portal's own checks
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/basedpyright
	$(VENV)/lint-imports
	$(VENV)/python -m server schema --check
	$(VENV)/python -m server policy --check
	$(VENV)/python tools/build_portal.py npm run check

format: env  ## Rewrite the Python files as `make check` wants them
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

lock: ## Resolve pyproject.toml into the two lock files (UPGRADE=package to move one, UPGRADE=all for all)
	@$(PYTHON) tools/environment.py lock $(if $(UPGRADE),$(if $(filter all,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))

migrate-check: env  ## Show that the migrations make exactly the tables of models/
	@exec $(VENV)/python -m pytest tests/server/test_migrate.py

clean:  ## Remove the environment and everything that was built (not the demo's data in .portico)
	rm -rf .venv build dist server/static portal_web/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache

env:
	@$(PYTHON) tools/environment.py

portal: env
	@$(VENV)/python tools/build_portal.py

browser:
	@tools/browser.sh
