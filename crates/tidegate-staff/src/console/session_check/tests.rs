use super::*;

// fault 71
#[test]
fn nobody_is_sent_off_this_listener() {
    for ours in ["/", "/console/callers/ann?limit=a", "/console/audit?before=7"] {
        assert_eq!(local(ours), Some(ours));
    }
    for elsewhere in [
        "",
        "//evil.example",
        "//evil.example/console/",
        "/\\evil.example",
        "/console/\\..\\evil",
        "https://evil.example/",
        "javascript:alert(1)",
        "/logout",
        "/users",
        "/console/a\r\nset-cookie: a=b",
        "/console/\u{202e}",
    ] {
        assert_eq!(local(elsewhere), None, "{elsewhere:?}");
    }
}
