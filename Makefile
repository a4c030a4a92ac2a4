# The only task runner of this project. `make` alone lists the targets; anything longer than a line lives in tools/.
SHELL := bash
.DEFAULT_GOAL := help
LANGUAGES := node python kotlin
.PHONY: engine $(LANGUAGES) help setup setup-build demo test check gen gen-check bench money package smoke publish-node android android-weigh docs live-check fuzz

# A Rust that rustup has just installed is found before the shell has read its profile again.
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)
BUILT := $(or $(CARGO_TARGET_DIR),target)/debug

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing: a C compiler, Rust, and the checking tools into .tools/
	@tools/setup.sh

setup-build:
	@tools/setup.sh build

demo: setup-build ## buy one of everything from a local OneClickDz service, in front of you
	@echo '==> cargo build (the engine and the local service)'
	cargo build --workspace --locked --bins --examples
	@echo '==> demo'
	@ONECLICKDZ_SANDBOX_BIN=$(BUILT)/oneclickdz-sandbox ONECLICKDZ_DEMO_OUT=$(BUILT)/demo $(BUILT)/examples/demo

test: setup-build ## run every test
	@tools/test.sh

check: setup ## formatting, lints, licences, advisories, spelling, documentation, bounded fuzzing
	@tools/check.sh

gen: setup-build ## write the generated files anew
	@tools/node.sh gen
	@tools/python.sh gen

gen-check: setup-build ## fail when a generated file is out of date
	@tools/node.sh gen-check
	@tools/python.sh gen-check

bench: setup-build ## measure the engine and the packages beside named peers, or one of them: make bench node
	@tools/bench.sh $(filter engine $(LANGUAGES),$(MAKECMDGOALS))

money: setup-build ## prove the money rules: 10,000 orders, faults, 20 kills, 4 processes on one journal
	@echo '==> cargo build (the workers and the local service)'
	cargo run --locked -p oneclickdz-tests --bin money -- run --seed $(or $(MONEY_SEED),1)

package: setup-build ## build and try the packages of all languages, or of one: make package node
	@tools/package.sh $(filter $(LANGUAGES),$(MAKECMDGOALS))

engine $(LANGUAGES): # a word after `package` or `bench`, nothing by itself
	@:

smoke: setup-build ## the Node package in Bun and Deno, which come from npm
	@tools/node.sh smoke

publish-node: ## publish the npm packages; the release workflow does
	@tools/node.sh publish

android: setup-build ## the Kotlin package's native part for each Android ABI; needs ANDROID_NDK_HOME
	@tools/kotlin.sh android

android-weigh: setup-build ## the same without an NDK, only to check that it compiles, what it offers and what it weighs
	@tools/kotlin.sh weigh

docs: setup-build ## build the API documentation into target/doc
	cargo doc --workspace --no-deps --locked

live-check: setup-build ## compare the real service with our assumptions; needs ONECLICKDZ_API_KEY, a sandbox key
	cargo run --locked -p oneclickdz --example live_check

fuzz: setup ## fuzz the decoder for longer than make check does (FUZZ_SECONDS=300)
	@tools/fuzz.sh $(or $(FUZZ_SECONDS),300)
