//! What is JSON and what is not, as `serde_json` has it.

mod oracle;

use oracle::{judge, judge_input, read};
use proptest::prelude::*;
use serde_json::Value;
use tidegate_streams::json::{self, NESTING_MAX};

#[test]
fn what_is_json_and_what_is_not_is_as_the_oracle_says() {
    let cases: &[&[u8]] = &[
        b"",
        b" ",
        b"null",
        b"nul",
        b"nulls",
        b"true ",
        b"false",
        b"\xef\xbb\xbf[]",
        b"[]",
        b"[,]",
        b"[1,]",
        b"[1 2]",
        b"{}",
        b"{,}",
        b"{\"a\":1,}",
        b"{\"a\" 1}",
        b"{a:1}",
        b"{\"a\":1}}",
        b"[1]]",
        b"[}",
        b"{]",
        b"1",
        b"01",
        b"-",
        b"-0",
        b"+1",
        b"1.",
        b".5",
        b"1.5e",
        b"1e5",
        b"1E+5",
        b"1e-",
        b"-1.5e-3",
        b"1e400",
        b"0x1",
        b"NaN",
        b"\"",
        b"\"a",
        b"\"\\\"\"",
        b"\"\\x\"",
        b"\"\\u00e9\"",
        b"\"\\u00g9\"",
        b"\"\\ud83d\\ude00\"",
        b"\"\\ud83d\"",
        b"\"\\ude00\"",
        b"\"\\ud83da\"",
        b"\"\\ud83d\\n\"",
        b"\"\\ud83d\\ud83d\"",
        b"\"\xf0\x9f\x98\x80\"",
        b"\"\xf0\x9f\x98\"",
        b"\"\xc3\x28\"",
        b"\"\xff\"",
        b"\"\xed\xa0\x80\"",
        b"\"a\nb\"",
        b"\"\x7f\"",
        b"\"\x00\"",
        b"[\"\\\\\",\"\\/\\b\\f\\n\\r\\t\"]",
        b"{\"a\":1,\"a\":2}",
        b"[[[1],{\"b\":[null]}]]",
        b"1 1",
        b"\xe2\x80\xa8[]",
    ];
    for case in cases {
        for lengths in [&[usize::MAX][..], &[1], &[2], &[3, 1]] {
            judge(case, lengths);
        }
    }
}

#[test]
fn as_many_arrays_may_stand_within_each_other_as_for_the_oracle() {
    for depth in [126, 127, 128, 129] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        judge(text.as_bytes(), &[7]);
        assert_eq!(
            read(text.as_bytes(), &[7]).is_ok(),
            depth <= NESTING_MAX as usize,
            "{depth}"
        );
    }
}

#[test]
fn a_fault_is_told_with_its_place() {
    assert_eq!(read(b"[1,\n 2,]", &[3]).unwrap_err().to_string(), "no value at byte 7");
    assert_eq!(
        read(b"[1", &[1]).unwrap_err().to_string(),
        "the text ends too early at byte 2"
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".{0,6}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn the_seeds_of_the_fuzz_target_are_judged_as_by_the_oracle() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/json");
    let mut found = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds stand in fuzz/seeds/json") {
        judge_input(&std::fs::read(seed.unwrap().path()).unwrap());
        found += 1;
    }
    assert!(found >= 5, "{found} seeds");
}

proptest! {
    #[test]
    fn a_text_is_read_alike_however_it_is_cut(value in value(), lengths in prop::collection::vec(1usize..9, 1..8)) {
        judge(value.to_string().as_bytes(), &lengths);
    }

    #[test]
    fn a_text_with_a_byte_changed_is_judged_as_by_the_oracle(
        value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>(), lengths in prop::collection::vec(1usize..9, 1..8)
    ) {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        judge(&bytes, &lengths);
        bytes.remove(at);
        judge(&bytes, &lengths);
    }

    #[test]
    fn bytes_of_the_alphabet_are_judged_as_by_the_oracle(text in "[\\[\\]{}\":, \\\\0-9eE.+-utrfalsn]{0,24}") {
        judge(text.as_bytes(), &[3]);
    }
}
