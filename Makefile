# Sidetone
# SPDX-License-Identifier: Apache-2.0

.DEFAULT_GOAL := help
.PHONY: help demo test hearing hearing-check bench bench-grpc bench-websocket bench-load chaos soak
.PHONY: fuzz docs lint install bench-c
.PHONY: dependencies
.PHONY: test-dependencies hearing-dependencies

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

demo: dependencies ## Set up, build, run: the server with its bot, one synthetic call per platform
	swift build -c release --product sidetone
	scripts/demo

test: test-dependencies ## Set up, build, run all tests and the conformance suites
	swift build --build-tests
	swift test --skip-build --no-parallel
	python3 -m unittest discover --start-directory Tests/Scripts
	Tests/Conformance/websocket/check "$$(swift build --show-bin-path)/websocket-echo"
	Tests/Conformance/grpc/check "$$(swift build --show-bin-path)/grpc-echo"
	Tests/Conformance/grpc/interop "$$(swift build --show-bin-path)/grpc-echo"
	Tests/CInterface/check --configuration debug \
		--reference "$$(swift build --show-bin-path)/call-reference" \
		--sidetone "$$(swift build --show-bin-path)/sidetone"

install: dependencies ## Build libsidetone and install it for C, C++, Python, Go (PREFIX=/usr/local)
	scripts/install-library "$(or $(PREFIX),/usr/local)"

hearing: hearing-dependencies ## Evaluate the detectors beside others, write docs/hearing.md (ADD="FOLDER ..." FULL=1)
	swift build -c release --product sidetone
	Tools/hearing/run --peers evaluate --sidetone "$$(swift build -c release --show-bin-path)/sidetone" \
		$(addprefix --add ,$(ADD)) $(if $(FULL),--full)

hearing-check: hearing-dependencies ## Hold the floors of the detectors on forty rendered calls (minutes)
	swift build --product sidetone
	Tools/hearing/run - -m unittest discover --start-directory Tests/Scripts --pattern 'test_hearing_*.py'
	Tools/hearing/run evaluate --check --sidetone "$$(swift build --show-bin-path)/sidetone"

bench: dependencies ## Pieces of the media path against others' in the same run, then the gate (SHORT=1 as in CI)
	Benchmarks/run $(if $(SHORT),--short)

bench-c: dependencies ## Measure 20 ms of a call through the C interface beside the same in Swift
	swift build -c release --product call-reference
	Tests/CInterface/cost --reference "$$(swift build -c release --show-bin-path)/call-reference"

bench-grpc: dependencies ## Measure our gRPC server beside a plain C one and grpc-swift-2 (builds for minutes)
	Benchmarks/GRPC/run

bench-websocket: dependencies ## Measure our WebSocket server beside a plain C one
	Benchmarks/WebSocket/run

chaos: dependencies ## Inject faults under load and print what became of each (CALLS=500, ONLY="reset drain")
	swift build -c release --product sidetone
	Tools/chaos/run --sidetone "$$(swift build -c release --show-bin-path)/sidetone" \
		chaos $(if $(CALLS),--calls $(CALLS)) $(addprefix --only ,$(ONLY))

soak: dependencies ## Calls that come and go: memory stays, files and calls return to zero (MINUTES=20, CALLS=200)
	swift build -c release --product sidetone
	Tools/chaos/run --sidetone "$$(swift build -c release --show-bin-path)/sidetone" \
		soak $(if $(CALLS),--calls $(CALLS)) $(if $(MINUTES),--minutes $(MINUTES))

bench-load: dependencies ## Hold the release build to 2000 calls on two cores, a minute each way (SHORT=1 as in CI)
	swift build -c release --product sidetone
	Benchmarks/Load/run $(if $(SHORT),--short)

fuzz: dependencies ## Fuzz gRPC and each adapter's state machine, SECONDS_EACH (60) for each
	Fuzz/run

docs: dependencies ## Make the Swift library's reference and articles in out/docs; a warning is an error
	swift build --build-tests
	scripts/make-docs

lint: dependencies ## Check the format (swift-format) and the house rules (scripts/lint)
	scripts/lint

dependencies: ## Install what is missing of the Debian packages (no-op when all are there)
	@scripts/install-dependencies

test-dependencies: # The same, and what the tests need beside
	@scripts/install-dependencies --tests

hearing-dependencies: # The same, and what Tools/hearing needs beside Python's own packages
	@scripts/install-dependencies --hearing
