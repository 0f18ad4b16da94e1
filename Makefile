# The course in a few words: `make lab` to learn, `make test` to trust, `make help` for the rest.
# Windows, pip and conda: see README.md.

PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 12)))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2
.DEFAULT_GOAL := help
.PHONY: help env lab test test-fast demo build check audit lint format e2e bench doctor clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed and was not found. Install one, or say: make PYTHON=/path/to/python3.12 env"; exit 1; }
	@echo "making $(VENV) with $(PYTHON) (a few minutes the first time: torch is large)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade uv
	@$(BIN)/python -m uv pip install --python $(BIN)/python --quiet --compile-bytecode -c constraints.txt -e ".[lab,dev]"
	@$(BIN)/course doctor --brief
	@touch $@

env: $(READY)  ## make the environment (.venv, the versions of constraints.txt)

lab: $(READY)  ## open JupyterLab on the student notebooks
	@$(BIN)/course lab $(ARGS)

test: $(READY)  ## everything that must hold: lint, build check, tests, audit of every unit, a real browser
	@$(BIN)/python tests/run_all.py --jobs $(JOBS) $(ARGS)

test-fast: $(READY)  ## the unit tests only
	@$(BIN)/python -m pytest -n $(JOBS) -m "not browser and not slow and not alone" $(ARGS)

demo: $(READY)  ## the main job without a browser: solve, hand in, grade, read the reasons
	@$(BIN)/course demo $(ARGS)

build: $(READY)  ## build the solved notebooks and the student releases from the sources
	@$(BIN)/course build $(ARGS)

check: $(READY)  ## say whether the committed notebooks equal their sources
	@$(BIN)/course build --check

audit: $(READY)  ## prove that each exercise accepts right and rejects wrong answers
	@$(BIN)/course audit $(ARGS)

lint: $(READY)  ## style, spelling, layers
	@$(BIN)/ruff check . && $(BIN)/codespell && $(BIN)/lint-imports

format: $(READY)  ## mend what ruff can mend
	@$(BIN)/ruff check --fix .

e2e: $(READY)  ## the browser test (needs Chromium)
	@$(BIN)/python -m pytest -m browser tests/e2e $(ARGS)

bench: $(READY)  ## measure against named peers
	@for f in grading signal sequence tasnet formant_speech; do $(BIN)/python benchmarks/bench_$$f.py || exit 1; done

doctor: $(READY)  ## say what this machine has and what it lacks
	@$(BIN)/course doctor

clean:  ## remove what was built (never work/, never a notebook)
	@rm -rf build .pytest_cache .ruff_cache .hypothesis
