# The tasks of users, contributors and the CI; `make help` lists them. Each target works on a fresh
# machine: it creates the environment first, once.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# The tested version. On Linux the plain package "torch" includes gigabytes of CUDA; where pip does not
# find a build for the CPU by itself, point it at PyTorch's index of them (docs/first_run.md).
# For a GPU: make setup TORCH=torch, or any other requirement of pip.
TORCH  ?= $(shell grep '^torch==' constraints.txt)

CONFIG ?= configs/english.yaml
DATA   ?=
OUTPUT ?= runs/$(basename $(notdir $(CONFIG)))
MODEL  ?= en
FILES  ?=
# The recipe of the built-in model in 4 of its 10 epochs: minutes on two cores.
ARGS   ?= $(if $(filter train,$(MAKECMDGOALS)),$(if $(filter configs/english.yaml,$(CONFIG)),--trainer.epochs 4))

.DEFAULT_GOAL := help
.PHONY: help setup train evaluate tag test engines builtin check format docs bench clean

help:  ## print this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | \
	    while IFS="$$(printf '\t')" read -r name what; do printf '  %-10s %s\n' "$$name" "$$what"; done

setup: $(STAMP)  ## create the environment (.venv); TORCH=torch for GPUs, PYTHON=python3.12

train: $(STAMP)  ## train and score; CONFIG=configs/conll2003.yaml DATA=folder OUTPUT=runs/x ARGS='--seed 2'
	$(BIN)/ner-rnn train --config $(CONFIG) $(if $(DATA),--data.corpus $(DATA)) --output $(OUTPUT) $(ARGS)

evaluate: $(STAMP)  ## score a model [en, built in]; MODEL=runs/x FILES='eng.testb more.txt'
	@test -n "$(FILES)" || { echo "error: FILES is empty: make evaluate MODEL=$(MODEL) FILES=eng.testb" >&2; exit 2; }
	$(BIN)/ner-rnn evaluate --model $(MODEL) --data $(FILES) $(ARGS)

tag: $(STAMP)  ## find names in text; FILES=letter.txt [standard input] MODEL=runs/x [en, built in]
	$(BIN)/ner-rnn tag $(or $(FILES),-) --model $(MODEL) $(ARGS)

test: $(STAMP)  ## run the fast tests; ARGS='-m slow' for the slow ones
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

engines: $(VENV)/.engines  ## install Ray and Spark, and run their tests; ARGS='-m slow' for those of faults
	$(BIN)/python -m pytest $(or $(ARGS),-m "not slow") tests/integrations/test_ray*.py tests/integrations/test_spark*.py

# Open text without annotation: ner_rnn/embedded/NOTICE names its sources.
TEXT    ?= text/open
BUILTIN := runs/builtin

builtin: $(STAMP)  ## train the built-in model anew, in half an hour, and pack it; TEXT=folder of .txt.xz [text/open]
	$(BIN)/ner-rnn vectors train $(TEXT)/*.txt.xz --epochs 1 --size 50 --output $(BUILTIN)/vectors50.txt.xz
	$(BIN)/ner-rnn train --config configs/english.yaml --model.vectors $(BUILTIN)/vectors50.txt.xz \
	    --model.vector-words 15000 --output $(BUILTIN)/en
	$(BIN)/python -m ner_rnn.model.pack $(BUILTIN)/en en

check: $(STAMP)  ## check formatting, lint, types and the layers of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## format the code and apply the fixes of the linter
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.docs  ## build the user guide and the reference in site/; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict $(ARGS)

bench: $(STAMP)  ## run the benchmarks; each prints its table
	@set -e; for file in $(sort $(wildcard benchmarks/bench_*.py)) benchmarks/tagging.py; do $(BIN)/python "$$file" $(ARGS); done

clean:  ## remove the environment, the caches and site/; runs/ stays
	rm -rf $(VENV) build dist site *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis \
	    .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# torch is installed first and by itself, so that nothing below replaces it by another build.
$(STAMP): pyproject.toml constraints.txt
	@echo "Creating $(VENV), once; this takes some minutes if nothing is downloaded yet"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(TORCH)
	grep -v '^torch==' constraints.txt > $(VENV)/constraints.txt
	$(BIN)/python -m pip install --quiet --constraint $(VENV)/constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/.docs: $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint $(VENV)/constraints.txt --editable '.[docs]'
	@touch $@

# Spark is not ready for the pandas that everything else is tested with.
$(VENV)/.engines: $(STAMP)
	grep -v '^torch==\|^pandas==' constraints.txt > $(VENV)/constraints.engines.txt
	$(BIN)/python -m pip install --quiet --constraint $(VENV)/constraints.engines.txt --editable '.[engines]'
	@touch $@

# A torch named on the command line is installed even if the environment exists already.
ifneq ($(origin TORCH),file)
$(STAMP): FORCE
FORCE:
endif
