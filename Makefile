# Targets in the order of use. Each is what a person runs and what CI runs.
SHELL    := /bin/bash
SERVICES := ingest directory features scoring alerts
MEMBERS  := shared $(SERVICES) simulator training cli
BIN      := .venv/bin
OUT      ?= requirements
PYTHON   ?= python3
COMPILE   = $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
            --generate-hashes --no-header $(MEMBERS:%=--no-emit-package lantern-%)
SYNC      = $(BIN)/uv pip sync --quiet --build-constraint requirements/build.txt
.PHONY: help install install-training demo check check-training test test-training bench results lock check-lock docs clean

help:                                  ## say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: .venv/.installed              ## make .venv from the locks (20 s with a warm cache)
.venv/.installed: $(wildcard requirements/*.txt)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	$(SYNC) --python .venv requirements/dev.txt requirements/workspace.txt
	command -v java >/dev/null || $(BIN)/pip install --quiet --require-hashes -r requirements/java.txt
	touch $@

install-training: .venv-training/.installed   ## make .venv-training, the only environment with torch (6 GB)
.venv-training/.installed: .venv/.installed requirements/training.txt requirements/training-workspace.txt
	$(PYTHON) -m venv .venv-training
	$(SYNC) --python .venv-training requirements/training.txt requirements/training-workspace.txt
	touch $@

demo: install                          ## a synthetic campus of 2,000 students, live in this terminal
	$(BIN)/lantern demo

check: install check-lock              ## style, types, import contracts, locks, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate_docs.py --check

check-training: install-training       ## types of the training, in its own environment
	.venv-training/bin/mypy --config-file training/pyproject.toml

test: install                          ## every test, real Kafka and PostgreSQL included
	$(BIN)/pytest -n 2 --dist loadscope

test-training: install-training        ## the tests that need torch, in their own environment
	OMP_NUM_THREADS=1 .venv-training/bin/pytest tests/unit/training --confcutdir=tests/unit/training -n 2
	OMP_NUM_THREADS=1 .venv-training/bin/pytest tests/integration/training --confcutdir=tests/integration/training -n 2 --dist loadfile

bench: install                         ## the figures of docs/architecture.md (ONLY=T1 runs one)
	$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

results: install-training              ## train on the real tables of ../shared/data, write docs/model-results.md
	.venv-training/bin/python -m training results --data ../shared/data --out docs/model-results.md

docs: install                          ## write the generated documents under docs/api
	$(BIN)/python tools/generate_docs.py

lock:                                  ## resolve every dependency anew into requirements/
	$(COMPILE) shared/pyproject.toml services/*/pyproject.toml simulator/pyproject.toml cli/pyproject.toml \
	    --group pyproject.toml:dev -o $(OUT)/dev.txt
	for s in $(SERVICES); do \
	    $(COMPILE) -c $(OUT)/dev.txt services/$$s/pyproject.toml -o $(OUT)/$$s.txt || exit 1; done
	$(COMPILE) -c $(OUT)/dev.txt cli/pyproject.toml -o $(OUT)/demo.txt
	$(COMPILE) -c $(OUT)/dev.txt training/pyproject.toml --group training/pyproject.toml:test \
	    --group pyproject.toml:dev -o $(OUT)/training.txt
	for f in build tools java; do $(COMPILE) -c $(OUT)/dev.txt requirements/$$f.in -o $(OUT)/$$f.txt || exit 1; done

check-lock:                            ## same pins as a fresh lock, a hash on each pin, no host
	rm -rf .lock && cp -r requirements .lock && $(MAKE) --silent lock OUT=.lock
	for f in requirements/*.txt; do \
	    diff <(grep '^[a-zA-Z]' $$f) <(grep '^[a-zA-Z]' .lock/$${f##*/}) || exit 1; done
	! grep -nE '^[a-zA-Z].*==.*[^\\]$$|://|--(extra-)?index-url|--find-links|--trusted-host' requirements/*
	$(BIN)/uv pip check --quiet --python .venv

clean:                                 ## stop the broker and remove what was made (not .venv)
	-$(BIN)/lantern kafka down
	rm -rf .lantern .lock .pytest_cache .mypy_cache .ruff_cache .hypothesis
