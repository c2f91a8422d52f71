use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

fn counted(named: &PerName<AtomicU64>) -> Vec<(String, u64)> {
    let all = named.all().into_iter();
    all.map(|(name, own)| (name.to_string(), own.load(Ordering::Relaxed)))
        .collect()
}

fn count(named: &PerName<AtomicU64>, name: &str) {
    named.with(&name.into(), |own| own.fetch_add(1, Ordering::Relaxed));
}

#[test]
fn what_a_name_counted_stays_whatever_names_come_later() {
    let named = PerName::new(8);
    count(&named, "feed-get");
    named.add(&"feed-put".into());
    count(&named, "feed-get");
    assert_eq!(
        counted(&named),
        [("feed-get".to_owned(), 2), ("feed-put".to_owned(), 0)]
    );
}

#[test]
fn names_past_the_bound_share_one_count() {
    let named = PerName::new(2);
    for name in ["a", "b", "c", "d", "a"] {
        count(&named, name);
    }
    let expected = [("a", 2), ("b", 1), (OTHERS, 2)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(counted(&named), expected);
}
