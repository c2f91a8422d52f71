//! From credentials shown to an identity, by the look-ups of whoever answers for them.

use http::HeaderMap;
use tidegate_core::{
    credential::CREDENTIALS_MAX,
    facts::Facts,
    identity::{self, Identity, IdentityRules, Invalid, Lookup},
    peer::Peer,
    policy::Policy,
    time::Now,
};

use crate::authority::{Authority, AuthorityFault, in_time};

/// Reads who asks, by the first rules under which somebody is known; at a tenant's leased instance nobody of another one
/// is. At most [`CREDENTIALS_MAX`] credentials are looked up for each rules.
pub(crate) async fn identify(
    authority: &dyn Authority,
    rules: impl Iterator<Item = &IdentityRules>,
    facts: &Facts<'_>,
    instance: Option<&str>,
    now: Now,
) -> Result<Identity, AuthorityFault> {
    let found = by_first_rules(authority, rules, facts, now).await?;
    Ok(match instance {
        Some(tenant) => found.at_instance(tenant),
        None => found,
    })
}

async fn by_first_rules(
    authority: &dyn Authority,
    rules: impl Iterator<Item = &IdentityRules>,
    facts: &Facts<'_>,
    now: Now,
) -> Result<Identity, AuthorityFault> {
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

async fn by_rules(
    authority: &dyn Authority,
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
            Ok(claims) => in_time(authority.vouched(&header.naming, claims, now)).await?,
            Err(invalid) => Err(invalid),
        };
        return Ok(identity::identify(rules, [lookup]));
    }
    let mut lookups = Vec::with_capacity(shown.len().min(CREDENTIALS_MAX));
    for credential in &shown {
        lookups.push(by_sources(authority, rules, &credential.secret, now).await?);
    }
    Ok(identity::identify(rules, lookups))
}

/// The answer of the first source that knows the credential's form.
async fn by_sources(
    authority: &dyn Authority,
    rules: &IdentityRules,
    secret: &str,
    now: Now,
) -> Result<Lookup, AuthorityFault> {
    for source in rules.credential_sources() {
        let lookup = in_time(authority.lookup(source, secret, now)).await?;
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
