//! From credentials shown to an identity, by the look-ups of whoever answers for them.

use std::{future::Future, time::Duration};

use http::HeaderMap;
use tidegate_core::{
    credential::CREDENTIALS_MAX,
    facts::Facts,
    identity::{self, Identity, IdentityRules, Invalid, Lookup},
    peer::Peer,
    policy::Policy,
    time::Now,
};

use crate::{deadline, gateway::Doors, inside::AuthorityFault};

/// Longest time to look a credential or a resource up; then the look-up has failed: 500.
const LOOKUP_WAIT_MAX: Duration = Duration::from_secs(5);

/// Reads who asks, by the first rules under which somebody is known; at a tenant's leased instance nobody of another one
/// is. At most [`CREDENTIALS_MAX`] credentials are looked up for each rules.
pub(crate) async fn identify(
    doors: &Doors,
    rules: impl Iterator<Item = &IdentityRules>,
    facts: &Facts<'_>,
    instance: Option<&str>,
    now: Now,
) -> Result<Identity, AuthorityFault> {
    let found = by_first_rules(doors, rules, facts, now).await?;
    Ok(match instance {
        Some(tenant) => found.at_instance(tenant),
        None => found,
    })
}

async fn by_first_rules(
    doors: &Doors,
    rules: impl Iterator<Item = &IdentityRules>,
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
    let shown = rules.credentials(facts);
    if let Some(header) = rules.header()
        && (rules.header_leads() || shown.is_empty())
        && let Some(claims) = header.claims(facts.headers)
    {
        let lookup = match claims {
            Ok(claims) => in_time(doors.authority.vouched(&header.naming, claims, now)).await?,
            Err(invalid) => Err(invalid),
        };
        return Ok(identity::identify(rules, [lookup]));
    }
    let mut lookups = Vec::with_capacity(shown.len().min(CREDENTIALS_MAX));
    for credential in &shown {
        lookups.push(by_sources(doors, rules, &credential.secret, now).await?);
    }
    Ok(identity::identify(rules, lookups))
}

/// The answer of the first source that knows the credential's form.
async fn by_sources(doors: &Doors, rules: &IdentityRules, secret: &str, now: Now) -> Result<Lookup, AuthorityFault> {
    for source in rules.credential_sources() {
        let lookup = in_time(doors.authority.lookup(source, secret, now)).await?;
        if !matches!(lookup, Err(Invalid::Malformed)) {
            return Ok(lookup);
        }
    }
    Ok(Err(Invalid::Malformed))
}

/// Takes away the fields in which listed proxies name callers, where nobody who is listed sent them: neither the gate
/// nor an upstream is to believe them.
pub(crate) fn strip_names(peer: Peer, policy: &Policy, headers: &mut HeaderMap) {
    let is_believed = policy.trust.as_ref().is_some_and(|trust| trust.proxies.lists(peer));
    for header in policy.pages.iter().filter_map(|page| page.identity.header()) {
        header.strip(headers, is_believed);
    }
}

/// Waits for the authority, and not for ever: a look-up that hangs is one that failed.
pub(crate) async fn in_time<T>(asking: impl Future<Output = Result<T, AuthorityFault>>) -> Result<T, AuthorityFault> {
    match deadline::within(LOOKUP_WAIT_MAX, asking).await {
        Some(answer) => answer,
        None => Err(AuthorityFault(format!("no answer within {:?}", LOOKUP_WAIT_MAX))),
    }
}
