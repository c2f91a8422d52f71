//! From credentials shown to an identity, by the look-ups of whoever answers for them.

use std::{future::Future, time::Duration};

use tidegate_core::{
    credential::{self, CREDENTIALS_MAX},
    facts::Facts,
    identity::{self, Identity, IdentityRules, Invalid},
    time::Now,
};

use crate::{gateway::Doors, inside::AuthorityFault};

/// Longest time to look a credential or a resource up; then the look-up has failed: 500.
const LOOKUP_WAIT_MAX: Duration = Duration::from_secs(5);

/// Reads who asks, by the first rules under which somebody is known. At most [`CREDENTIALS_MAX`] look-ups for each rules.
pub(crate) async fn identify(
    doors: &Doors,
    rules: Vec<&IdentityRules>,
    facts: &Facts<'_>,
    now: Now,
) -> Result<Identity, AuthorityFault> {
    let mut best = Identity::Anonymous;
    for rules in rules {
        let found = by_rules(doors, rules, facts, now).await?;
        if found.known().is_some() || matches!(found, Identity::Invalid(Invalid::TwoOfOneRole(_))) {
            return Ok(found);
        }
        if matches!(best, Identity::Anonymous) {
            best = found;
        }
    }
    Ok(best)
}

async fn by_rules(
    doors: &Doors,
    rules: &IdentityRules,
    facts: &Facts<'_>,
    now: Now,
) -> Result<Identity, AuthorityFault> {
    let shown = credential::credentials(rules, facts);
    let mut lookups = Vec::with_capacity(shown.len().min(CREDENTIALS_MAX));
    for credential in &shown {
        lookups.push(in_time(doors.authority.lookup(rules.source, &credential.secret, now)).await?);
    }
    Ok(identity::identify(rules, lookups))
}

/// Waits for the authority, and not for ever: a look-up that hangs is one that failed.
pub(crate) async fn in_time<T>(asking: impl Future<Output = Result<T, AuthorityFault>>) -> Result<T, AuthorityFault> {
    match tokio::time::timeout(LOOKUP_WAIT_MAX, asking).await {
        Ok(answer) => answer,
        Err(_) => Err(AuthorityFault(format!("no answer within {:?}", LOOKUP_WAIT_MAX))),
    }
}
