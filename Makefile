# A short way to the presets in CMakePresets.json. The release build is in
# build/, every other one in build-<preset>/.

PREFIX ?= /usr/local
CMAKE = cmake --log-level=WARNING
# Some ten minutes of random texts, doubles and deliveries.
V8_VALUES ?= 1000000
V8_DOUBLES ?= 10000000
V8_DELIVERIES ?= 1000000
# For `make fuzz`; tools/fuzz says what they mean. Empty is its default.
FUZZ_RUNS ?=
FUZZ_MUTATIONS ?=
FUZZ_TIMINGS ?=
FUZZ_JOBS ?=
FUZZ_SEED ?=
FUZZ_NAMES ?=
export FUZZ_RUNS FUZZ_MUTATIONS FUZZ_TIMINGS FUZZ_JOBS FUZZ_SEED
# For `make crash`; tools/crash says what they mean. Empty is its default.
CRASH_KILLS ?=
CRASH_CYCLES ?=
CRASH_FLIPS ?=
CRASH_POINTS ?=
MODEL_OPERATIONS ?=
CRASH_SEED ?=
CRASH_NAMES ?=
export CRASH_KILLS CRASH_CYCLES CRASH_FLIPS CRASH_POINTS CRASH_SEED \
       MODEL_OPERATIONS
# For `make soak`; tools/soak says what they mean. Empty is its default.
SOAK_SECONDS ?=
SOAK_PER_SECOND ?=
SOAK_SUBSCRIBERS ?=
SOAK_DROPS ?=
SOAK_LOGS ?=
SOAK_NAMES ?=
export SOAK_SECONDS SOAK_PER_SECOND SOAK_SUBSCRIBERS SOAK_DROPS SOAK_LOGS
# For `make edge`; tools/edge says what they mean. Empty is its default.
EDGE_SLOW ?=
EDGE_RATE ?=
EDGE_SECONDS ?=
EDGE_P99_MS ?=
EDGE_MUTATIONS ?=
EDGE_SEED ?=
EDGE_NAMES ?=
export EDGE_SLOW EDGE_RATE EDGE_SECONDS EDGE_P99_MS EDGE_MUTATIONS EDGE_SEED
# For `make bench`; bench/run says what they mean. Empty is its default.
BENCH_ROWS ?=
BENCH_ROUNDS ?=
BENCH_EVENTS ?=
BENCH_LOGS ?=
# For which Pythons beside `python3` to test the wheel.
PYTHONS ?= python3.13
# `--since REV` looks at changes only.
TIDY_ARGS ?=
PYTEST = build/venv/bin/pytest --config-file tests/e2e/pytest.ini tests/e2e

# What the sanitizers want, in unit and end-to-end tests alike; builds without
# them do not look. TSan cannot see into the distribution's gRPC; c-ares, the
# other resolver, leaks 50 bytes.
export ASAN_OPTIONS ?= detect_leaks=1
export UBSAN_OPTIONS ?= print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS ?= ignore_noninstrumented_modules=1:suppressions=$(CURDIR)/tools/tsan.supp
export GRPC_DNS_RESOLVER ?= native
export TUCO_TEST_DATA ?= $(CURDIR)/tests/data

# Tracked and new files alike, but no ignored ones.
files = $$(git ls-files --cached --others --exclude-standard -- $(1))
cc_files = $(call files,'*.h' '*.cc')

# What Bazel builds in `make test`; all else is for `make bazel-test`.
bazel_targets = //lib/... //proto/... //python/... \
                //tests/lib/... //tests/proto/... //tests/python/...

presets = debug asan tsan clang coverage

.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: run build test check-asan check-tsan check-clang format lint install \
        bazel-test bench clean coverage crash edge fuzz fuzz-python fuzz-v8 help soak wheel sdist test-python test-pythons test-release $(presets:%=build-%) $(presets:%=test-%)

build: ## Build the release (the default)
	@$(CMAKE) --preset release
	@cmake --build --preset release

run: ## Install what is missing, build, and serve with development settings
	@tools/setup run
	@$(CMAKE) --preset release
	@cmake --build --preset release --target tuco-events
	exec build/bin/tuco-events serve --dev

test: ## Install what is missing, build, and run every test
	@tools/setup test
	@$(MAKE) --no-print-directory build test-release
	@tools/test_python
	@tools/test_python_client
	bazel test $(bazel_targets)

bazel-test: ## Build and test everything with Bazel, without a network
	@tools/setup test
	bazel build //...
	bazel test //...

check-asan: ## Every test under AddressSanitizer and UBSan
	@tools/setup test
	@$(MAKE) --no-print-directory build-asan test-asan

