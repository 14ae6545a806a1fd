# The commands of the house. On a fresh machine only Python 3.11+ and make are needed.
.DEFAULT_GOAL := help
.PHONY: help run test test-long bench bench-console bench-import bench-manners bench-memory check format audit assets requirements clean runtime development \
        check-format check-lint check-templates check-types check-layers check-django check-assets check-house

VENV := .venv
PY := $(VENV)/bin/python
TEMPLATES := $(shell find templates portal -name '*.html' 2>/dev/null)
# Processes of one test run; ARGS goes to pytest: make test ARGS="tests/tenants -x"
JOBS ?= 2
ARGS ?=
# The checks read the code, not a database: with these values no embedded service is started and no secret is real.
KEY := 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
OFFLINE := DATABASE_URL=postgresql://offline@127.0.0.1:1/offline REDIS_URL=redis://127.0.0.1:1/0 \
           LABSNINJA_BASE_URL=https://offline.example LABSNINJA_HOME=$(CURDIR)/$(VENV)/offline LABSNINJA_SECRET_KEY=$(KEY) \
           LABSNINJA_ENCRYPTION_KEYS=offline:$(KEY) LABSNINJA_TOKEN_PEPPERS=offline:$(KEY)
# uv writes the files' own header and index; both would name the machine that compiled them.
COMPILE := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | awk -F '\t' '{ printf "make %-14s %s\n", $$1, $$2 }'

runtime: # installs what running needs; ends at once when nothing changed
	@sh tools/environment.sh requirements.txt

development: # installs what testing needs on top
	@sh tools/environment.sh requirements-dev.txt

run: runtime ## start everything on this machine: http://localhost:8000, PORT and LABSNINJA_HOME override; Ctrl-C stops
	@exec $(PY) manage.py up

test: development ## run the tests (at most 15 minutes on 2 cores)
	@$(PY) -m pytest -n $(JOBS) --dist loadfile $(ARGS)

test-long: development ## run the long tests: fuzzing, kill seeds, big directories; a whole run writes docs/test-long.md
	@$(PY) -m pytest -m long -n $(JOBS) --dist loadfile $(if $(ARGS),$(ARGS),-p tests.long_report)

bench: development ## measure the SCIM path: N=1000|100000|1000000, GATE=1 fails far from the goals, SECONDS=3, PEERS=django-scim2,scim2-server,scimmy, NOTE="busy machine"
	@$(PY) -m bench.run --users $(or $(N),100000) --seconds $(or $(SECONDS),3) --note "$(NOTE)" $(if $(GATE),--gate) --peers "$(PEERS)"

bench-console: development ## measure the console's lists beside plain SQL: N=100000, GATE=1 fails from 300 ms on
	@$(PY) -m bench.console --users $(or $(N),100000) $(if $(GATE),--gate)

bench-import: development ## measure the first sync of a new tenant: USERS=100000, GROUPS=1000
	@$(PY) -m bench.importing --users $(or $(USERS),100000) --groups $(or $(GROUPS),1000)

bench-manners: development ## measure how more load than there should be is borne: SECONDS=15
	@$(PY) -m bench.manners --seconds $(or $(SECONDS),15)

bench-memory: development ## measure what a web worker holds after a long time: MINUTES=60, PACE=40
	@$(PY) -m bench.endurance --minutes $(or $(MINUTES),60) --pace $(or $(PACE),40)

check: check-format check-lint check-templates check-types check-layers check-django check-assets check-house ## lint, types, layers, house rules

check-format: development
	$(PY) -m ruff format --check .

check-lint: development
	$(PY) -m ruff check .

check-templates: development
	$(if $(TEMPLATES),$(VENV)/bin/djade --target-version 5.2 --check $(TEMPLATES))
	$(if $(TEMPLATES),$(PY) -m djhtml --tabwidth 2 --check $(TEMPLATES))

check-types: development
	@echo mypy && $(OFFLINE) $(PY) -m mypy

check-layers: development
	$(VENV)/bin/lint-imports --no-logo --cache-dir $(VENV)/import-linter

check-django: development
	@echo manage.py makemigrations --check && $(OFFLINE) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@echo manage.py check --deploy && $(OFFLINE) $(PY) manage.py check --deploy --fail-level WARNING

check-assets: development
	$(PY) -m assets.build --check

check-house: development
	$(PY) -m pytest -q tests/house

format: development ## put code and templates into the house's form
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .
	$(if $(TEMPLATES),$(VENV)/bin/djade --target-version 5.2 $(TEMPLATES))
	$(if $(TEMPLATES),$(PY) -m djhtml --tabwidth 2 $(TEMPLATES))

assets: development ## build the committed style sheet from assets/ (needs npm; nothing else does)
	$(PY) -m assets.build

audit: development ## ask whether anything pinned has a known vulnerability; fails when something could not be asked about
	$(PY) -m pip_audit --strict --require-hashes --disable-pip -r requirements-dev.txt

requirements: development ## compile requirements*.txt from requirements*.in; ARGS=--upgrade takes newer versions
	$(COMPILE) $(ARGS) --output-file requirements.txt requirements.in
	$(COMPILE) $(ARGS) --output-file requirements-dev.txt requirements-dev.in

clean: ## remove what tools made; .venv and the data in var/ stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov staticfiles tests/browser/screenshots .coverage
	find . -path ./$(VENV) -prune -o -path ./var -prune -o -name __pycache__ -type d -exec rm -rf {} +
