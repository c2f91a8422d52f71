use super::*;

#[test]
fn a_label_cannot_end_its_text_or_begin_a_line() {
    let mut text = Text::default();
    text.family("up", Type::Gauge, "Whether it is.");
    text.sample("up", &[("page", "a\"} 1\nup{page=\"b\\"), ("server", "x")], 0.5);
    text.sample("up", &[], 1);
    let expected = "# HELP up Whether it is.\n# TYPE up gauge\n\
                    up{page=\"a\\\"} 1\\nup{page=\\\"b\\\\\",server=\"x\"} 0.5\nup 1\n";
    assert_eq!(text.into_string(), expected);
}
