use super::*;

fn at(secs: u64) -> Now {
    Now {
        mono_ns: secs * 1_000_000_000,
        wall_ms: 0,
    }
}

#[test]
fn a_link_works_once_and_for_a_quarter_of_an_hour() {
    let links = Links::default();
    let secret = links.make(Staff::admin(), at(0)).unwrap();
    assert_eq!(links.redeem(secret.reveal(), at(899)), Some(Staff::admin()));
    assert_eq!(links.redeem(secret.reveal(), at(899)), None);

    let late = links.make(Staff::admin(), at(0)).unwrap();
    assert_eq!(links.redeem(late.reveal(), at(900)), None);
}

#[test]
fn the_oldest_link_is_void_when_there_is_one_too_many() {
    let links = Links::default();
    let made: Vec<_> = (0..=LINKS_MAX as u64)
        .map(|n| links.make(Staff::admin(), at(n)).unwrap())
        .collect();
    assert_eq!(links.redeem(made[0].reveal(), at(70)), None);
    assert_eq!(links.open.lock().len(), LINKS_MAX);
    assert!(
        made[1..]
            .iter()
            .all(|secret| links.redeem(secret.reveal(), at(70)).is_some())
    );
}

#[test]
fn a_name_on_a_link_is_one_line_that_says_its_role() {
    let anna = Staff::linked(Some("anna"), Role::Support).unwrap();
    assert_eq!(&*anna.name, "anna (support)");
    for bad in ["", " anna", "anna\n", "<script>", "ann\u{202e}a", &"a".repeat(65)] {
        assert!(Staff::linked(Some(bad), Role::Owner).is_err(), "{bad:?}");
    }
}
