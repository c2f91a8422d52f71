use std::collections::HashSet;

use tidegate_core::identity::TokenKind;

use super::*;
use crate::{STATION, secret_hash::Hasher};

fn hash(number: usize) -> SecretHash {
    Hasher::new(&[1; 32]).hash(&number.to_string())
}

fn token(resources: i64) -> CachedLookup {
    CachedLookup::Token(Arc::new(Token {
        id: "t_1".into(),
        kind: TokenKind::Personal,
        subject: "alice".into(),
        user: "alice".into(),
        tenant: "alice".into(),
        plan: None,
        grants: Grants::Only((0..resources).map(|id| STATION.of(id)).collect::<HashSet<_>>()),
        expires_ms: None,
    }))
}

fn put(cache: &Cache, number: usize, found: &CachedLookup) {
    let generation = cache.get(hash(number)).unwrap_err();
    cache.put(hash(number), found, generation);
}

fn held(cache: &Cache, numbers: std::ops::Range<usize>) -> usize {
    numbers.filter(|number| cache.get(hash(*number)).is_ok()).count()
}

#[test]
fn an_answer_is_kept_until_the_cache_is_emptied() {
    let cache = Cache::new(1_000, 1_000);
    put(&cache, 1, &token(1));
    put(&cache, 2, &CachedLookup::Refused(Invalid::Revoked));
    assert!(matches!(cache.get(hash(1)), Ok(CachedLookup::Token(_))));
    assert!(matches!(
        cache.get(hash(2)),
        Ok(CachedLookup::Refused(Invalid::Revoked))
    ));
    cache.clear();
    assert_eq!(held(&cache, 0..3), 0);
}

#[test]
fn an_answer_asked_for_before_a_change_is_not_kept_after_it() {
    let cache = Cache::new(1_000, 1_000);
    let generation = cache.get(hash(1)).unwrap_err();
    cache.clear();
    cache.put(hash(1), &token(1), generation);
    assert!(cache.get(hash(1)).is_err());
}

// fault 67
#[test]
fn a_flood_of_refusals_stays_within_its_bound_and_pushes_out_no_token() {
    let cache = Cache::new(1_000, 160);
    put(&cache, 0, &token(1));
    for number in 1..10_000 {
        put(&cache, number, &CachedLookup::Refused(Invalid::Unknown));
    }
    assert!(cache.get(hash(0)).is_ok());
    let refusals = held(&cache, 1..10_000);
    assert!((1..=160).contains(&refusals), "{refusals}");
}

#[test]
fn tokens_stay_within_the_weight_of_what_they_grant() {
    let cache = Cache::new(8_000, 160);
    for number in 0..10_000 {
        put(&cache, number, &token(9));
    }
    let tokens = held(&cache, 0..10_000);
    assert!((1..=800).contains(&tokens), "{tokens}");
}

#[test]
fn a_token_in_use_outlives_a_stream_of_others() {
    let cache = Cache::new(8_000, 160);
    put(&cache, 0, &token(1));
    for number in 1..10_000 {
        put(&cache, number, &token(1));
        assert!(cache.get(hash(0)).is_ok(), "lost at {number}");
    }
}

#[test]
fn the_heaviest_token_is_kept_in_a_cache_of_the_real_size() {
    let cache = Cache::new(bounds::CACHE_WEIGHT_MAX, bounds::CACHE_REFUSALS_MAX);
    put(&cache, 0, &token(i64::from(bounds::GRANTS_PER_TOKEN_MAX)));
    for number in 1..1_000 {
        put(&cache, number, &token(1));
    }
    assert_eq!(held(&cache, 0..1_000), 1_000);
}
