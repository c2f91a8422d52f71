use super::*;

#[test]
fn what_is_shown_back_is_short() {
    let shown = echo(&"é".repeat(1_000));
    assert_eq!(shown.chars().count(), 81);
}
