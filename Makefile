# Every command of the project; `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
WORKERS ?= 2

# Where the shell forbids bytecode each of the processes of a suite would compile the same thousand files at every start.
export PYTHONDONTWRITEBYTECODE :=

# Any of them runs Parvis; the oldest first, for what it can do all can.
PYTHONS := python3.11 python3.12 python3.13 python3.14 python3 /usr/bin/python3

# pip and uv read only what the locks name, and check every byte against its hash.
INSTALL := $(UV) pip install --python $(BIN)/python --require-hashes --no-build
EDITABLE := $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

.PHONY: help setup run demo test screens cover mutants smoke check own lint types imports generated docs bench lock format clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.dev-stamp ## make .venv with all that work on Parvis needs

run: $(VENV)/.run-stamp ## run the whole suite on this machine, on one port
	@exec $(BIN)/python -m services up

demo: $(VENV)/.run-stamp ## play a candidate's whole way against a running suite (ARGS="..." goes to it)
	@exec $(BIN)/python -m services demo $(ARGS)

test: setup ## run every test (ARGS="..." goes to pytest)
	@$(BIN)/python -m tests.servers make --for="$$ARGS"
	@exec $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup $(ARGS)

screens: setup ## open every page in each width, language, with and without scripts; pictures go to var/screens
	@$(BIN)/python -m tests.servers make chromium
	@PARVIS_TEST_PICTURES="$(CURDIR)/var/screens" $(BIN)/python -m pytest tests/screens $(ARGS)

own: setup ## run the tests of what the tests stand on, and note that they pass
	@exec $(BIN)/python -m tests.unchanged

cover: setup ## run every test with branch coverage: domains 100 %, the whole 90 %
	@$(BIN)/python -m tests.servers make
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup --cov --cov-report= $(ARGS)
	$(BIN)/coverage report --include 'services/*/domain/*' --fail-under 100
	$(BIN)/coverage report --fail-under 90

mutants: setup ## change the domains bit by bit, list the changes that no test sees (ARGS="services.accounts.domain*" for some)
	@$(BIN)/mutmut run --max-children $(WORKERS) $(ARGS)
	@$(BIN)/mutmut results

smoke: $(VENV)/.tools-stamp ## install, demo and unit tests on each CPython that is there
	@$(BIN)/python -m tests.interpreters $(ARGS)

check: setup ## lint, types, import contracts, generated documents up to date
	@$(MAKE) --no-print-directory --jobs $(WORKERS) types lint imports generated

imports: setup ## import contracts
	$(BIN)/lint-imports

generated: setup ## whether what is generated from the code is up to date
	$(BIN)/parvis docs --check
	$(BIN)/parvis events check

lint: setup ## ruff: rules and layout; what deploys Parvis
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/check-jsonschema --schemafile tests/architecture/schemas/compose-spec/compose-spec.json docker-compose.yml
	$(BIN)/yamllint --strict --config-file deploy/yamllint.yml docker-compose.yml deploy

types: setup ## mypy, strict
	$(BIN)/mypy

format: setup ## let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: setup ## write the documents that are generated from the code
	$(BIN)/parvis docs

bench: setup ## measure beside the bare limits, write docs/benchmarks.md (ARGS="B3 --quick" for one, tiny)
	@$(BIN)/python -m tests.servers make
	$(BIN)/python -m tests.load $(ARGS)

lock: $(VENV)/.tools-stamp ## resolve the locks anew (ARGS="--upgrade" for newer versions)
	$(COMPILE) $(ARGS) --extra cluster --extra traces --group dev --group tools pyproject.toml --output-file requirements-dev.lock
	$(COMPILE) --constraint requirements-dev.lock --extra cluster --extra traces pyproject.toml --output-file requirements-cluster.lock
	$(COMPILE) --constraint requirements-dev.lock pyproject.toml --output-file requirements.lock
	$(COMPILE) --constraint requirements-dev.lock --group tools --output-file requirements-tools.lock

clean: ## remove .venv and the caches; ./var stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis mutants

$(BIN)/python:
	@find() { \
	  for python in $(PYTHONS); do \
	    $$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && return; \
	  done; \
	  return 1; \
	}; \
	if ! find; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Python with its venv module ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends python3 python3-venv >/dev/null || exit 1; \
	  fi; \
	  find || { echo "Parvis needs Python 3.11 to 3.14 with its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; }; \
	fi; \
	echo "Making $(VENV) with $$python ..."; \
	$$python -m venv $(VENV)

$(VENV)/.tools-stamp: requirements-tools.lock | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement requirements-tools.lock
	@touch $@

$(VENV)/.run-stamp: requirements.lock pyproject.toml | $(VENV)/.tools-stamp
	@echo "Installing what Parvis runs on ..."
	@$(INSTALL) --requirement requirements.lock
	@$(EDITABLE)
	@touch $@

$(VENV)/.dev-stamp: requirements-dev.lock pyproject.toml | $(VENV)/.tools-stamp
	@echo "Installing what the tests and checks need ..."
	@$(INSTALL) --requirement requirements-dev.lock
	@$(EDITABLE)
	@touch $@ $(VENV)/.run-stamp
