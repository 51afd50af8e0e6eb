# One command for each thing that is done here; each does the set-up that it needs.
# `make setup PYTHON=python3.12` chooses the interpreter, `make run PORT=8001` the port.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8000
NAME ?= ingest
ARGS ?=
WORKERS ?= 2
# The first interpreter that the project runs on.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
# The newest PostgreSQL that the system brings, for the tests marked `database`.
SYSTEM_POSTGRES ?= $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
STAMP := .venv/.synced

export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# Nothing of uv's asks a user without a home for one.
export UV_CACHE_DIR ?= $(shell test -w "$${HOME:-/nonexistent}" && echo "$$HOME/.cache/uv" || echo "$(CURDIR)/var/cache/uv")

.PHONY: help setup setup-browser run test test-system-postgres check fix bench vendor screenshots

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-22s %s\n", $$1, $$2 }'

setup: $(STAMP) ## A virtual environment with the locked dependencies; quick when nothing changed

$(STAMP): uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: apt-get install python3-venv), or set PYTHON=" >&2; exit 2; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.7"
	@$(BIN)/uv sync --frozen --compile-bytecode --quiet --python $(BIN)/python
	@touch $@

setup-browser: ## Debian's Chromium for the tests marked `browser`, when it is missing and we may install it
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& export DEBIAN_FRONTEND=noninteractive && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
		|| echo "Chromium is missing: the browser's tests are skipped (Debian: apt-get install chromium)" >&2

run: export SREXPERT_WITH_PARENT := yes
run: setup ## Everything on this machine, with the demo; Ctrl-C stops it
	@exec $(MANAGE) up --demo --port $(PORT)

test: export SREXPERT_STATE_DIR := $(CURDIR)/var/test
test: export SREXPERT_EMBEDDED_DURABLE := no
test: setup ## All tests on the embedded PostgreSQL, then those marked `database` on the system's
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)
	@$(MAKE) --no-print-directory test-system-postgres

test-system-postgres: export SREXPERT_STATE_DIR := $(CURDIR)/var/test
test-system-postgres: export SREXPERT_EMBEDDED_DURABLE := no
test-system-postgres: setup ## The tests marked `database` on a temporary cluster of the system's PostgreSQL
ifneq ($(SYSTEM_POSTGRES),)
	@$(BIN)/python -m srexpert.embedded.temporary --binaries $(SYSTEM_POSTGRES) -- \
		$(BIN)/python -m pytest -n $(WORKERS) -m database
else
	@echo "The system has no PostgreSQL: the tests marked database ran on the embedded one only"
endif

check: export SREXPERT_STATE_DIR := $(CURDIR)/var/check
check: setup ## Lint, types, layers, templates, migrations, deployment checks, house rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/djlint templates --lint --quiet
	@$(MANAGE) makemigrations --check --dry-run
	@SREXPERT_PUBLIC_URL=https://srexpert.example $(MANAGE) check --deploy --fail-level WARNING
	@$(BIN)/python -m pytest -q tests/house

fix: setup ## What the linters can mend by themselves
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

bench: setup ## A measurement against its reference: make bench NAME=ingest
	@$(MANAGE) bench $(NAME) --format json

vendor: setup ## Fetch the vendored browser libraries by their manifest
	@$(MANAGE) vendor

screenshots: setup setup-browser ## Pictures of the pages, at 1440 and 390 px
	@$(MANAGE) screenshots
