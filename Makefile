# klaster: everything runs in .venv, which these targets make and keep up to date.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
# Every run of the tests takes another hash seed, to surface anything that hangs on set order.
PYTHONHASHSEED ?= $(shell $(PYTHON) -c "import random; print(random.randrange(2**32))")
export PYTHONHASHSEED
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo peers try-peers test test-all lint format types neo4j bench bench-neo4j docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), f"klaster needs Python 3.11 or newer, this is {sys.version.split()[0]}: call make PYTHON=python3.12, say"'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/python tools/link_src.py
	@touch $@

$(PEERS)/.done: requirements/peers.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --require-hashes -r requirements/peers.txt
	@touch $@

setup: $(VENV)/.dev  ## everything for working on klaster, into .venv
	@tools/install_test_tools.sh

demo: $(VENV)/.run  ## run the main job on the Kazakhstan case into out/kazakhstan
	@$(BIN)/klaster demo --out out/kazakhstan

peers: $(PEERS)/.done  ## MARIO, which results are compared with, in an environment of its own

# Where it cannot be had, for want of a wheel, say, its tests are skipped and say so.
try-peers:
	@$(MAKE) --no-print-directory peers || { test "$${CI:-}" != true && \
	  echo "note: MARIO could not be installed: the tests against it are skipped"; }

test: $(VENV)/.dev try-peers  ## run every test but the slow ones
	@tools/install_test_tools.sh
	@$(MAKE) --no-print-directory lint types
	@echo "PYTHONHASHSEED=$(PYTHONHASHSEED)"
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

test-all: $(VENV)/.dev try-peers  ## run every test, the slow ones too
	@tools/install_test_tools.sh
	@$(MAKE) --no-print-directory lint types
	@echo "PYTHONHASHSEED=$(PYTHONHASHSEED)"
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.dev  ## ruff: style and faults
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev  ## ruff: mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev  ## mypy strict
	@$(BIN)/python tools/link_src.py
	$(BIN)/mypy

neo4j: $(VENV)/.run  ## a Neo4j server to play with, the demo case and its findings loaded (GDS=2.13.9: with that library)
	$(BIN)/python tools/neo4j/neo4j_server.py run --keep $(if $(GDS),--gds $(GDS)) -- bash -c \
	  'NEO4J_PASSWORD=$$NEO4J_TEST_PASSWORD $(BIN)/klaster analyze cases/kazakhstan --store $$NEO4J_TEST_URI'

bench: $(VENV)/.dev try-peers  ## speed as ratios against named peers, in one run
	$(BIN)/python benchmarks/run.py

bench-neo4j: $(VENV)/.dev  ## load rates into Neo4j beside plain ways on the same server
	$(BIN)/python benchmarks/bench_neo4j.py

docs: $(VENV)/.dev  ## rewrite the generated pages of docs/
	$(BIN)/python tools/build_docs.py
	$(BIN)/python tools/draw_house.py

lock: $(VENV)/.dev  ## resolve the dependencies anew (run after changing pyproject.toml)
	$(BIN)/python tools/lock.py

clean:  ## remove what these targets made
	rm -rf $(VENV) $(PEERS) build dist out .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
