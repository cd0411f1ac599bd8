# The lines a person types and the lines CI runs are the same ones.
#   make run        from a clone to a tuned model
#   make test       every test this machine can run
#   make check      ruff, mypy --strict, layering;  make fix repairs what can be repaired
#   make real-model, make vllm, make test-vllm, make bench, make model
# PYTHON=python3.12 make run chooses the interpreter of .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
VENV_VLLM ?= .venv-vllm
JOBS ?= 2
ARGS ?=
PIP_FLAGS := --quiet --disable-pip-version-check --no-input

BIN := $(VENV)/bin
SETTINGS := pyproject.toml constraints.txt

export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE ?= 1

.PHONY: help run test check fix bench model real-model vllm test-vllm interpreter

help:
	@sed -n '2,6s/^# \{0,1\}//p' Makefile

# A PYTHON named by hand must be the one that runs: a .venv of another release is made anew.
interpreter:
ifdef PYTHON
	@tools/venv $(VENV) "$(PYTHON)"
endif

$(VENV)/bin/python: | interpreter
	@tools/venv $(VENV) "$(PYTHON)"

# Stamps: an installation is repeated when the settings are newer, and only then.
$(VENV)/.installed-dev: $(SETTINGS) | interpreter $(VENV)/bin/python
	@echo "installing esreason and its development tools into $(VENV) ..."
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed: $(SETTINGS) | interpreter $(VENV)/bin/python
	@echo "installing esreason into $(VENV) ..."
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt -e '.[torch]'
	@touch $@

run: $(VENV)/.installed
	$(BIN)/esreason run --env sudoku $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(JOBS) -rs $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

fix: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
