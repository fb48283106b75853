# Everything runs inside .venv; a machine needs Python 3.11 (or newer) and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
TARGETING_HOME ?= var
ASSETS := api/pages/static/vendor
ESTABLISHMENTS ?= 40000
SEED ?= 2026

export TARGETING_HOME
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# uv would otherwise fetch an interpreter from outside.
export UV_PYTHON_DOWNLOADS := never
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true
# Empty means off: without compiled sources every process starts seconds later.
export PYTHONDONTWRITEBYTECODE :=
# Two LightGBM threads that busy-wait on shared cores are slower than one.
export OMP_WAIT_POLICY := PASSIVE
export PYTHONHASHSEED := 0

.DEFAULT_GOAL := help
.PHONY: help setup assets run demo serve test test-night check benchmark audit format lock clean

##@ For a newcomer
help: ## list every target
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## install the locked environment into .venv, and what the pages are dressed in
	@$(MAKE) -s assets || echo "The pages' style sheets could not be installed (above): the pages work undressed. Try again: make assets" >&2

assets: $(ASSETS)/.ready ## install the style sheets, htmx and the font of the pages

run: demo ## build a synthetic Norway, train, score, list 300 inspections, and serve it on http://127.0.0.1:8000
	$(BIN)/python -m pipelines serve --development-login

demo: setup ## the same, but exit 0 instead of serving
	$(BIN)/python -m pipelines demo --establishments $(ESTABLISHMENTS) --seed $(SEED)

serve: setup ## serve the published run that is there
	$(BIN)/python -m pipelines serve --development-login

##@ For a developer
test: setup ## run the tests of each change
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

benchmark: setup ## measure every promised ratio in one run
	mkdir -p benchmarks/results
	$(BIN)/python -m benchmarks --establishments $(ESTABLISHMENTS) --out benchmarks/results/quarter.json

test-night: setup ## run what takes too long for each change: fifty kills, a cluster, the demo, every state of every page
	TARGETING_KILLS=50 TARGETING_EXAMPLES=500 $(BIN)/python -m pytest -q -n 2 --dist loadfile -m "night or kills"

check: setup ## format, lint, strict types, import contracts, the public description
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml
	$(BIN)/python -m pipelines describe --check

audit: setup ## look every locked dependency up among known vulnerabilities
	$(BIN)/python .ci/audit.py

format: setup ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup ## resolve pyproject.toml into hashed locks, without any index address in them
	$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --all-extras --group dev pyproject.toml -o requirements/dev.lock
	$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --all-extras -c requirements/dev.lock pyproject.toml -o requirements/runtime.lock

clean: ## remove the environment and all state
	rm -rf $(VENV) $(TARGETING_HOME) node_modules $(ASSETS)

$(VENV)/.ready: requirements/dev.lock requirements/bootstrap.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(UV) || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	$(UV) pip install -q --compile-bytecode --require-hashes -r requirements/dev.lock
	$(UV) pip install -q --no-deps -e .
	touch $@

# node comes with the environment. The licences travel with the files.
$(ASSETS)/.ready: package.json package-lock.json $(VENV)/.ready
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	mkdir -p $(ASSETS)
	cp node_modules/@arbeidstilsynet/design-theme/brand/arbeidstilsynet.css $(ASSETS)/theme.css
	cp node_modules/@arbeidstilsynet/design-theme/LICENSE $(ASSETS)/theme.LICENSE
	cp node_modules/@digdir/designsystemet-css/dist/src/index.css $(ASSETS)/designsystemet.css
	cp node_modules/@digdir/designsystemet-css/LICENSE $(ASSETS)/designsystemet.LICENSE
	cp node_modules/htmx.org/dist/htmx.min.js $(ASSETS)/htmx.js
	cp node_modules/htmx.org/LICENSE $(ASSETS)/htmx.LICENSE
	cp node_modules/@fontsource/inter/files/inter-latin-[4567]00-normal.woff2 $(ASSETS)/
	cp node_modules/@fontsource/inter/LICENSE $(ASSETS)/inter.LICENSE
	touch $@
