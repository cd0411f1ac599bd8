# The lines a person types and the lines CI runs are the same ones.
#   make run         from a clone to a tuned model
#   make test        every test that this machine can run; says which it skipped and why
#   make check       ruff, mypy --strict, layering (make fix repairs what can be repaired)
#   make real-model  brings a model nobody here trained into .models/smollm2-135m
#   make bench       runs benchmarks/ and rewrites the tables they own
#   make studies     carries every study in its quick form
#   make model       trains a bundled model anew: sprout, or ARGS="--model seedling"
#   make vllm        makes .venv-vllm; make test-vllm passes its tests
#   make test-triton tests the GPU kernels in Triton's interpreter, with the Triton that vLLM brings
#   make adapters    makes .venv-adapters with other projects' packages; make test-adapters passes their tests
# PYTHON=python3.12 make run chooses the interpreter; ARGS="..." is handed on to the program.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV ?= .venv
VENV_VLLM ?= .venv-vllm
VENV_ADAPTERS ?= .venv-adapters
JOBS ?= 2
BIN := $(VENV)/bin
BENCHMARKS ?= $(wildcard benchmarks/[!_]*.py)

export PYTHON VENV VENV_VLLM VENV_ADAPTERS
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE ?= 1

.PHONY: help run test check fix bench studies model real-model vllm test-vllm test-triton adapters test-adapters

help:
	@sed -n '2,13s/^# *//p' Makefile

run:
	@tools/install torch
	@$(BIN)/esreason run --env sudoku $(ARGS)

test:
	@tools/install dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -rs $(ARGS)

check:
	@tools/install dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	MYPYPATH=benchmarks $(BIN)/mypy --implicit-reexport --ignore-missing-imports benchmarks/*.py
	$(BIN)/python -m pytest -q tests/test_layers.py

fix:
	@tools/install dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench:
	@tools/install dev
	@for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python "$$script" $(ARGS); done

# In a new folder, for a study that finds its own results measures nothing.
studies:
	@tools/install dev
	@scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	for name in $$($(BIN)/esreason study --json | $(BIN)/python -c 'import json, sys; print(*json.load(sys.stdin))'); do \
	    echo "== esreason study $$name --quick"; $(BIN)/esreason study $$name --quick --out "$$scratch/$$name" $(ARGS); \
	done

model:
	@tools/install dev
	$(BIN)/python -m esreason.models.train $(ARGS)

real-model:
	@tools/install dev
	@$(BIN)/python -m esreason.models.smollm2 .models/smollm2-135m

vllm:
	@tools/install vllm

# Warnings are no errors here: importing vLLM alone raises several of its own.
test-vllm: vllm
	$(VENV_VLLM)/bin/python -m pytest -m vllm -W default -rs tests/vllm $(ARGS)

# On a machine with a GPU the same tests run on it, as part of make test too.
test-triton: vllm
	TRITON_INTERPRET=1 $(VENV_VLLM)/bin/python -m pytest -q -rs -W default tests/es/test_triton.py tests/engines/test_simulated_device.py $(ARGS)

adapters:
	@tools/install adapters

test-adapters: adapters
	$(VENV_ADAPTERS)/bin/python -m pytest -m peers -rs tests/adapters $(ARGS)
