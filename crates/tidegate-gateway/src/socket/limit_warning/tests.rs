use std::time::Duration;

use tidegate_core::socket::SocketRefusal;

use super::*;

const NOW: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_795_348_800_000,
};

fn rules(resources_max: u32, warnings: bool) -> SocketRules {
    SocketRules {
        refuse: SocketRefusal::Handshake,
        extensions: false,
        message_bytes_max: 65_536,
        messages_per_minute_max: 240,
        resources_max,
        command: None,
        idle: Duration::from_secs(600),
        lifetime: Duration::from_secs(600),
        warnings,
    }
}

/// At which of these counts a text is sent.
fn told(rules: &SocketRules, counts: &[usize]) -> Vec<usize> {
    let mut warning = ResourceWarning::new(rules);
    let is_told = |count: &&usize| warning.listens_to(**count, NOW).is_some();
    counts.iter().filter(is_told).copied().collect()
}

// docs/semantics.md rule 13
#[test]
fn a_socket_is_told_of_its_resources_once_on_the_way_up_and_again_after_it_listened_to_few() {
    let up_and_down = [7, 8, 9, 10, 9, 6, 8, 10, 5, 7, 8];
    assert_eq!(told(&rules(10, true), &up_and_down), [8, 8]);
    assert_eq!(told(&rules(10, false), &up_and_down), [0; 0]);
}

#[test]
fn the_text_says_which_bound_and_how_much_of_it() {
    let text = ResourceWarning::new(&rules(10, true)).listens_to(8, NOW).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        value,
        json!({ "type": "limit_warning", "limit": "resources_max", "used": 8, "quota": 10 })
    );
}
