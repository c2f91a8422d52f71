use super::*;

#[test]
fn a_place_to_listen_is_read_as_it_is_shown() {
    for text in [
        "127.0.0.1:8080",
        "[::1]:0",
        "[::]:80",
        "unix:/run/gate.sock",
        "unix:gate.sock",
    ] {
        assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_place_is_told_what_would_be_right() {
    for text in [
        "",
        "8080",
        "127.0.0.1",
        "::1:8080x",
        "localhost:8080",
        "unix:",
        "/run/gate.sock",
        "http://127.0.0.1:80",
    ] {
        let error = text.parse::<ListenAddress>().unwrap_err().to_string();
        assert!(
            error.contains("unix:/run/gate.sock") && error.contains("[::1]:8080"),
            "{text}: {error}"
        );
    }
}
