# VenueFinder. `make help` lists the targets. Needs Python 3.11+ and make; everything else goes into .venv.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo serve web client pictures test test-models soak check bench clean lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: $(READY) ## make .venv with everything in requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"VenueFinder needs Python 3.11+, found {sys.version.split()[0]}; run: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

demo: setup ## find venues: database, sample venues, ingestion, three questions
	@$(BIN)/python -m samples.demo

web: setup ## build the page that `serve` serves
	@$(BIN)/python -m web.build

client: setup ## make the TypeScript client's types anew from the API
	@$(BIN)/python -m web.generate

pictures: setup ## make the pictures of the README anew, with `make serve` running and a Chromium
	@CHROMIUM="$$(command -v chromium || command -v google-chrome)" $(BIN)/python -m web.build pictures

serve: setup ## serve the page and the HTTP API on 127.0.0.1:8000
	@$(BIN)/python -m web.build --if-possible
	$(BIN)/venuefinder serve

bench: setup ## ingestion and search against their ceilings, peers, memory, ranking
	$(BIN)/python -m benchmarks.ingest_throughput
	$(BIN)/python -m benchmarks.ingest_peers
	$(BIN)/python -m benchmarks.ingest_beside_search
	$(BIN)/python -m benchmarks.search --photos 10000 --json search-10k.json
	$(BIN)/python -m benchmarks.parser
	$(BIN)/python -m benchmarks.ingest_scale
	$(BIN)/python -m benchmarks.venue_ranking

lock: ## resolve the dependencies anew, for every platform
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --all-extras --group dev --upgrade pyproject.toml --output-file requirements.lock

check: setup ## lint, types, import contracts, the page too
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python -m web.build check

test: setup ## the whole suite, on a real Postgres; JOBS=1 for one process
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

test-models: setup ## small models of further architectures, through the same tests
	$(BIN)/pytest -m models

soak: setup ## kills, restarts, full disks, 10,000 mutated photos: a quarter of an hour; root, for a small disk
	$(BIN)/pytest -m soak

clean: ## remove the environment, caches and the demo's data
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist venuefinder-data venuefinder/page web/node_modules
