use super::*;
use crate::admin::staff::Role;

fn at(secs: u64) -> Now {
    Now {
        mono_ns: secs * 1_000_000_000,
        wall_ms: 0,
    }
}

fn anna() -> Staff {
    Staff::linked(Some("anna"), Role::Support).unwrap()
}

#[test]
fn a_session_ends_twelve_hours_after_it_began_however_much_it_is_used() {
    let sessions = Sessions::default();
    let secret = sessions.begin(anna(), at(0)).unwrap();
    for minute in (0..12 * 60).step_by(30) {
        assert!(
            sessions.find(secret.reveal(), Activity::Own, at(minute * 60)).is_some(),
            "{minute}"
        );
    }
    assert!(
        sessions
            .find(secret.reveal(), Activity::Own, at(12 * 3_600 - 1))
            .is_some()
    );
    assert!(sessions.find(secret.reveal(), Activity::Own, at(12 * 3_600)).is_none());
}

#[test]
fn an_hour_unused_ends_it_and_a_page_left_open_is_no_use() {
    let sessions = Sessions::default();
    let secret = sessions.begin(anna(), at(0)).unwrap();
    for second in (0..3_600).step_by(2) {
        assert!(sessions.find(secret.reveal(), Activity::Page, at(second)).is_some());
    }
    assert!(sessions.find(secret.reveal(), Activity::Page, at(3_600)).is_none());
    assert!(sessions.find(secret.reveal(), Activity::Own, at(3_600)).is_none());
}

#[test]
fn the_session_unused_longest_ends_when_there_is_one_too_many() {
    let sessions = Sessions::default();
    let secrets: Vec<_> = (0..SESSIONS_MAX)
        .map(|n| sessions.begin(anna(), at(n as u64)).unwrap())
        .collect();
    assert!(sessions.find(secrets[0].reveal(), Activity::Own, at(300)).is_some());
    let last = sessions.begin(anna(), at(301)).unwrap();
    assert!(
        sessions.find(secrets[1].reveal(), Activity::Own, at(302)).is_none(),
        "unused longest"
    );
    for secret in [&secrets[0], &secrets[2], &last] {
        assert!(sessions.find(secret.reveal(), Activity::Own, at(302)).is_some());
    }
    assert_eq!(sessions.open.lock().len(), SESSIONS_MAX);
}

#[test]
fn what_is_said_is_said_once() {
    let sessions = Sessions::default();
    let secret = sessions.begin(anna(), at(0)).unwrap();
    let flash = Flash {
        is_good: true,
        text: "done".to_owned(),
    };
    sessions.say(secret.reveal(), flash.clone());
    assert_eq!(sessions.take_flash(secret.reveal()), Some(flash));
    assert_eq!(sessions.take_flash(secret.reveal()), None);
}

// fault 71: nobody can make somebody else's session be one they know.
#[test]
fn each_session_has_a_secret_of_its_own_and_nothing_else_is_one() {
    let sessions = Sessions::default();
    let (one, other) = (
        sessions.begin(anna(), at(0)).unwrap(),
        sessions.begin(anna(), at(0)).unwrap(),
    );
    assert_ne!(one.reveal(), other.reveal());
    sessions.end(one.reveal());
    assert!(sessions.find(one.reveal(), Activity::Own, at(1)).is_none());
    assert!(sessions.find(other.reveal(), Activity::Own, at(1)).is_some());
    assert!(sessions.find("", Activity::Own, at(1)).is_none());
    assert!(sessions.find(&"0".repeat(64), Activity::Own, at(1)).is_none());
}
