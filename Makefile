# `make` alone explains the words. Everything happens in .venv, made from the locked requirements.

# The first Python that is new enough and can make a .venv; else the first python3, which then says what is missing.
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done),python3)
PY := .venv/bin/python
ARGS ?=
FILE ?=

.DEFAULT_GOAL := help
.PHONY: help run test check proof bench backup restore reset lock venv venv-dev fmt lint types floors migrations deploy

help:
	@echo "make run              the clinic with its demo, at http://127.0.0.1:8000 (PORT=8001 for another port)"
	@echo "make test             the whole test suite (ARGS='tests/ledger -x' for a part)"
	@echo "make check            format, lint, types, floors, migrations, deployment check, then the suite"
	@echo "make proof            the long crash and race proofs, on a cluster that keeps every commit"
	@echo "make bench            the benchmarks, one line of JSON each"
	@echo "make backup           the database and documents into one file (FILE=... to name it)"
	@echo "make restore FILE=... give a backup back, in place of what is there"
	@echo "make reset            forget the demo: an empty database at the next start"
	@echo "make lock             resolve requirements.in and requirements-dev.in again"
	@echo "parts of check:       make fmt | lint | types | floors | migrations | deploy"

venv:
	@$(PYTHON) scripts/install.py

venv-dev:
	@$(PYTHON) scripts/install.py --dev

run: venv
	@$(PY) manage.py up

test: venv-dev
	@$(PY) -m pytest $(ARGS)

check: venv-dev
	@$(PY) -m ruff format --check .
	@$(MAKE) --no-print-directory lint types floors migrations deploy test

fmt: venv-dev
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

lint: venv-dev
	@$(PY) -m ruff check .

types: venv-dev
	@$(PY) -m mypy

floors: venv-dev
	@$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()"

migrations: venv-dev
	@TANDEM_MODE=test $(PY) manage.py makemigrations --check --dry-run

deploy: venv-dev
	@$(PY) scripts/deploy_check.py

proof: venv-dev
	@TANDEM_PROOF=1 TANDEM_CLUSTER=pgproof $(PY) -m pytest $(if $(findstring tests/,$(ARGS)),,tests/proof) $(ARGS)

bench: venv-dev
	@$(PY) -m bench $(ARGS)

backup: venv
	@$(PY) manage.py backup $(FILE)

restore: venv
	@$(PY) manage.py restore $(FILE)

reset: venv
	@$(PY) manage.py reset

lock: venv-dev
	@$(PY) -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.txt requirements.in
	@$(PY) -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements-dev.txt requirements-dev.in
