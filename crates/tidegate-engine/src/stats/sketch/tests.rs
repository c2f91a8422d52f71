use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::stats::sketch_merge::Summary;

fn met(who: &str) -> Met<'_> {
    Met {
        who: WhoRef::User(who),
        tenant: None,
        limit: None,
    }
}

fn shown(sketch: &Sketch) -> Vec<(String, u64, u64)> {
    let entries = sketch.entries();
    entries
        .map(|(who, entry)| (who.to_string(), entry.count, entry.over))
        .collect()
}

#[test]
fn with_room_every_count_is_exact() {
    let mut sketch = Sketch::new(4);
    for who in ["ann", "bob", "bob", "cal", "bob", "cal"] {
        sketch.add(met(who));
    }
    let expected =
        [("bob", 3, 0), ("cal", 2, 0), ("ann", 1, 0)].map(|(who, count, over)| (who.to_owned(), count, over));
    assert_eq!(shown(&sketch), expected);
    assert_eq!(sketch.floor(), 0);
}

#[test]
fn at_the_bound_whoever_is_new_takes_the_place_of_the_least_and_says_so() {
    let mut sketch = Sketch::new(2);
    for who in ["ann", "ann", "ann", "bob", "cal"] {
        sketch.add(met(who));
    }
    let expected = [("ann", 3, 0), ("cal", 2, 1)].map(|(who, count, over)| (who.to_owned(), count, over));
    assert_eq!(shown(&sketch), expected);
    assert_eq!(sketch.floor(), 2);
}

#[test]
fn a_user_called_like_an_address_is_not_the_address() {
    let block = tidegate_core::address::blocks([203, 0, 113, 7].into()).next().unwrap();
    let mut sketch = Sketch::new(4);
    sketch.add(met("203.0.113.7"));
    sketch.add(Met {
        who: WhoRef::Block(block),
        ..met("")
    });
    let names: Vec<String> = shown(&sketch).into_iter().map(|(who, ..)| who).collect();
    assert_eq!(names, ["203.0.113.7", "ip 203.0.113.7"]);
}

#[test]
fn the_last_limit_that_refused_is_kept() {
    let (rate, slots): (Arc<str>, Arc<str>) = ("rate".into(), "slots".into());
    let mut sketch = Sketch::new(4);
    for limit in [Some(&rate), Some(&slots), None] {
        sketch.add(Met { limit, ..met("ann") });
    }
    assert_eq!(sketch.entries().next().unwrap().1.limit, Some(slots));
}

fn exact(callers: &[u8]) -> HashMap<String, u64> {
    let mut exact = HashMap::new();
    for caller in callers {
        *exact.entry(format!("u{caller}")).or_insert(0) += 1;
    }
    exact
}

fn sketch_of(callers: &[u8], callers_max: usize) -> Sketch {
    let mut sketch = Sketch::new(callers_max);
    for caller in callers {
        sketch.add(met(&format!("u{caller}")));
    }
    sketch
}

/// Most callers have few requests and a few have many, as in life.
fn callers() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![3 => 0..4_u8, 2 => 0..200_u8], 0..600)
}

/// Checks the promises of each summary against counts that are exact.
fn holds(summary: &Summary, exact: &HashMap<String, u64>, callers_max: usize) -> Result<(), TestCaseError> {
    prop_assert!(summary.entries.len() <= callers_max);
    prop_assert!(summary.entries.is_sorted_by(|(_, a), (_, b)| a.count >= b.count));
    for (who, entry) in &summary.entries {
        let truth = exact[&who.to_string()];
        prop_assert!(truth <= entry.count, "{who}: {truth} of {entry:?}");
        prop_assert!(truth >= entry.count - entry.over, "{who}: {truth} of {entry:?}");
    }
    for (who, truth) in exact {
        let is_known = summary.entries.iter().any(|(known, _)| known.to_string() == *who);
        prop_assert!(
            is_known || *truth <= summary.floor,
            "{who}: {truth} over {}",
            summary.floor
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_count_is_too_low_or_further_off_than_it_says(callers in callers(), callers_max in 1..40_usize) {
        let sketch = sketch_of(&callers, callers_max);
        let summary = Summary::of(&sketch);
        holds(&summary, &exact(&callers), callers_max)?;
        // Whoever has more than one of so many requests as there are places is in it.
        prop_assert!(summary.floor <= callers.len() as u64 / callers_max as u64);
    }

    #[test]
    fn summaries_put_together_promise_the_same(
        parts in prop::collection::vec(callers(), 1..5),
        callers_max in 1..40_usize,
    ) {
        let summaries: Vec<Summary> = parts.iter().map(|part| Summary::of(&sketch_of(part, callers_max))).collect();
        let merged = Summary::merged(&summaries, callers_max);
        holds(&merged, &exact(&parts.concat()), callers_max)?;
    }
}
