use super::*;

fn line(text: &str) -> Option<String> {
    one_line(&mut text.as_bytes()).ok()
}

#[test]
fn one_line_is_read_without_its_end_and_with_all_its_spaces() {
    assert_eq!(line("correct horse\n").as_deref(), Some("correct horse"));
    assert_eq!(line(" correct horse \r\nsecond\n").as_deref(), Some(" correct horse "));
    assert_eq!(line("no end").as_deref(), Some("no end"));
}

#[test]
fn no_line_is_no_password() {
    for text in ["", "\n", "\r\n"] {
        assert!(matches!(one_line(&mut text.as_bytes()), Err(Failure::Usage(_))));
    }
}

#[test]
fn what_is_longer_than_any_password_is_refused_before_its_end_is_read() {
    assert_eq!(line(&"x".repeat(256)).unwrap().len(), 256);
    for too_long in ["x".repeat(257), "x".repeat(1_000_000), "\u{e4}".repeat(1_000)] {
        let mut input = too_long.as_bytes();
        let refused = one_line(&mut input);
        assert!(matches!(refused, Err(Failure::Usage(why)) if why.contains("longer than 256 bytes")));
        assert!(too_long.len() - input.len() <= 258);
    }
    let refused = one_line(&mut &b"\xff\xff long enough"[..]);
    assert!(matches!(refused, Err(Failure::Usage(why)) if why.contains("UTF-8")));
}
