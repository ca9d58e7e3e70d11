# Everything a person or the CI does here; `make help` lists it. Each target works on a fresh
# machine: whatever needs the environment makes it first, once.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# The tested version. On Linux a bare "torch" brings gigabytes of CUDA; where pip does not find a CPU
# build by itself, point it at PyTorch's index of them (see CONTRIBUTING.md).
# For a GPU: make setup TORCH=torch, or any other requirement that pip understands.
TORCH  ?= $(shell grep '^torch==' constraints.txt)

CONFIG ?= configs/sample.yaml
DATA   ?=
OUTPUT ?= runs/$(basename $(notdir $(CONFIG)))
MODEL  ?= $(OUTPUT)
FILES  ?=
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help setup train evaluate tag test check format bench clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | \
	    while IFS="$$(printf '\t')" read -r name what; do printf '  %-10s %s\n' "$$name" "$$what"; done

setup: $(STAMP)  ## make the environment (.venv); TORCH=torch for GPUs, PYTHON=python3.12

train: $(STAMP)  ## train and score; CONFIG=configs/conll2003.yaml DATA=folder OUTPUT=runs/x ARGS='--seed 2'
	$(BIN)/ner-rnn train --config $(CONFIG) $(if $(DATA),--data.corpus $(DATA)) --output $(OUTPUT) $(ARGS)

evaluate: $(STAMP)  ## score a model; MODEL=runs/x FILES='eng.testb more.txt'
	@test -n "$(FILES)" || { echo "error: say what to score on: make evaluate MODEL=$(MODEL) FILES=eng.testb" >&2; exit 2; }
	$(BIN)/ner-rnn evaluate --model $(MODEL) --data $(FILES) $(ARGS)

tag: $(STAMP)  ## find names in text; MODEL=runs/x FILES=letter.txt; without FILES, in what you type
	$(BIN)/ner-rnn tag $(or $(FILES),-) --model $(MODEL) $(ARGS)

test: $(STAMP)  ## run the tests that take seconds; ARGS='-m slow' for the others
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

check: $(STAMP)  ## formatting, lint, types, and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## run every benchmarks/bench_*.py and benchmarks/tagging.py; each prints its table
	@set -e; for file in $(sort $(wildcard benchmarks/bench_*.py)) benchmarks/tagging.py; do $(BIN)/python "$$file" $(ARGS); done

clean:  ## remove the environment and caches; runs/ stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis \
	    .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# torch goes in first and by itself, so that nothing below can pull another build of it.
$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up $(VENV), once; with nothing downloaded yet this takes some minutes"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(TORCH)
	grep -v '^torch==' constraints.txt > $(VENV)/constraints.txt
	$(BIN)/python -m pip install --quiet --constraint $(VENV)/constraints.txt --editable '.[dev]'
	@touch $@

# Whoever names a torch wants it now, whatever is installed already.
ifneq ($(origin TORCH),file)
$(STAMP): FORCE
FORCE:
endif
