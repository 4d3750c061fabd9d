# What one does with this repository. `make` lists it.

MAKEFLAGS += --no-print-directory
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Every Go module of the repository: the product, and those kept apart so that
# their dependencies stay out of the product's go.mod. tools/ holds no packages, and what
# bench/pocketbase is made of is fetched by the benchmark alone.
MODULES := . $(filter-out . tools bench/pocketbase,$(patsubst %/,%,$(dir $(wildcard */go.mod */*/go.mod */*/*/go.mod))))

# Node projects: a folder with a package-lock.json and a "test" script, most of which judge us.
JUDGES := $(filter-out schema/lint,$(patsubst %/,%,$(dir $(shell git ls-files '*package-lock.json' 2>/dev/null))))

GOLANGCI := go tool -modfile=$(CURDIR)/tools/go.mod golangci-lint

# need stops with one clear line when a program is absent.
need = command -v $(1) >/dev/null || { echo "procyon: '$(1)' is missing: $(2)" >&2; exit 1; }
need-go = $(call need,go,install Go 1.26 or newer (https://go.dev/dl))
need-cc = $(call need,gcc,the race detector needs a C compiler (apt-get install gcc libc6-dev))
need-node = $(call need,node,install Node.js 20 or newer (https://nodejs.org)); $(call need,npm,install npm (it comes with Node.js; https://nodejs.org))

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# BINARY is what demo and run build. It takes the place of the shell that starts it, so that
# a signal to make, or to the terminal's group, reaches it and nothing is left running.
BINARY ?= bin/procyon

.PHONY: demo run bench generate
demo: ## the whole product on this machine, with a simulated Slack and sample data
	@$(build)
	@exec $(BINARY) demo

run: ## the gateway and its workers against real settings (PROCYON_… variables)
	@$(build)
	@exec $(BINARY) serve

define build
$(need-go)
echo "Compiling Procyon (a minute or two the first time, then seconds) …"
go build -o $(BINARY) .
endef

bench: install/internal/chromium/testdata/playwright ## measure, and print the table of docs/benchmarks.md
	@$(need-go)
	go run ./bench

generate: ## make the generated code anew from schema/ and the operations
	@$(need-go)
	go tool gqlgen generate
	go generate ./...

.PHONY: console
console: install/console/web ## build the web console from console/web into console/dist, which is committed
	@npm --prefix console/web run build --silent

.PHONY: test test-fast test-node test-modules test-go
test: test-node test-modules test-go ## every test, with the race detector

test-fast: ## the tests for while one works: no e2e, browsers or foreign judges, nor what is slow
	@$(need-go)
	go test -short $$(go list ./... | grep -v '/e2e$$')

test-node: $(JUDGES:%=install/%)
	@for dir in $(JUDGES); do echo "npm test  ($$dir)"; npm --prefix "$$dir" test --if-present --silent; done

test-modules:
	@$(need-go); $(need-cc)
	@for dir in $(filter-out .,$(MODULES)); do echo "go test -race ./...  ($$dir)"; go -C "$$dir" test -race -timeout 10m ./...; done

# What pages are pressed with, and what judges them: the tests in a browser need both.
BROWSER := internal/chromium/testdata/playwright internal/slacksim/testdata/judge

test-go: $(BROWSER:%=install/%)
	@$(need-go); $(need-cc)
	@command -v chromium chromium-browser google-chrome >/dev/null || echo "procyon: Chromium is missing, so no page is tested in a browser: apt-get install chromium"
	go test -race -timeout 15m ./...
	go test -timeout 5m ./notifier ./worker # on a clock that the race detector can't stand
	go test -timeout 10m -run '^TestLife$$' ./access # 20,000 commands, which it makes ten times slower

.PHONY: soak
soak: ## millions of random commands and interleavings of decisions; PROCYON_TEST_STEPS=… says how many
	@$(need-go)
	PROCYON_TEST_STEPS=$${PROCYON_TEST_STEPS:-2000000} go test -count=1 -timeout 12h -run '^TestDecisions(InAnyOrder|AtOnce)$$' -v ./internal/app
	PROCYON_TEST_STEPS=$${PROCYON_TEST_STEPS:-2000000} go test -count=1 -timeout 12h -run '^Test(Life|Model)$$' -v ./access

.PHONY: pictures
pictures: $(BROWSER:%=install/%) ## make the pictures of README.md and docs/slack-story.md anew (needs Chromium and an emoji font)
	@$(need-go)
	mkdir -p docs/pictures
	PROCYON_PICTURES=$(CURDIR)/docs/pictures go test -count=1 -run '^(TestSlackStoryInABrowser|TestDemoInTheConsole)$$' ./slackbot ./e2e

.PHONY: lint lint-format lint-vet lint-go lint-tidy lint-locks lint-schema lint-console lint-architecture
lint: lint-format lint-vet lint-go lint-tidy lint-locks lint-architecture lint-schema lint-console ## every check that is not a test

lint-format: ## gofmt
	@$(need-go)
	@files=$$(git ls-files -co --exclude-standard '*.go' | while read -r f; do [ ! -f "$$f" ] || echo "$$f"; done); \
	bad=$$([ -z "$$files" ] || gofmt -l $$files); \
	[ -z "$$bad" ] || { echo "not formatted; run gofmt -w on:"; echo "$$bad"; exit 1; }

lint-vet: ## go vet
	@$(need-go)
	@for dir in $(MODULES); do echo "go vet ./...  ($$dir)"; go -C "$$dir" vet ./...; done

lint-go: ## golangci-lint, of the version pinned in tools/go.mod
	@$(need-go)
	@for dir in $(MODULES); do echo "golangci-lint run  ($$dir)"; (cd "$$dir" && $(GOLANGCI) run --config=$(CURDIR)/.golangci.yml ./...); done

lint-tidy: ## go.mod and go.sum say what the code needs
	@$(need-go)
	@for dir in $(MODULES) tools; do echo "go mod tidy -diff  ($$dir)"; go -C "$$dir" mod tidy -diff; done

lint-locks: ## npm's lock files name no host, so that any registry serves
	@! git grep -n '"resolved": "http' -- '*package-lock.json' || { echo "put omit-lockfile-registry-resolved=true in the .npmrc beside it and run npm install again"; exit 1; }

lint-architecture: ## who may import whom, names, documentation and sizes
	@$(need-go)
	go test -count=1 ./internal/archtest

lint-schema: install/schema/lint ## the schema's style, and breaking changes since the last release
	@npm --prefix schema/lint test --silent

lint-console: console ## console/dist is what console/web builds
	@[ -z "$$(git status --porcelain console/dist)" ] || { git status --short console/dist; echo "stale: commit what 'make console' changes"; exit 1; }

.PHONY: schema-release
schema-release: install/schema/lint ## accept the present schema as the one that changes are compared with
	@npm --prefix schema/lint run release --silent

# install/DIR installs what DIR/package-lock.json asks for, once for each state of it.
install/%:
	@$(need-node)
	@if ! cmp -s $*/package-lock.json $*/node_modules/.installed; then \
	  echo "npm ci  ($*)"; npm --prefix $* ci --no-audit --no-fund --silent && cp $*/package-lock.json $*/node_modules/.installed; fi
