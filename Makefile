# One command a line, no logic; everything a line needs is made by its prerequisites.
PY ?= python3
BIN := .venv/bin

# Where a machine forbids Python to keep what it compiled, each of a night's processes would compile Airflow, dbt and Scrapy anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test pytest up down bi bi-down test-bi test-cluster lake test-lake bench lint scenarios audit-deps check clean
.DEFAULT_GOAL := help

help:            ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.venv/.ready: pyproject.toml uv.lock bootstrap.py
	$(PY) bootstrap.py

run: .venv/.ready   ## one night over the sample town through Airflow, then a summary (REAL=1 adds the real documents)
	$(BIN)/gongkai samples run $(if $(REAL),--real ../shared/documents)

up: .venv/.ready    ## Airflow with its UI, the sample town behind it
	$(BIN)/gongkai samples up

down: .venv/.ready  ## stop all that `make up` started
	$(BIN)/gongkai samples down

docker/superset/.venv/.ready: docker/superset/pyproject.toml docker/superset/uv.lock bootstrap.py
	$(PY) bootstrap.py docker/superset

bi: .venv/.ready docker/superset/.venv/.ready   ## Superset with our dashboards on what is published; prints the login
	$(BIN)/python docker/superset/bi.py up

bi-down: .venv/.ready  ## stop what `make bi` started
	$(BIN)/python docker/superset/bi.py down

test-bi: .venv/.ready docker/superset/.venv/.ready   ## a real Superset on both warehouses in a real browser; not part of `make test`
	$(BIN)/python -m pytest -m bi tests/warehouse/test_superset.py

test-cluster: .venv/.ready   ## two Celery workers, Redis, PostgreSQL and an S3 server on this machine; not part of `make test`
	$(BIN)/python -m pytest -m cluster tests/cluster

docker/lake/.venv/.ready: docker/lake/pyproject.toml docker/lake/uv.lock bootstrap.py
	$(PY) bootstrap.py docker/lake

lake: .venv/.ready docker/lake/.venv/.ready   ## what is loaded as Parquet, and the marts built from it by Spark on this machine (LAKE=folder or s3://bucket/path)
	$(BIN)/gongkai lake $(LAKE)
	docker/lake/.venv/bin/python docker/lake/build.py $(or $(LAKE),$${GONGKAI_HOME:-var}/lake)

test-lake: .venv/.ready docker/lake/.venv/.ready   ## Spark's marts equal DuckDB's, from a folder and from an S3 server; not part of `make test`
	$(BIN)/python -m pytest -m lake tests/warehouse/test_lake_marts.py

test: .venv/.ready  ## everything that must hold; mypy's first minute runs beside the tests
	$(MAKE) --no-print-directory -j 2 lint pytest

pytest: .venv/.ready
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint docker/*Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker/compose.yaml

audit-deps: .venv/.ready  ## known vulnerabilities of what is locked (asks osv.dev; AUDIT=--service-url=… for a mirror)
	PATH="$(CURDIR)/.venv-tools/bin:$$PATH" uv audit --locked --no-dev $(AUDIT)
	PATH="$(CURDIR)/.venv-tools/bin:$$PATH" uv audit --locked --project docker/superset $(AUDIT)

docker/.env:      # secrets of docker/compose.yaml, made once; an existing file is kept
	$(PY) docker/make_env.py docker/.env.example $@

bench: .venv/.ready ## ratios against baselines, no pass or fail
	for b in $(filter-out benchmarks/served.py,$(wildcard benchmarks/*.py)); do $(BIN)/python $$b || exit 1; done

scenarios: .venv/.ready  ## every fault of the sample town as a named scenario; closes with `N passed, N failed`
	$(BIN)/gongkai samples scenarios

clean:           ## remove what the pipeline wrote (not the environment)
	rm -rf var
