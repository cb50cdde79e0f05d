# The same words that the checks use. `make run` and `make test` install what is missing, as root or with sudo.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
DEMO ?= .demo
# One process a core, four at the most: each has a PostgreSQL of its own. `make test WORKERS=0` runs everything in one.
WORKERS ?= $(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$((cores < 4 ? cores : 4)))

.PHONY: run test check bench hunt assurance system clean
.DEFAULT_GOAL := help

help:
	@echo "make run    open visitapp on an invented caseload, with its own server beside it"
	@echo "make test   run every test"
	@echo "make check  style, strict types and the floors;  make bench  measure speed;  make hunt  the long hunts"

# The environment and nothing else: every wheel pinned by hash.
.venv: $(VENV)/.ready
$(VENV)/.ready: installer/requirements-dev.txt pyproject.toml
	@bash installer/python.sh $(PYTHON) $(VENV)
	@touch $@

# System libraries that Qt, the keyring and the tests need; does nothing when all are there.
system:
	@bash installer/debian.sh

run: system .venv
	@$(PY) -m visitapp rehearse --data $(DEMO)

test: system .venv
	@bash installer/session.sh $(PY) -m pytest -n $(WORKERS) --dist worksteal

check: .venv
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

bench: .venv
	@$(PY) tests/benchmarks/sync.py
	@QT_QPA_PLATFORM=offscreen $(PY) -m pytest tests/benchmarks -s -p no:xdist

hunt: system .venv
	@bash installer/session.sh $(PY) -m pytest -m hunt --timeout 7200 tests

# Requirements and hazards with the tests that show them.
assurance: .venv
	@$(PY) -m tests.kit.assurance

clean:
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache build dist
