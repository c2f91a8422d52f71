use super::*;

#[test]
fn spans_are_a_count_and_a_unit() {
    for (text, secs) in [("90s", 90), ("15m", 900), ("12h", 43_200), ("90d", 7_776_000)] {
        assert_eq!(span(text), Ok(Duration::from_secs(secs)), "{text}");
    }
    for text in ["", "90", "d", "-1d", "0s", "1w", "1.5h", "999999999999d", "5µ"] {
        assert!(span(text).is_err(), "{text}");
    }
}

#[test]
fn a_date_is_its_beginning_in_utc() {
    assert_eq!(date("2026-12-01"), Ok(1_796_083_200_000));
    assert_eq!(date("2026-12-01T00:00:00Z"), date("2026-12-01"));
    assert!(date("2026-13-01").is_err());
    assert!(date("tomorrow").is_err());
}
