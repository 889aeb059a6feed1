SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
LINK   := .ansible/collections/ansible_collections/stackway/scaleway
unexport PYTHONDONTWRITEBYTECODE # as images of Python set it: each of the many processes would compile all that it imports
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

help: ## Show this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}'

setup: host $(VENV)/.stamp $(LINK) ## Install what is missing: Python dependencies, collections, Docker

$(VENV)/.stamp: pyproject.toml | host
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[sandbox,dev]'
	@touch $@

$(LINK):
	@mkdir -p $(@D) && ln -sfn "$(CURDIR)" $@

host:
	@sandbox/setup-host.sh


# A system in a local Scaleway: riff, or SYSTEM=ciel, SYSTEM=meemi, SYSTEM=cella (cella_dev: one of its environments). The same with another INVENTORY works on a real account.

INVENTORY ?= inventories/sandbox
SYSTEM    ?= riff
PLAYBOOK  := ansible-playbook -i $(INVENTORY) --limit $(SYSTEM) $(ARGS)

sandbox: up ## Start the sandbox, bring a system up in it (SYSTEM=riff, ciel, meemi or cella), and use it as its users do
	@$(PLAYBOOK) site.yml playbooks/verify.yml

up: setup ## Start the sandbox alone
	@python -m sandbox up

down: ## Stop the sandbox; everything in it is kept
	@python -m sandbox down

plan: ## Show what a run would change
	@$(PLAYBOOK) site.yml --check --diff

drift: ## Compare the account and the hosts with the inventory; writes drift.json and drift.html
	@$(PLAYBOOK) playbooks/drift.yml --check --diff

cost: ## Show what the system costs in a month, and what a run would add to it; writes cost.json
	@$(PLAYBOOK) playbooks/cost.yml --check

doctor: ## Look for what is wrong, and say what to do
	@$(PLAYBOOK) playbooks/doctor.yml

verify: ## Use the system as its users do
	@$(PLAYBOOK) playbooks/verify.yml

build: ## Build the images and push them to the registry as VERSION=<git sha>
	@$(PLAYBOOK) playbooks/build.yml $(if $(VERSION),-e version=$(VERSION))

deploy: ## Deploy what the example holds, or VERSION=<name>; where it fails, what ran before runs again
	@$(PLAYBOOK) playbooks/deploy.yml $(if $(VERSION),-e version=$(VERSION))

rollback: ## Go back to the version before, or VERSION=<name>
	@$(PLAYBOOK) playbooks/rollback.yml $(if $(VERSION),-e version=$(VERSION))

history: ## Show which versions were deployed, and what runs
	@$(PLAYBOOK) playbooks/history.yml

destroy: ## Remove the system, but for what holds data (DATA=true: that too)
	@$(PLAYBOOK) playbooks/destroy.yml $(if $(DATA),-e destroy_data=$(DATA))

.PHONY: sandbox up down plan drift cost doctor verify build deploy rollback history destroy

# Checks. Each runs alone; `test` runs them all.

test: setup ## Run every check
	@$(MAKE) --jobs 2 --output-sync lint sanity unit sandbox-api
	@$(MAKE) --jobs 2 integration molecule # each waits for its hosts a good part of the time
	@$(MAKE) conformance

lint: setup ## ruff, yamllint, ansible-lint (profile production), workflows, changelog fragments
	ruff check .
	ruff format --check .
	yamllint --strict .
	ansible-lint --strict
	check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	check-jsonschema --quiet --builtin-schema vendor.github-workflows examples/*/.github/workflows/*.yml
	zizmor --quiet --offline --no-progress action.yml examples
	antsibull-changelog lint

sanity: setup ## ansible-test sanity on the collection as it would be installed
	tests/sanity/run

unit: setup ## The reconciler, the client and the plugins, without a sandbox
	pytest --numprocesses 2 tests/unit

sandbox-api: setup ## The sandbox's API through the official SDK, without machines
	pytest --numprocesses 4 --dist loadfile tests/sandbox

integration: setup ## Modules, roles and systems against the sandbox
	pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --durations 25 tests/integration

scenarios: setup ## ciel in each of its scaling scenarios and back, and in all of them in a row, and all environments of cella; no part of `test`: it takes hours
	pytest --exitfirst --durations 0 tests/scenarios $(ARGS)

conformance: setup ## Replay recordings of the real API against the sandbox, where they are at hand
	python -m tests.conformance.run $(ARGS)

molecule: export SANDBOX_NAME := molecule
molecule: export SANDBOX_HOME := .sandbox-molecule
molecule: export SANDBOX_SUBNET := 10.78.0.0/16
molecule: export ANSIBLE_CALLBACK_PLUGINS := $(CURDIR)/tests/integration/callback
molecule: export PAYLOADS := $(CURDIR)/.ansible/payloads
molecule: setup ## The roles that touch hosts, on hosts of a sandbox of their own
	rm -rf $$PAYLOADS
	for role in docker_host caddy app_compose redis pgbouncer; do molecule test --scenario-name $$role || exit; done
	python -m sandbox reset

.PHONY: help host setup test lint sanity unit sandbox-api integration scenarios conformance molecule

docs: $(VENV)/.stamp ## Write what follows from the code: routing, list of modules, tables of variables
	@$(VENV)/bin/python -m docs.build
.PHONY: docs

bench: setup ## Measure; ARGS='--write --systems' writes docs/performance.md, and brings whole systems up
	@python -m tests.bench.run $(ARGS)
.PHONY: bench
