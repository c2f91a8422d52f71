use http::{HeaderValue, header::CONTENT_ENCODING};
use tidegate_core::testing;

use super::{
    check::{RATIO_FREE_BYTES, RATIO_MAX},
    coding::tests::{brotli, gzip, zstd},
    *,
};

const FEED: &UploadFormat = tidegate_streams::PLATFORMS[1].uploads[0];

const NOW: Now = Now {
    mono_ns: 0,
    wall_ms: 1_795_348_800_000,
};

fn limit(kind: PayloadKind, quota: u32, shadow: bool) -> Bounded {
    testing::payload_limit(kind, quota).shadow(shadow).bounded()
}

fn looked(limits: Vec<Bounded>, format: Option<&'static UploadFormat>) -> Looked {
    Looked { limits, format }
}

fn of_coding(looked: &Looked, coding: &str, decoders: &Arc<Semaphore>) -> Result<Option<Inspection>, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
    looked.body(&headers, 200_000_000, decoders, NOW)
}

fn inspected(looked: &Looked, coding: &str, body: &[u8]) -> Result<u64, Refusal> {
    let mut inspection = of_coding(looked, coding, &Arc::new(Semaphore::new(1)))?.unwrap();
    for part in body.chunks(1_000) {
        inspection.push(part)?;
    }
    inspection.end()?;
    Ok(inspection.samples())
}

fn is_over(result: &Result<u64, Refusal>, of: &Of) -> bool {
    matches!(result, Err(Refusal::TooMuch(excess)) if excess.of == *of)
}

/// Bytes that pack badly.
fn noise(bytes: usize) -> Vec<u8> {
    let mut seed = 7u32;
    let next = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    (0..bytes).map(next).collect()
}

// fault 56
#[test]
fn a_limit_on_bytes_holds_for_what_they_are_decoded_to() {
    let looked = looked(vec![limit(PayloadKind::BodyBytes, 50_000, false)], None);
    for (coding, coded) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("br", brotli), ("zstd", zstd)] {
        let (fits, over) = (vec![b'x'; 50_000], vec![b'x'; 50_001]);
        assert_eq!(inspected(&looked, coding, &coded(&fits)), Ok(0), "{coding}");
        let found = inspected(&looked, coding, &coded(&over));
        assert!(is_over(&found, &Of::BodyBytes { decoded: true }), "{coding}: {found:?}");
    }
    assert_eq!(inspected(&looked, "identity", &noise(50_000)), Ok(0));
    let found = inspected(&looked, "identity", &noise(50_001));
    assert!(is_over(&found, &Of::BodyBytes { decoded: false }), "{found:?}");
}

// fault 56
#[test]
fn a_bomb_is_refused_by_its_ratio_before_its_bytes() {
    let looked = looked(vec![limit(PayloadKind::BodyBytes, 200_000_000, false)], None);
    let small = vec![b'x'; RATIO_FREE_BYTES as usize];
    assert_eq!(
        inspected(&looked, "gzip", &gzip(&small)),
        Ok(0),
        "a small one may pack as it likes"
    );
    let bomb = gzip(&vec![b'x'; 30_000_000]);
    assert!(bomb.len() as u64 * RATIO_MAX < 30_000_000);
    assert!(is_over(&inspected(&looked, "gzip", &bomb), &Of::Ratio));
    let mixed = [noise(100_000), vec![b'x'; 3_000_000]].concat();
    assert_eq!(inspected(&looked, "gzip", &gzip(&mixed)), Ok(0));
}

#[test]
fn an_unknown_coding_is_refused_where_limits_read_and_passed_where_none_do() {
    let decoders = Arc::new(Semaphore::new(1));
    let limited = looked(vec![limit(PayloadKind::BodyBytes, 9, false)], None);
    assert!(matches!(
        of_coding(&limited, "deflate", &decoders),
        Err(Refusal::UnknownCoding(_))
    ));
    let counted = looked(Vec::new(), Some(FEED));
    assert!(matches!(of_coding(&counted, "deflate", &decoders), Ok(None)));
}

#[test]
fn a_coded_body_more_than_are_decoded_at_a_time_is_short_of_capacity() {
    let limited = looked(vec![limit(PayloadKind::BodyBytes, 9, false)], None);
    let decoders = Arc::new(Semaphore::new(1));
    let first = of_coding(&limited, "gzip", &decoders).unwrap();
    assert!(matches!(
        of_coding(&limited, "gzip", &decoders),
        Err(Refusal::NoCapacity { .. })
    ));
    assert!(
        of_coding(&limited, "identity", &decoders).is_ok(),
        "a plain one needs no window"
    );
    drop(first);
    assert!(of_coding(&limited, "gzip", &decoders).is_ok());
}

const FOUR: &[u8] = br#"[{"compId":"c","streamId":"s","data":["a","b","ccc","d"]}]"#;

#[test]
fn a_limit_in_the_shadow_refuses_nothing_and_those_beside_it_do() {
    let format = Some(FEED);
    let shadowed = looked(vec![limit(PayloadKind::Samples, 3, true)], format);
    assert_eq!(inspected(&shadowed, "identity", FOUR), Ok(4));
    let beside = vec![
        limit(PayloadKind::Samples, 3, true),
        limit(PayloadKind::StringChars, 2, false),
    ];
    let found = inspected(&looked(beside, format), "identity", FOUR);
    assert!(matches!(found, Err(Refusal::TooMuch(excess)) if &*excess.limit == "string_chars"));
}

#[test]
fn samples_are_counted_in_every_coding_and_without_any_limit() {
    let counted = looked(Vec::new(), Some(FEED));
    for (coding, body) in [
        ("identity", FOUR.to_vec()),
        ("gzip", gzip(FOUR)),
        ("br", brotli(FOUR)),
        ("zstd", zstd(FOUR)),
    ] {
        assert_eq!(inspected(&counted, coding, &body), Ok(4), "{coding}");
    }
    assert_eq!(inspected(&counted, "gzip", b""), Ok(0), "some say gzip of no body");
}

#[test]
fn what_is_not_what_it_says_is_not_read() {
    let counted = looked(Vec::new(), Some(FEED));
    for (coding, body) in [("gzip", FOUR), ("identity", &b"[1,"[..])] {
        assert!(
            matches!(inspected(&counted, coding, body), Err(Refusal::Unreadable(_))),
            "{coding}"
        );
    }
}