check-tsan: ## Every test under ThreadSanitizer
	@tools/setup test
	@$(MAKE) --no-print-directory build-tsan test-tsan

check-clang: ## The unit tests as clang builds them
	@tools/setup dev
	@$(MAKE) --no-print-directory build-clang
	ctest --preset clang

$(presets:%=build-%): build-%:
	@$(CMAKE) --preset $*
	@cmake --build --preset $*

test-release: build_dir = build
test-%: build_dir = build-$*
test-release $(presets:%=test-%): test-%:
	ctest --preset $*
	TUCO_EVENTS_BIN=$(CURDIR)/$(build_dir)/bin/tuco-events $(PYTEST)

wheel: ## Build the Python wheel into dist/
	@tools/setup run
	@tools/wheel

sdist: ## Build the Python source distribution into dist/
	@tools/setup run
	@tools/sdist

test-python: ## Test the Python wheel
	@tools/setup test
	@tools/test_python

test-pythons: ## Test the wheel for other Pythons too: PYTHONS (python3.13)
	@tools/setup test
	@for python in $(PYTHONS); do PYTHON=$$python tools/test_python || exit 1; done

fuzz: ## Look for mistakes with made-up inputs: FUZZ_RUNS of each target
	@tools/setup dev
	@$(CMAKE) --preset fuzz
	@cmake --build --preset fuzz --target fuzz_targets signed_mutations_test
	@$(CMAKE) --preset release
	@cmake --build --preset release --target digest_timing
	tools/fuzz $(FUZZ_NAMES)

fuzz-python: ## Look for mistakes of the Python package with made-up inputs
	@tools/setup dev
	@tools/fuzz_python $(FUZZ_NAMES)

fuzz-v8: ## Hold V8_VALUES texts, V8_DOUBLES doubles and V8_DELIVERIES against V8
	@tools/setup test
	@$(CMAKE) --preset release
	@cmake --build --preset release --target canonical_v8_dump delivery_v8_dump
	node tests/lib/canonical_v8_test.mjs build/tests/canonical_v8_dump \
	  $(V8_VALUES) $(V8_DOUBLES) $$(od -An -N4 -tu4 /dev/urandom)
	node tests/lib/delivery_v8_test.mjs build/tests/delivery_v8_dump \
	  $(V8_DELIVERIES) $$(od -An -N4 -tu4 /dev/urandom)

bench: ## Print how fast we are, as ratios to peers and limits measured beside us
	@tools/setup dev
	@$(CMAKE) --preset release
	@cmake --build --preset release --target bench_programs
	@tools/python_wheel_venv >/dev/null
	bench/run $(addprefix --rows=,$(BENCH_ROWS)) \
	  $(addprefix --rounds=,$(BENCH_ROUNDS)) \
	  $(addprefix --events=,$(BENCH_EVENTS)) $(addprefix --logs=,$(BENCH_LOGS))

crash: ## Kill the server and crash its log, many times over: CRASH_KILLS and more
	@tools/setup test
	@$(MAKE) --no-print-directory build
	tools/crash $(CRASH_NAMES)

soak: ## Let a server work for SOAK_SECONDS, and see that it stays as it was
	@tools/setup test
	@$(CMAKE) --preset release
	@cmake --build --preset release \
	  --target bench_programs client_stack_streams_test
	tools/soak $(SOAK_NAMES)

edge: ## Slow clients, and malformed requests through proxies: EDGE_SLOW and more
	@tools/setup dev
	@$(MAKE) --no-print-directory build
	tools/edge $(EDGE_NAMES)

coverage: ## What the tests reach, as build-coverage/coverage/index.html
	@tools/setup dev
	@$(MAKE) --no-print-directory build-coverage
	@find build-coverage -name '*.gcda' -delete
	@$(MAKE) --no-print-directory test-coverage
	@tools/coverage

format: ## Format the C++ files in place
	@clang-format -i $(cc_files)

lint: ## Check everything about how the code reads, and the checks themselves
	@tools/setup dev
	@$(MAKE) --no-print-directory build
	@tools/wheel >/dev/null
	@for check in $(filter-out %_tidy,$(wildcard tools/check_*)); do \
	  echo "$$check"; "$$check" || exit 1; \
	done
	tools/check_tidy $(TIDY_ARGS)
	build/venv/bin/pytest --config-file tests/tools/pytest.ini tests/tools

install: build ## Install the release under PREFIX (/usr/local); DESTDIR works
	cmake --install build --prefix $(PREFIX)

clean: ## Remove every build, but not the cached BoringSSL
	rm -rf build build-*

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
	  awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'
