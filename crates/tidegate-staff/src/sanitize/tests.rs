use super::*;

// fault 70
#[test]
fn no_character_that_a_terminal_obeys_is_left() {
    let hostile = "\u{1b}[31mred\r\nadmin\u{9b}2J\u{7}\t\u{7f}\u{202e}";
    let shown = plain(hostile);
    assert!(!shown.contains(is_obeyed), "{shown:?}");
    assert_eq!(shown, r"\u001b[31mred\u000d\u000aadmin\u009b2J\u0007\u0009\u007f\u202e");
}

#[test]
fn what_is_plain_stays_as_it_is() {
    for text in ["", "GET /swd/rest/stations", "Zürich 気温 – 21 °C", r"C:\u001b"] {
        assert!(matches!(plain(text), Cow::Borrowed(same) if same == text));
    }
}

// fault 70
#[test]
fn json_that_is_made_plain_is_the_same_value() {
    let value = serde_json::json!({ "device": "\u{1b}[31m\n\u{9b}\u{7f}\u{202e}", "b": ["é"] });
    let printed = plain_lines(&serde_json::to_string_pretty(&value).unwrap());
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
    assert!(!printed.replace('\n', "").contains(is_obeyed));
}
