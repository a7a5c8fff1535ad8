# What one does with polylogue, as `make help` lists it.

.PHONY: help run build test chaos soak fuzz autobahn bench bench-quick peers fmt

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile

build: ## the release binaries, and the examples that tests run
	src/web/client/fetch.sh
	cargo build --release --bin polylogue --example conformance --example costs

run: build ## builds, then serves on 127.0.0.1:3000
	cargo run --release -- serve

test: ## installs what the tests need, then runs all of them
	tests/setup.sh
	$(MAKE) build
	cargo test --workspace
	cargo test --manifest-path bench/peers/Cargo.toml -p limit
	python3 -m unittest discover -s bench/table -p tests.py
	tests/clients/run.sh
	tests/browser/run.sh

chaos: build ## the faults at length: kills, disks, Redis, clocks, storms
	tests/setup.sh
	cargo build --release --package polylogue-bench
	tests/clients/run.sh chaos

soak: build ## ten minutes of churn (SOAK_MINUTES), then nothing may be left over
	tests/setup.sh
	tests/clients/run.sh soak

fuzz: ## each fuzz target under libFuzzer, for a minute each
	tests/fuzz/run.sh 60

autobahn: build ## the WebSocket suite of Autobahn; needs Python 2.7
	tests/conformance/autobahn.sh

bench: peers ## measures polylogue beside its peers, half an hour: bench/RESULTS.md; BENCH=--help
	python3 bench/table $(BENCH)

bench-quick: peers ## the main rows of that in two minutes
	python3 bench/table --quick $(BENCH)

peers: build ## the load generator, and the servers that polylogue is measured beside
	bench/setup.sh
	cargo build --release --package polylogue-bench
	bench/peers/build.sh

fmt: ## formats everything, the dialects too, which `cargo fmt` does not see
	cargo fmt --all
	cargo fmt --all --manifest-path bench/peers/Cargo.toml
	rustfmt --edition 2024 $$(find src/dialects -name '*.rs')
