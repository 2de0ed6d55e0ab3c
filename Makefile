# A thin front over CMake's presets. `make help` lists the targets.
.DEFAULT_GOAL := release
.PHONY: help setup setup-tests setup-train release dev test test-fast asan format check-format tidy demo demo-train install-test fuzz fuzz-short coverage docs bench bench-quick bench-tables bench-load clean

JOBS ?= $(shell nproc)

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the build needs and the machine lacks
	@scripts/setup

release: setup ## Build build/release/bin/octavo
	@scripts/build release

setup-train: ## The same, and libtorch, for octavo-train
	@scripts/setup --train

dev: setup ## Build with assertions, quickly
	@scripts/build dev

setup-tests: ## The same, and what only the tests need: a browser, libtorch
	@scripts/setup --tests

test: setup-tests ## Build and run every test, the checks of style, the sanitizers and the installed package
	@scripts/test

test-fast: setup ## Build and run the fast tests only
	@scripts/build release octavo_fast_tests && ctest --preset release -L fast -j $(JOBS)

asan: setup-tests ## The fast tests under the address and undefined-behaviour sanitizers
	@scripts/build asan octavo_fast_tests && ctest --preset asan -j $(JOBS)

format: setup ## Rewrite the sources in the project's format
	@scripts/format

check-format: setup ## Fail if a source is not in the project's format
	@scripts/format --check

tidy: setup ## clang-tidy with the pinned checks
	@scripts/tidy

fuzz-short: setup-tests ## Fuzz every reader for a minute in all
	@scripts/fuzz 60

FUZZ_SECONDS ?= 14400
fuzz: setup-tests ## Fuzz for hours (FUZZ_SECONDS); findings go to build/fuzz/findings/
	@scripts/fuzz $(FUZZ_SECONDS)

demo: setup ## Quantize the shipped model, prove it, print a table
	@scripts/build release octavo && scripts/demo

demo-train: setup-train ## Fine-tune the shipped model with 2-bit weights, prove it
	@scripts/build release octavo octavo-train && scripts/demo-train

install-test: setup ## Install, then build and run a project that uses the installed package
	@scripts/install-test

coverage: setup-tests ## The share of lines in src/ that the tests run, module by module; fails below 90 %
	@scripts/coverage

docs: setup-tests ## The C++ reference in build/docs/html
	@scripts/docs

bench-load: release ## Time a node up to 3,000 nodes, memory up to 100,000 samples
	@bench/load

bench: release ## Beside every peer, on the shared models, in both runtimes: docs/results.md
	@bench/peers

bench-tables: release ## Schemes and calibrators as white papers print them: docs/whitepaper-tables.md
	@bench/whitepaper

bench-quick: setup ## Two peers and the small models, printed only, in under five minutes
	@scripts/build release octavo && bench/peers --quick

clean: ## Remove the builds (keeps .deps/)
	@rm -rf build
