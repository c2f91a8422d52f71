use super::*;
use crate::testing::PARTS;

fn rate(text: &str) -> Result<(u32, u64), String> {
    RateText::parse(text, &PARTS)
        .map(|rate| (rate.quota, rate.window.as_secs()))
        .map_err(|fault| fault.to_string())
}

fn quota(text: &str) -> Result<(u32, &'static str), String> {
    QuotaText::parse(text, &PARTS)
        .map(|quota| (quota.quota, quota.period.as_str()))
        .map_err(|fault| fault.to_string())
}

#[test]
fn rates_read_as_people_write_them() {
    for (text, expected) in [
        ("100 per minute", (100, 60)),
        ("12 per 2 minutes", (12, 120)),
        ("5 per 1 second", (5, 1)),
        ("10_000 per minute", (10_000, 60)),
        ("10,000 per hour", (10_000, 3_600)),
        ("4294967295 per day", (u32::MAX, 86_400)),
        ("1 per week", (1, 604_800)),
        ("9 per month", (9, 2_592_000)),
    ] {
        assert_eq!(rate(text), Ok(expected), "{text}");
    }
    assert!(RateText::parse("9 per month", &PARTS).is_ok_and(|rate| rate.in_months));
}

#[test]
fn a_rate_that_is_none_says_what_would_be() {
    for (text, expected) in [
        (
            "100/min",
            "`100/min` is not so many per so long; write it as `100 per minute`",
        ),
        (
            "many per minute",
            "`many` is no quota; write a whole number from 1 to 4294967295",
        ),
        (
            "0 per minute",
            "a quota of 0 refuses everybody for ever; write at least 1",
        ),
        (
            "4294967296 per day",
            "`4294967296` is more than a count can hold; write at most 4294967295",
        ),
        (
            "99999999999999999999999 per day",
            "`99999999999999999999999` is more than a count can hold; write at most 4294967295",
        ),
        (
            "-1 per day",
            "`-1` is no quota; write a whole number from 1 to 4294967295",
        ),
        ("1 per minuet", "`minuet` is no unit of time; did you mean `minute`?"),
        ("1 per 0 days", "a window of no time; write it as `12 per 2 minutes`"),
        (
            "1 per two days",
            "`two` is no number of windows; write it as `12 per 2 minutes`",
        ),
        ("1 per 5 weeks", "a window longer than 31 days; write a shorter one"),
        (
            " per day",
            "` per day` is not so many per so long; write it as `100 per minute`",
        ),
    ] {
        assert_eq!(rate(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn quotas_are_of_one_calendar_window() {
    assert_eq!(quota("1000 per day"), Ok((1_000, "day")));
    assert_eq!(quota("250_000 per month"), Ok((250_000, "month")));
    let right = "write one of minute, hour, day, week or month, or use `rate` for windows that follow the caller";
    assert_eq!(
        quota("1 per 2 days"),
        Err(format!("`2 days` is no calendar window; {right}"))
    );
    assert_eq!(
        quota("1 per second"),
        Err(format!("`second` is no calendar window; {right}"))
    );
    assert_eq!(
        quota("1 per mnth"),
        Err("`mnth` is no calendar window; did you mean `month`?".to_owned())
    );
    assert_eq!(
        quota("0 per day"),
        Err("a quota of 0 refuses everybody for ever; write at least 1".to_owned())
    );
}
