# Pilothouse. `make run` shows it on a demo health system, `make test` runs every test.
# Needs Python 3.11 or later and make; PYTHON=python3.12 picks another interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-installed
DEV_STAMP := $(VENV)/.dev-installed
FONTS := src/pilothouse/core/fonts/plex-sans.woff2

.DEFAULT_GOAL := help

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

$(VENV)/.uv-installed: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit("Pilothouse needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(RUN_STAMP): $(VENV)/.uv-installed requirements/run.txt pyproject.toml
	@echo "Installing what Pilothouse needs …" >&2
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/run.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/build.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(FONTS): tools/fonts.py $(RUN_STAMP)
	@$(BIN)/python tools/fonts.py src/pilothouse/core/fonts

$(DEV_STAMP): $(RUN_STAMP) requirements/dev.txt
	@echo "Installing what the tests need …" >&2
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: setup
setup: $(RUN_STAMP) $(FONTS) ## Install everything Pilothouse needs into .venv

.PHONY: dev
dev: setup $(DEV_STAMP) ## Install what the tests and checks need as well

DEMO := demo-hospital
ANSWER := demo-answer
DEMO_DAY := 2026-11-02
DEMO_LISTS := $(DEMO)/cmms_export.csv $(DEMO)/network_scan.csv $(DEMO)/asimily.json
DEMO_STAFF := --people $(DEMO)/training/people.csv --evidence $(DEMO)/training/evidence.csv \
    --evidence $(DEMO)/training/statements.json --evidence $(DEMO)/training/badges --meanings $(DEMO)/training/meanings.csv \
    --needs $(DEMO)/training/needs.csv --skills $(DEMO)/training/skills.csv --roster $(DEMO)/training/roster.csv \
    --absences $(DEMO)/training/absences.csv --at $(DEMO_DAY)
DEMO_PLAN := $(DEMO)/plan/options.csv --uses $(DEMO)/plan/uses.csv --limits $(DEMO)/plan/limits.csv

# The demo's lists hold some rows that are wrong on purpose, so that most answers end with 1: some rows were left out.
LEFT_OUT := || test $$? -eq 1

.PHONY: api-schema
api-schema: dev ## Write tests/api/openapi.json anew after a change of the API
	@$(BIN)/python -m pilothouse.config.api_schema tests/api/openapi.json

.PHONY: run
run: setup ## Set up the house with a demo health system and open it on 127.0.0.1:8000
	@$(BIN)/pilothouse demo --load
	@$(BIN)/pilothouse serve

.PHONY: files
files: setup ## Go the whole way on plain files, without a server: register, owners, suppliers, readiness, plan
	@$(BIN)/pilothouse demo $(DEMO) --devices 2500 --seed 7 --as-of $(DEMO_DAY)
	@$(BIN)/pilothouse reconcile $(DEMO_LISTS) --out $(ANSWER) --as-of $(DEMO)/cmms_export.csv=$(DEMO_DAY) \
	    --advisories $(DEMO)/advisories --chain $(DEMO)/chain --at $(DEMO_DAY)T09:00 $(LEFT_OUT)
	@echo
	@$(BIN)/pilothouse who recall --unit NGH-ICU --chain $(DEMO)/chain --at "$(DEMO_DAY) 03:00"
	@echo
	@$(BIN)/pilothouse suppliers score $(DEMO)/parts/receipts.csv --at $(DEMO_DAY) --out $(ANSWER)/suppliers $(LEFT_OUT)
	@echo
	@$(BIN)/pilothouse coverage $(DEMO_STAFF) --out $(ANSWER)/readiness $(LEFT_OUT)
	@echo
	@$(BIN)/pilothouse plan $(DEMO_PLAN) --seconds 3 --out $(ANSWER)/plan $(LEFT_OUT)
	@echo
	@$(BIN)/pilothouse report $(ANSWER)
	@echo "Open $(CURDIR)/$(ANSWER)/index.html"

.PHONY: test
test: dev ## Run every test
	@$(BIN)/python tools/need_browser.py
	@$(BIN)/python -m pytest -n 2 --dist worksteal

.PHONY: test-postgres
test-postgres: dev ## Run every test that uses the database on PostgreSQL (DATABASE_URL names another)
	@$(BIN)/python tools/need_postgres.py
	@DATABASE_URL=$${DATABASE_URL:-postgresql://postgres@127.0.0.1:5432/pilothouse} $(BIN)/python -m pytest -n 2 --dist worksteal -m django_db

.PHONY: lint
lint: dev ## Formatting, types and the floors of the house
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

.PHONY: bench
bench: dev ## Measure every bar; prints the machine and the versions
	@$(BIN)/python -m benchmarks

.PHONY: wheel
wheel: dev ## Build the wheel into dist/
	@rm -rf dist && $(BIN)/python -m hatchling build -t wheel

.PHONY: check-wheel
check-wheel: dev ## Build the wheel and go the whole way with it in an empty environment
	@bash tools/check_wheel.sh

.PHONY: lock
lock: $(VENV)/.uv-installed ## Pin every dependency anew, by hash
	@for name in uv run build dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade requirements/$$name.in -o requirements/$$name.txt; done

.PHONY: clean
clean: ## Remove what was built
	@rm -rf $(VENV) dist $(DEMO) $(ANSWER) .pytest_cache .mypy_cache .ruff_cache .hypothesis src/pilothouse/core/fonts/*.woff2
