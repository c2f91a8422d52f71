//! The form of a token, on any text. The fuzz target uses this file too.

use tidegate_accounts::is_well_formed;

/// One input of the fuzz target: what has the form of a token loses it with any one character changed, left out or added.
pub fn judge(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if !is_well_formed(text) {
        return;
    }
    assert!(text.is_ascii() && text.starts_with("tg_"), "{text:?}");
    for at in 0..text.len() {
        for other in "09AZaz_-\0~".chars() {
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(changed == text || !is_well_formed(&changed), "{changed:?} too");
        }
        let shorter = format!("{}{}", &text[..at], &text[at + 1..]);
        assert!(!is_well_formed(&shorter), "{shorter:?} too");
    }
    for longer in [
        format!("{text}0"),
        format!(" {text}"),
        format!("{text}\n"),
        text.to_uppercase(),
    ] {
        assert!(!is_well_formed(&longer), "{longer:?} too");
    }
}
