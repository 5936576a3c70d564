# localcloud: an AWS on your own machine. Needs Go, Python 3 (for the client tests) and make.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.stamp=$(VERSION)
BUILD   := CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)'
ARCH    := $(shell go env GOARCH)
PREFIX  ?= /usr/local
RUNTIME ?= local
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: help build up down test clients e2e fuzz bench soak generate check lint suites verify image install clean

help:                ## show this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build:               ## build bin/localcloud, one static executable
	$(BUILD) -o bin/localcloud ./cmd/localcloud

up: build            ## build and start
	bin/localcloud up

down:                ## stop
	bin/localcloud down

test:                ## all tests that need no Docker: go test ./..., then real clients
	go test ./...
	@go test -v -run Vectors ./gateway/aws/wire | grep '^ *vectors' | sort -u
	@$(MAKE) --no-print-directory clients RUNTIME=local

clients: build       # boto3 and the AWS CLI against a running localcloud
	test/e2e/run $(RUNTIME)

e2e: build           ## real clients against one runtime: make e2e RUNTIME=docker
	LOCALCLOUD_E2E_RUNTIME=$(RUNTIME) go test -count=1 ./test/e2e/
	test/e2e/run $(RUNTIME)

fuzz:                ## every fuzz target for a few seconds
	@grep -r '^func Fuzz' --include='*_test.go' gateway images internal | sed 's/:func / /; s/(.*//' | \
	while read -r file target; do \
	  go test -run '^$$' -fuzz "^$$target$$" -fuzztime 5s "./$$(dirname $$file)" || exit; done

bench: build         ## measure against the ceiling and print ratios
	go run ./test/bench $(BENCH)

soak: build          ## run load for a long time and watch memory
	go run ./test/bench -soak $(BENCH)

generate:            ## make the generated tables and structures again
	go generate ./...

check: lint          ## format, vet, lint
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...

lint:
	@command -v golangci-lint >/dev/null || test -x bin/golangci-lint || GOBIN=$(CURDIR)/bin go install $(LINT)
	PATH="$(CURDIR)/bin:$$PATH" golangci-lint run

suites: build        ## build the conformance suites for localcloud verify
	go build -o bin/localcloud-verify ./test/verify
	@for suite in $$(cd test/conformance && ls -d */ | tr -d /); do \
	  go test -c -o bin/conformance/conformance-$$suite ./test/conformance/$$suite || exit; done

verify: suites       ## run every suite against every backend and write docs/backends.md
	-test/images/install
	PATH="$(CURDIR)/test/.cache/bin:$$PATH" bin/localcloud-verify --matrix --markdown docs/backends.md $(VERIFY)

image:               ## build localcloud as a container image, without a registry
	GOOS=linux $(BUILD) -o bin/localcloud-linux-$(ARCH) ./cmd/localcloud
	docker build --build-arg ARCH=$(ARCH) -t localcloud:latest -t localcloud:$(VERSION) .

install: build       ## put it on the PATH (PREFIX=/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 bin/localcloud $(DESTDIR)$(PREFIX)/bin/localcloud

clean:
	rm -rf bin test/.cache
