# One verb a recipe. `just ci` is exactly what continuous integration runs.

default: check

# Format, then the lints.
check:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# All tests, without the real clients where they are missing.
test:
    TIDEGATE_SKIP_CLIENTS=1 ./test

# The rules of the repository alone: sizes, names, arrows, docs.
tidy:
    cargo test -p tidegate --test tidy

# The documentation of the crates, opened.
doc:
    cargo doc --workspace --no-deps --open

# Licences, advisories and sources of the dependencies.
deny:
    cargo deny check

# The gateway on the default policy.
serve *flags:
    cargo run --release -- serve {{ flags }}

ci:
    .ci/run
