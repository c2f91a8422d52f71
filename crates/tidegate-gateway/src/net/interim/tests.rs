use http::HeaderValue;

use super::*;

fn hints(link: &str) -> HeaderMap {
    let mut fields = HeaderMap::new();
    fields.insert("link", HeaderValue::from_str(link).unwrap());
    fields
}

fn taken(interim: &Interim, is_between: bool) -> String {
    let bytes = interim.take(is_between).unwrap_or_default();
    String::from_utf8(bytes.to_vec()).unwrap()
}

// RFC 9110 15.2
#[test]
fn what_comes_before_an_answer_is_written_between_answers_only_and_without_fields_of_one_hop() {
    let interim = Interim::default();
    interim.push(StatusCode::EARLY_HINTS, &hints("a"));
    assert_eq!(taken(&interim, true), "", "nobody understands it");
    interim.open();
    let mut fields = hints("b");
    for name in [
        "connection",
        "keep-alive",
        "content-length",
        "transfer-encoding",
        "tidegate-decision",
    ] {
        fields.insert(name, HeaderValue::from_static("7"));
    }
    interim.push(StatusCode::EARLY_HINTS, &fields);
    interim.push(StatusCode::from_u16(199).unwrap(), &HeaderMap::new());
    assert_eq!(taken(&interim, false), "", "an answer is half written");
    assert_eq!(
        taken(&interim, true),
        "HTTP/1.1 103 Early Hints\r\nlink: b\r\n\r\nHTTP/1.1 199 \r\n\r\n"
    );
    assert_eq!(taken(&interim, true), "", "once");
    for ours in [StatusCode::CONTINUE, StatusCode::SWITCHING_PROTOCOLS] {
        interim.push(ours, &hints("c"));
        assert_eq!(taken(&interim, true), "", "{ours}");
    }
}

#[test]
fn what_waits_when_the_answer_begins_is_written_before_it_or_never() {
    let interim = Interim::default();
    for (is_between, written) in [(true, true), (false, false)] {
        interim.open();
        interim.push(StatusCode::EARLY_HINTS, &hints("a"));
        interim.close();
        assert!(!interim.is_open());
        interim.push(StatusCode::EARLY_HINTS, &hints("too late"));
        let before = taken(&interim, is_between);
        assert_eq!(before.contains("link: a"), written, "{before}");
        assert!(!before.contains("too late") && taken(&interim, true).is_empty());
    }
}

#[test]
fn interim_answers_have_a_bound_together_and_the_next_request_has_it_anew() {
    let interim = Interim::default();
    let large = hints(&"x".repeat(INTERIM_BYTES_MAX / 2 - 100));
    for _ in 0..2 {
        interim.open();
        let mut bytes = 0;
        for _ in 0..5 {
            interim.push(StatusCode::EARLY_HINTS, &large);
            bytes += taken(&interim, true).len();
        }
        assert!(
            (INTERIM_BYTES_MAX - 200..=INTERIM_BYTES_MAX).contains(&bytes),
            "{bytes}"
        );
        interim.close();
    }
}
