//! From credentials shown to an identity, by the look-ups of whoever answers for them.

use tidegate_core::{
    credential::{self, CREDENTIALS_MAX},
    facts::Facts,
    identity::{self, Identity, IdentityRules, Invalid},
    time::Now,
};

use crate::inside::{Authority, AuthorityFault};

/// Reads who asks, by the first rules under which somebody is known. At most [`CREDENTIALS_MAX`] look-ups for each rules.
pub(crate) async fn identify(authority: &dyn Authority, rules: Vec<&IdentityRules>, facts: &Facts<'_>, now: Now) -> Result<Identity, AuthorityFault> {
    let mut best = Identity::Anonymous;
    for rules in rules {
        let found = by_rules(authority, rules, facts, now).await?;
        if found.known().is_some() || matches!(found, Identity::Invalid(Invalid::TwoOfOneRole(_))) {
            return Ok(found);
        }
        if matches!(best, Identity::Anonymous) {
            best = found;
        }
    }
    Ok(best)
}

async fn by_rules(authority: &dyn Authority, rules: &IdentityRules, facts: &Facts<'_>, now: Now) -> Result<Identity, AuthorityFault> {
    let shown = credential::credentials(rules, facts);
    let mut lookups = Vec::with_capacity(shown.len().min(CREDENTIALS_MAX));
    for credential in &shown {
        lookups.push(authority.lookup(rules.source, &credential.secret, now).await?);
    }
    Ok(identity::identify(rules, lookups))
}
