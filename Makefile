# Everything a person runs. A fresh machine needs python3, make and the package indexes; the rest is set up here.
SHELL := /bin/sh
.DEFAULT_GOAL := help
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE ?= copy
# Small matrices on several threads wait for each other, most of all beside other processes.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
# Modules are compiled once, not in each of the hundreds of processes that tests start.
unexport PYTHONDONTWRITEBYTECODE

UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
ARGS ?=
STAMP := .venv/.synced
NEXT := .venv-next
NEXT_DUCKDB := 2.0.0

.PHONY: help setup demo up dev test test-long test-next lint format coverage sbom clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.tools/bin/uv:
	@echo "fetching uv into .tools/"
	@python3 -m pip install --quiet --disable-pip-version-check --target .tools uv 2>/dev/null \
		|| { python3 -m venv .tools/venv && .tools/venv/bin/pip install --quiet uv && mkdir -p .tools/bin \
		&& ln -sf ../venv/bin/uv .tools/bin/uv; } \
		|| { echo "uv could not be fetched: python3 needs pip or venv (Debian: apt-get install python3-venv)" >&2; exit 1; }

$(STAMP): pyproject.toml uv.lock | $(if $(findstring .tools,$(UV)),.tools/bin/uv)
	@$(UV) sync --frozen --quiet
	@touch $@

setup: $(STAMP) ## install what uv.lock pins into .venv

demo: $(STAMP) ## the main job on this machine's own data, then serve it (ARGS=--no-serve ends instead)
	@$(RUN) analytics demo $(ARGS)

up: $(STAMP) ## PostgreSQL, API, Dagster UI and daemon until Ctrl-C
	@$(RUN) analytics up $(ARGS)

dev: $(STAMP) ## `dagster dev` with state kept and PostgreSQL beside it
	@$(RUN) analytics dev $(ARGS)

test: $(STAMP) ## style, types, architecture and every test (ARGS goes to pytest)
	@$(RUN) ruff check .
	@$(RUN) ruff format --check --quiet .
	@mkdir -p build
	@{ $(RUN) mypy && $(RUN) lint-imports; } > build/lint.txt 2>&1 & checks=$$!; \
		$(RUN) pytest -n 3 --dist worksteal -m "not long" $(ARGS); tests=$$?; \
		wait $$checks; types=$$?; cat build/lint.txt; exit $$((tests | types))

test-long: $(STAMP) ## the counts that take minutes: kills, soaks, all examples of the property tests
	@TEST_LONG=1 $(RUN) pytest -m "long or hypothesis" --timeout 3600 $(ARGS)

$(NEXT)/.synced: pyproject.toml uv.lock | $(if $(findstring .tools,$(UV)),.tools/bin/uv)
	@UV_PROJECT_ENVIRONMENT=$(NEXT) $(UV) sync --frozen --quiet --inexact --no-install-package duckdb
	@$(UV) pip install --quiet --python $(NEXT)/bin/python "duckdb==$(NEXT_DUCKDB)"
	@touch $@

test-next: $(NEXT)/.synced ## the suite on the next DuckDB, in an environment of its own
	@$(NEXT)/bin/python -m pytest -n 2 -m "not long and not needs_extension" $(ARGS)

lint: $(STAMP) ## ruff, mypy --strict, import-linter
	@$(RUN) ruff check .
	@$(RUN) ruff format --check --quiet .
	@$(RUN) mypy
	@$(RUN) lint-imports

format: $(STAMP) ## put the code into the project's style
	@$(RUN) ruff check --fix --quiet .
	@$(RUN) ruff format --quiet .

coverage: $(STAMP) ## branch coverage into htmlcov/, at least 90 %
	@$(RUN) pytest -n 2 -m "not long and not fault" --cov --cov-report=html --cov-report=term $(ARGS)

sbom: $(STAMP) ## the locked dependencies as CycloneDX into build/sbom.json
	@mkdir -p build
	@$(UV) export --frozen --format cyclonedx1.5 --no-dev --quiet -o build/sbom.json && echo build/sbom.json

clean: ## remove what the targets made, but no data
	@rm -rf .venv $(NEXT) .tools .mypy_cache .ruff_cache .pytest_cache htmlcov build
