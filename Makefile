# What one does with polylogue, as `make help` lists it.

.PHONY: help run build test chaos soak bench fmt

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

build: ## the release binaries, the conformance server among them
	src/web/client/fetch.sh
	cargo build --release --bin polylogue --example conformance

run: build ## builds, then serves on 127.0.0.1:3000
	cargo run --release -- serve

test: ## installs what the tests need, then runs all of them
	tests/setup.sh
	$(MAKE) build
	cargo test --workspace
	tests/clients/run.sh
	tests/browser/run.sh

chaos: build ## the faults at length: kills, disks, Redis, clocks, storms
	tests/setup.sh
	cargo build --release --package polylogue-bench
	tests/clients/run.sh chaos

soak: build ## ten minutes of churn (SOAK_MINUTES), then nothing may be left over
	tests/setup.sh
	tests/clients/run.sh soak

bench: build ## builds the load generator and lists what it measures
	cargo build --release --package polylogue-bench
	cargo run --release --package polylogue-bench -- --help

fmt: ## formats everything, the dialects too, which `cargo fmt` does not see
	cargo fmt --all
	rustfmt --edition 2024 $$(find src/dialects -name '*.rs')
