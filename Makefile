# Every target is complete in itself: it makes .venv and installs what it needs when that has not been done.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TRAIN  := $(VENV)/.ready-train
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.DEFAULT_GOAL := help
.PHONY: help demo run test test-all test-postgres check format words bench evaluate stance-model clean

help:            ## what there is to make
	@grep -E '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(READY)   ## ingest the bundled sample, check two claims and a post
	@$(BIN)/python -m bot demo

run: $(READY)    ## the Discord bot's command line; ARGS="check 'TEXT'"
	@$(BIN)/python -m bot $(ARGS)

test: $(READY)   ## the tests that take seconds to minutes
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test-all: $(READY)  ## all tests, those with the real models and many processes too
	HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -m ""

test-postgres: $(READY)  ## the tests of `make test`, with PostgreSQL as the store
	CROSSCHECK_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(READY)  ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## lay out the code and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

LOCALES := bot/locales
words: $(READY)  ## the texts of the code into the catalogues of languages; a new one waits for its translation there
	$(BIN)/pybabel -q extract -k words -k plural:1,2 -k locale_str -k self -k sentence \
		--no-location --sort-output --no-wrap --omit-header -o $(LOCALES)/crosscheck.pot bot retrieval/claims.py
	$(BIN)/pybabel -q update -D crosscheck -i $(LOCALES)/crosscheck.pot -d $(LOCALES) \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	$(BIN)/pybabel -q compile -D crosscheck -d $(LOCALES)

bench: $(READY)  ## figures of speed and memory, as JSON under tests/bench/results
	$(BIN)/python -m tests.bench

STANCE_DATA ?= ../shared/data/stance
evaluate: $(READY)  ## quality of retrieval and stance; STANCE_DATA=folder with dev.jsonl.xz and train.jsonl.xz
	$(BIN)/python -m tests.bench.retrieval --data $(STANCE_DATA)
	$(BIN)/python -m retrieval.training.evaluate --data $(STANCE_DATA)
	$(BIN)/python -m tests.bench.sides --data $(STANCE_DATA)

WEIGHTS := retrieval/weights
stance-model: $(TRAIN)  ## train both stance models anew (days on two cores; goes on where it stopped)
	$(BIN)/python -m retrieval.training.backbone --out .train/mpnet
	$(BIN)/python -m retrieval.training.train --data $(STANCE_DATA) --base .train/mpnet --out .train/large \
		--frozen-layers 6 --batch-size 16 --learning-rate 4e-5 --epochs 2
	$(BIN)/python -m retrieval.training.release --run .train/large/final --original .train/mpnet --out $(WEIGHTS)/stance-large
	$(BIN)/python -m retrieval.training.train --data $(STANCE_DATA) --out .train/small --frozen-layers 2 --teacher $(WEIGHTS)/stance-large
	$(BIN)/python -m retrieval.training.release --run .train/small/final --out $(WEIGHTS)/stance-small
	$(BIN)/python -m retrieval.training.calibrate --data $(STANCE_DATA) --weights $(WEIGHTS)/stance-small --bars 0.65 0.8
	$(BIN)/python -m retrieval.training.calibrate --data $(STANCE_DATA) --weights $(WEIGHTS)/stance-large --partner $(WEIGHTS)/stance-small \
		--bars 0.65 0.9
	$(BIN)/python -m retrieval.training.evaluate --data $(STANCE_DATA) --plots

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Crosscheck needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up $(VENV): a few minutes the first time."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt torch
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(TRAIN): $(READY)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[train]'
	@touch $@

clean:           ## remove what was made here, not your data
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build
