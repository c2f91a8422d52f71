//! A request has one route, however it is spelt (fault 47).

#[path = "routes/oracle.rs"]
mod oracle;

use std::path::Path;

use proptest::{collection::vec, prelude::*};

fn a_segment() -> impl Strategy<Value = String> {
    let texts = [
        "a",
        "b:c",
        "caf%C3%A9",
        "caf%c3%a9",
        "%3A",
        "x%25y",
        "{p}",
        "b%3ac",
        "%ff",
        "a'b",
        "é",
    ];
    prop_oneof![4 => prop::sample::select(texts.to_vec()).prop_map(str::to_owned), 1 => "[a-c%:;.]{0,3}"]
}

fn a_path() -> impl Strategy<Value = String> {
    (
        vec(a_segment(), 0..4),
        prop::sample::select(vec!["", "/", "/**", "?x=/a", "?f", "?g&%66=1"]),
    )
        .prop_map(|(segments, end)| format!("/{}{end}", segments.join("/")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_most_specific_pattern_wins_and_no_spelling_goes_round_it(
        asked in (prop::sample::select(vec!["GET", "HEAD", "PUT"]), a_path()),
        patterns in vec((prop::sample::select(vec!["GET", "*", "PUT", "HEAD"]), a_path()), 0..6),
    ) {
        let lines = std::iter::once(asked).chain(patterns).map(|(method, path)| format!("{method} {path}"));
        oracle::judge(lines.collect::<Vec<_>>().join("\n").as_bytes());
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_are_routed_as_the_slow_way_says() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/route");
    let mut found = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds stand in fuzz/seeds/route") {
        oracle::judge(&std::fs::read(seed.unwrap().path()).unwrap());
        found += 1;
    }
    assert!(found >= 5, "{found} seeds");
}
