# What CI calls and the README names. Everything here brings what it needs (`make setup`).
.PHONY: run test test-full lint bench generate setup

run: setup
	cargo run --release --locked -- demo

test: setup lint
	cargo test --workspace --locked

# The black-box tests once more, as they are served: optimised; what hangs is ended.
test-full: test
	timeout 45m cargo test --release --locked --test black_box

lint: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

bench: setup
	cargo bench --locked --bench figures

generate: setup
	cargo run --locked -- generate

setup:
	@tools/setup.sh
