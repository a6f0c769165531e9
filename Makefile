.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
# Most of the suite's time is waiting for brokers and sessions: more processes than cores pay.
WORKERS ?= 3
BIN := .venv/bin
# Tests end with whoever has called for them, and with them what they run.
PYTEST = $(BIN)/python -S -E tests/support/children.py $(BIN)/python -m pytest
LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links
# What the services need; the broker of `plimsoll demo` does not go into the image.
IMAGE_EXTRAS := --extra server --extra models --extra msk --extra otel --extra postgres

.PHONY: help setup demo test test-cluster test-infra check lint bench confbench judgebench proto chart policies templates sbom lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Plimsoll needs Python 3.11 or later; PYTHON=/path/to/python3.11 make setup")'
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@echo "installing the locked packages into .venv (about a minute the first time)"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock -r requirements-build.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "installing the locked tools for tests and checks"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

setup: .venv/.runtime ## .venv from the lock, with the plimsoll command in it

demo: setup ## the main job on an embedded broker: publish, score, look up, say what it shows
	@$(BIN)/plimsoll demo

test: .venv/.dev ## the whole suite, on a real Apache Kafka; WORKERS=0 runs it in one process
	@$(BIN)/python tests/support/real_parts.py
	@$(BIN)/python -m tests.support.helm
	@$(BIN)/python -m tests.support.promtool
	@$(BIN)/python -m tests.support.iam_reference
	@$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: lint ## lint, and the rules of the house: sizes, words, generated code fresh
	$(BIN)/python -m pytest -q tests/house

lint: .venv/.dev ## ruff, mypy, import floors, protobuf lint and compatibility
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd protos && ../$(BIN)/buf lint && ../$(BIN)/buf breaking --against baseline.binpb

test-cluster: .venv/.dev ## image and chart on a real Kubernetes with real pods; needs root; builds it the first time
	@$(BIN)/python -m tests.cluster.parts
	@$(PYTEST) -v tests/cluster --timeout 2400 $(PYTEST_ARGS)

test-infra: .venv/.dev ## AWS templates: fresh, cfn-lint, cdk-nag; installs the AWS CDK beside the tree the first time
	@$(BIN)/python -m tests.support.infra_tools
	@$(PYTEST) tests/templates --timeout 900 $(PYTEST_ARGS)

bench: .venv/.dev ## figures beside their references, in one run; BENCH_JSON=FILE for machines
	@$(BIN)/python tests/support/real_parts.py
	@$(BIN)/python -m tests.bench $(if $(BENCH_JSON),--json $(BENCH_JSON))

confbench: .venv/.dev ## how well metrics and confidence tell right from wrong; CONFBENCH_DATA=DIR for more than ships
	@OPENBLAS_NUM_THREADS=1 PLIMSOLL_SANDBOX__ENABLED=$${PLIMSOLL_SANDBOX__ENABLED:-true} \
	  PLIMSOLL_SANDBOX__TYPE_CHECKER=$${PLIMSOLL_SANDBOX__TYPE_CHECKER:-$(CURDIR)/$(BIN)/python} \
	  $(BIN)/python -m tests.quality.confbench $(CONFBENCH_DATA) $(if $(CONFBENCH_OUT),--out $(CONFBENCH_OUT)) \
	  $(if $(CONFBENCH_PUBLISH),--publish)

judgebench: .venv/.dev ## how far judges' reliability may be trusted (docs/judge-reliability.md); DATA=FOLDER
	@$(BIN)/python -m tests.quality.judgebench $(DATA)

proto: .venv/.dev ## generated code from protos/
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I protos --python_out=services \
	  --grpc_python_out=services --mypy_out=quiet:services --mypy_grpc_out=quiet:services protos/plimsoll/v1/*.proto

chart: .venv/.dev ## schema, reference and golden renderings of helm/plimsoll
	@$(BIN)/python -m tests.helm.write

policies: .venv/.dev ## IAM policy documents in infra/policies
	@$(BIN)/python -m infra.publish

templates: .venv/.dev ## AWS CloudFormation templates in infra/templates
	@$(BIN)/python -m tests.templates.write

sbom: .venv/.dev ## the image's bill of materials (CycloneDX) from its lock, on standard output
	@$(BIN)/python -m tests.support.sbom

lock: .venv/.dev ## the locks, with hashes, from pyproject.toml
	$(LOCK) --all-extras pyproject.toml -o requirements.lock
	$(LOCK) --all-extras --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) $(IMAGE_EXTRAS) --constraints requirements.lock pyproject.toml -o requirements-image.lock
	printf 'hatchling\neditables\nsetuptools>=77\nsetuptools-scm\n' | $(LOCK) - -o requirements-build.lock

clean: ## removes .venv and caches inside the tree
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
