use std::collections::HashSet;

use super::CONFIG_EXTENSIONS;

#[test]
fn no_two_bounds_have_one_key_and_every_default_may_be_written() {
    let mut keys = HashSet::new();
    for bound in CONFIG_EXTENSIONS.bounds() {
        assert!(keys.insert(bound.key), "two parts declare `{}`", bound.key);
        assert!((bound.min..=bound.max).contains(&bound.default), "{bound:?}");
    }
}
