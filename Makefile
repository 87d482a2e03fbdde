# On a bare machine (Python 3.11+, make, a compiler): `make certify`, `make test`, `make proofs`.
# Everything is installed into .venv, pinned by constraints.txt; a second run reuses it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := runs/digits
# Of `make fuzz`, for each reader.
SECONDS ?= 60
FUZZ ?= --seconds $(SECONDS)
# Of `make second-opinions`.
COUNT ?= 10000
SEED ?= 0
# A quiet pip: no version check, no progress bars in logs.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: help certify test lint types imports docs unit bare proofs second-opinions fuzz bench mutants gpu hashes audit-dependencies clean
.DEFAULT_GOAL := help

help:  ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 20

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit("bagcert needs Python 3.11 or newer, not " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: $(VENV)/created pyproject.toml constraints.txt .src/bagcert/__init__.py hatch_build.py
	@echo "installing bagcert into $(VENV) ..."
	$(PIP) --editable '.[train,plot,fast]'
	@touch $@

# Every file by its hash but torch's (requirements-ci.txt says why); then nothing more is fetched.
$(VENV)/development: $(VENV)/created pyproject.toml constraints.txt requirements-ci.txt .src/bagcert/__init__.py hatch_build.py
	@echo "installing bagcert and its development tools into $(VENV) ..."
	$(PIP) --require-hashes --no-deps --requirement requirements-ci.txt
	$(PIP) torch
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip --disable-pip-version-check check
	@touch $@ $(VENV)/runtime

certify: $(VENV)/runtime  ## Train on digits, certify the test set, audit, report: runs/digits/
	@mkdir -p $(RUN)
	$(BIN)/bagcert train --dataset digits --learner kernel-ridge --k 20 --models 1000 --seed 7 \
	    --predictions --output $(RUN)/votes.npz --force
	$(BIN)/bagcert certify $(RUN)/votes.npz --alpha 0.001 --output $(RUN)/cert.jsonl --force
	$(BIN)/bagcert audit $(RUN)/cert.jsonl --votes $(RUN)/votes.npz
	$(BIN)/bagcert report $(RUN)/cert.jsonl --radii 0,5,10,20,30 --plot $(RUN)/accuracy.png --force
	@echo "next: $(BIN)/bagcert explain $(RUN)/cert.jsonl --index 0"
	@echo "  or: $(BIN)/bagcert audit $(RUN)/cert.jsonl --votes $(RUN)/votes.npz --replay 20"

test: lint types imports docs unit  ## Everything: ruff, mypy --strict, import-linter, mkdocs, pytest

lint: $(VENV)/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/zizmor --offline --quiet --persona=auditor action.yml

types: $(VENV)/development
	$(BIN)/mypy
	$(BIN)/mypy tests

imports: $(VENV)/development
	$(BIN)/lint-imports

docs: $(VENV)/development  ## The pages, into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --site-dir site

unit: $(VENV)/development
	$(BIN)/pytest -n 2

bare:  ## Every command where no extra is installed: it works, or says in one line what to install
	@test -x .venv-bare/bin/python || $(PYTHON) -m venv .venv-bare
	.venv-bare/bin/python -m pip --disable-pip-version-check install --quiet \
	    --constraint constraints.txt --force-reinstall --no-deps .
	.venv-bare/bin/python -m pip --disable-pip-version-check install --quiet \
	    --constraint constraints.txt .
	.venv-bare/bin/python -I tests/bare/check.py

proofs:  ## Coq: every theorem compiled, checked again, without axioms; the checker extracted
	@$(MAKE) --no-print-directory -C proofs_checks/coq PYTHON=$(PYTHON)

second-opinions: $(VENV)/development  ## Four routes on COUNT=10000 generated files, from SEED=0 on (first make proofs)
	$(BIN)/python -m bagcert.proofs_checks.second_opinion --count $(COUNT) --seed $(SEED)

fuzz: $(VENV)/development  ## Hostile bytes to each reader for SECONDS=60, guided by coverage (Linux)
	@for target in certificates votes datasets; do \
	    $(BIN)/python -m tests.fuzz.run $$target $(FUZZ) || exit 1; done

bench: $(VENV)/development  ## Time the fast path, the vote stage and the networks, beside plain code
	OMP_WAIT_POLICY=passive $(BIN)/pytest tests/benchmarks/bench_*.py -s -q \
	    -p no:xdist -W ignore --benchmark-columns=median,rounds

mutants: $(VENV)/development  ## Mutants of reference and certification: each killed, or explained
	$(PIP) --requirement tests/mutation/requirements.txt
	nice -n 19 $(BIN)/python -m tests.mutation.run

gpu: $(VENV)/development  ## Everything that needs a CUDA device (and MNIST, BAGCERT_DATA): a JSON record
	$(BIN)/python -m tests.gpu.record

hashes:  ## constraints.txt with every file's hash: requirements-ci.txt (needs uv)
	{ sed -n '/^#/p' requirements-ci.txt; uv pip compile --quiet --no-deps --generate-hashes \
	    --no-emit-package torch --no-header --no-annotate constraints.txt; } > requirements-ci.aside
	mv requirements-ci.aside requirements-ci.txt

audit-dependencies:  ## Known vulnerabilities of the pinned releases; what cannot be asked about is an error
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && \
	    .venv-audit/bin/python -m pip --disable-pip-version-check install --quiet pip-audit; }
	.venv-audit/bin/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

clean:  ## Remove the environment and what the tools cached
	rm -rf $(VENV) .venv-bare .venv-audit .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
