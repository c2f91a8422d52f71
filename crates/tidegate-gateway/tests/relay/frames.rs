//! The frame checker agrees with another implementation, however the bytes come.

use proptest::{collection::vec, prelude::*};
use tidegate_gateway::relay::Side;

use crate::{oracle, support::frame};

/// Frames that are mostly as they should be: otherwise every stream ends with its first.
fn a_frame(from: Side) -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        20 => prop::sample::select(vec![0x81_u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a]),
        1 => Just(0x88_u8),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        8 => "[a-zß-ýぁ-ん😀]{0,40}".prop_map(String::into_bytes),
        3 => vec(any::<u8>(), 0..20),
        1 => (0_usize..5000).prop_map(|length| vec![b'x'; length]),
        1 => (990_u16..1020, "[a-zé]{0,40}").prop_map(|(code, reason)| [&code.to_be_bytes()[..], reason.as_bytes()].concat()),
        1 => (any::<u16>(), Just(())).prop_map(|(code, ())| code.to_be_bytes().to_vec()),
        1 => Just(b"tidegate".to_vec()),
    ];
    let is_right = prop::bool::weighted(0.98);
    (first, payload, any::<[u8; 4]>(), is_right).prop_map(move |(first, payload, mask, is_right)| {
        let masked = (from == Side::Client) == is_right;
        // A frame with the code of a Close is only a Close with one.
        frame(first, &payload, masked.then_some(mask))
    })
}

fn a_stream() -> impl Strategy<Value = (Side, Vec<u8>, Vec<usize>)> {
    prop::sample::select(vec![Side::Client, Side::Upstream]).prop_flat_map(|from| {
        let frames = vec(a_frame(from), 0..12);
        let cuts = vec(prop_oneof![Just(1_usize), 1..8_usize, 1..3000_usize], 1..20);
        (Just(from), frames.prop_map(|frames| frames.concat()), cuts)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_is_judged_as_by_tungstenite((from, bytes, cuts) in a_stream()) {
        oracle::compare(&bytes, from, |at| cuts[at % cuts.len()]);
    }

    #[test]
    fn text_is_checked_across_every_break(text in "\\PC{0,30}", mask in any::<[u8; 4]>(), breaks in vec(0_usize..40, 0..6)) {
        let mut breaks: Vec<usize> = breaks.into_iter().filter(|at| *at < text.len()).collect();
        breaks.extend([0, text.len()]);
        breaks.sort_unstable();
        let parts = breaks.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]);
        let count = parts.len();
        let frames = parts.enumerate().map(|(number, part)| {
            let opcode = u8::from(number == 0);
            let last = if number + 1 == count { 0x80 } else { 0 };
            frame(opcode | last, part, Some(mask))
        });
        let bytes = frames.collect::<Vec<_>>().concat();
        let (passed, ended, _) = oracle::ours(&bytes, Side::Client, |_| 1);
        prop_assert_eq!(ended, oracle::Ended::Open);
        prop_assert_eq!(passed, bytes);
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_are_judged_as_by_tungstenite() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/frame");
    let mut found = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds stand in fuzz/seeds/frame") {
        let bytes = std::fs::read(seed.unwrap().path()).unwrap();
        oracle::judge(&bytes);
        found += 1;
    }
    assert!(found > 20, "{found} seeds");
}
