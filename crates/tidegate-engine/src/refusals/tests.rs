use super::*;

fn refusal(decision: DecisionId) -> Remembered {
    Remembered {
        decision,
        at_ms: 1,
        user: None,
        client: "192.0.2.1".parse().unwrap(),
        route: None,
        request: "GET /a".into(),
        status: 429,
        refusal: Refusal::NoRoute,
        cells: vec![],
    }
}

fn remember(refusals: &Refusals, caller: u32) -> DecisionId {
    let decision = refusals.next_id(caller);
    refusals.remember(refusal(decision));
    decision
}

#[test]
fn ids_are_read_as_they_are_written() {
    for (caller, sequence) in [(0, 0), (1, 15), (u32::MAX, u64::MAX), (0x1a2b_3c4d, 0x19a_a5f0_c3e1)] {
        let id = DecisionId { caller, sequence };
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(format!(" {id}\n").parse(), Ok(id));
    }
    assert_eq!(
        DecisionId {
            caller: 0xab,
            sequence: 0x1f
        }
        .to_string(),
        "000000ab-1f"
    );
    for bad in [
        "",
        "-",
        "1-",
        "-1",
        "1",
        "x-1",
        "1-x",
        "1-2-3",
        "100000000-1",
        "1-10000000000000000",
    ] {
        assert_eq!(bad.parse::<DecisionId>(), Err(NotADecisionId), "{bad}");
    }
}

#[test]
fn ids_of_one_start_are_all_different_and_later_than_those_before_it() {
    let (before, after) = (Refusals::new(1_000), Refusals::new(2_000));
    let ids = [before.next_id(1), before.next_id(1), after.next_id(1), after.next_id(1)];
    assert!((0..4).all(|i| !ids[..i].contains(&ids[i])));
}

#[test]
fn hammering_caller_pushes_out_only_their_own_refusals() {
    let refusals = Refusals::new(0);
    let quiet = remember(&refusals, 1);
    let hammered: Vec<DecisionId> = (0..10_000).map(|_| remember(&refusals, 2)).collect();
    assert!(refusals.get(quiet).is_some());
    let newest: Vec<DecisionId> = refusals.of_caller(2).into_iter().map(|known| known.decision).collect();
    let expect: Vec<DecisionId> = hammered.iter().rev().take(REFUSALS_PER_CALLER_MAX).copied().collect();
    assert_eq!(newest, expect);
    assert!(refusals.get(hammered[0]).is_none());
}

#[test]
fn flood_of_callers_forgets_the_one_refused_longest_ago() {
    let refusals = Refusals::new(0);
    let ids: Vec<DecisionId> = (0..CALLERS_MAX.get() as u32)
        .map(|caller| remember(&refusals, caller))
        .collect();
    // Refused again, the first caller is no longer the one refused longest ago; merely being asked about does not count.
    remember(&refusals, 0);
    assert!(refusals.get(ids[1]).is_some());
    remember(&refusals, 1_000_000);
    assert!(refusals.get(ids[1]).is_none());
    assert!(refusals.get(ids[0]).is_some() && refusals.get(ids[2]).is_some());
    assert_eq!(refusals.callers.lock().len(), CALLERS_MAX.get());
}

#[test]
fn unknown_ids_are_not_found() {
    let refusals = Refusals::new(0);
    let id = remember(&refusals, 1);
    assert!(refusals.get(DecisionId { caller: 2, ..id }).is_none());
    assert!(
        refusals
            .get(DecisionId {
                sequence: id.sequence + 1,
                ..id
            })
            .is_none()
    );
    assert!(refusals.of_caller(2).is_empty());
}

#[test]
fn users_refused_last_come_first_and_strangers_are_none() {
    let refusals = Refusals::new(0);
    for (caller, user) in [(1, Some("ann")), (2, None), (3, Some("bob")), (1, Some("ann"))] {
        let decision = refusals.next_id(caller);
        refusals.remember(Remembered {
            user: user.map(Into::into),
            ..refusal(decision)
        });
    }
    let last = |users_max| {
        refusals
            .refused_last(users_max)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(last(9), ["ann", "bob"]);
    assert_eq!(last(1), ["ann"]);
}
