#!/usr/bin/env bash
# httpdate 1.0.3 (Rust) reads the two-digit year of an RFC 850 date by a fixed pivot: 00 to 69 are 2000 to 2069, 70 to 99 are 1970 to 1999.
# RFC 9110 section 5.6.7 has the year follow the reader's clock: a date belongs to the past century only if it would otherwise be
# more than 50 years ahead. In 2026 a date in the year 70 is therefore one of 2070, whose 1 January is a Wednesday. httpdate checks
# the weekday against 1970 and so returns an error for that valid date; it accepts the Thursday, as 1970.
#
# Seen: 69 -> 3124224000 (2069); Wednesday, 70 -> error; Thursday, 70 -> 0 (1970). Needs cargo. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat >"$folder/Cargo.toml" <<'TOML'
[package]
name = "two-digit-year"
version = "0.0.0"
edition = "2021"
[dependencies]
httpdate = "=1.0.3"
TOML
cat >"$folder/src/main.rs" <<'RUST'
use std::time::UNIX_EPOCH;
fn main() {
    for text in [
        "Tuesday, 01-Jan-69 00:00:00 GMT",
        "Wednesday, 01-Jan-70 00:00:00 GMT",
        "Thursday, 01-Jan-70 00:00:00 GMT",
    ] {
        match httpdate::parse_http_date(text) {
            Ok(read) => println!("{text} -> {}", read.duration_since(UNIX_EPOCH).unwrap().as_secs()),
            Err(_) => println!("{text} -> error"),
        }
    }
}
RUST
seen=$(cargo run --quiet --manifest-path "$folder/Cargo.toml")
echo "$seen"
[ "$seen" = "Tuesday, 01-Jan-69 00:00:00 GMT -> 3124224000
Wednesday, 01-Jan-70 00:00:00 GMT -> error
Thursday, 01-Jan-70 00:00:00 GMT -> 0" ]
