# offer-assistant. On a fresh machine with Python 3.11+, pip and make: `make demo`, `make test`.

PYTHON ?= python3
UV     := .tools/bin/uv
PY     := .venv/bin/python
STAMP  := .venv/.installed
PYTEST := $(PY) -m pytest

.PHONY: demo test lint types unit slow crash soak bench list judge train network services lock man clean help

help:            ## this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv

$(STAMP): requirements.lock pyproject.toml | $(UV)
	test -x $(PY) || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python $(PY) requirements.lock
	$(UV) pip install --quiet --python $(PY) --no-deps --editable .
	touch $(STAMP)

demo: $(STAMP)   ## the whole story on a mailbox that comes with the program
	.venv/bin/offer-assistant demo

test: lint types unit  ## everything that must pass before a commit (installs the servers it talks to where they are missing)

lint: $(STAMP)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: $(STAMP)
	.venv/bin/mypy

unit: $(STAMP) services
	$(PYTEST) -m "not slow and not bench and not crash and not soak"

slow: $(STAMP) services  ## the longer tests
	$(PYTEST) -m slow

crash: $(STAMP) services ## kill the program at every step that writes, restart, count the drafts
	$(PYTEST) -m crash --timeout 3600 tests/crash

soak: $(STAMP) services  ## the daemon against a busy, failing server (MINUTES=30)
	MINUTES=$(or $(MINUTES),30) $(PYTEST) -m soak --timeout 0 tests/soak

judge: $(STAMP)  ## how right the judgement is: cases and cross-validation
	$(PY) -m tests.judgement

train: $(STAMP)  ## fit the two layers of assistant/languages/model.bin.gz anew (10 minutes)
	$(PY) -m tests.judgement.train

network: $(STAMP) ## fit assistant/languages/network.bin.gz anew, before `make train` (an hour; installs PyTorch)
	$(UV) pip install --quiet --python $(PY) --group train
	$(PY) -m tests.judgement.network.train

man: $(STAMP)    ## write the manual page from the commands
	PYTHONPATH=. $(PY) man/generate.py

bench: $(STAMP) services ## speed beside the raw protocol (BENCH_PEERS=…/compare.py: beside other programs)
	$(PY) -m tests.bench

list: $(STAMP) services  ## what the first list of offers costs, and one new message (minutes)
	$(PY) -m tests.bench.offers

services:
	@sh tests/install-services.sh

lock: $(UV)      ## resolve the dependencies anew, for 3.11 to 3.14 on Linux, macOS and Windows
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group pyproject.toml:dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache dist build
