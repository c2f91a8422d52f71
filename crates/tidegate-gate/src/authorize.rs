//! Authorization: the reasons against an admitted request. It has cost its one unit by now (docs/semantics.md rule 6).

use tidegate_core::{
    facts::Facts,
    identity::{Identity, Invalid, Resource},
    policy::Policy,
    refusal::Refusal,
};

use crate::{
    authority::{Authority, in_time},
    route_match::RouteMatch,
};

/// The first objection, in the order of answers: 400 for two credentials, 401, 403 at another tenant's instance, 404 for no route, 403 or 404 for a
/// resource.
pub(crate) async fn authorize(
    authority: &dyn Authority,
    policy: &Policy,
    matched: RouteMatch,
    identity: &Identity,
    facts: &Facts<'_>,
) -> Result<(), Refusal> {
    about_identity(identity, matched.needs_user(policy))?;
    if let RouteMatch::Unmatched = matched {
        return Err(Refusal::NoRoute);
    }
    for resource in matched.resources(policy, facts) {
        about_resource(authority, identity, resource).await?;
    }
    Ok(())
}

/// A credential that names nobody matters only where somebody is needed: an open route is open to those too.
fn about_identity(identity: &Identity, needs_user: bool) -> Result<(), Refusal> {
    Err(match identity {
        // Also where nobody needs to be known: the API behind would take the credential for what it is elsewhere.
        Identity::Invalid(Invalid::OtherTenant) => Refusal::NotOfInstance,
        Identity::Invalid(Invalid::TwoOfOneRole(role)) => Refusal::TwoCredentials(*role),
        Identity::Anonymous if needs_user => Refusal::MissingCredential,
        Identity::Invalid(Invalid::InsufficientScope) if needs_user => Refusal::InsufficientScope,
        Identity::Invalid(why) if needs_user => Refusal::BadCredential(*why),
        Identity::Known(_) | Identity::Anonymous | Identity::Invalid(_) => return Ok(()),
    })
}

/// Grants are a token's: where nobody is known, the route needs nobody and its resources are open.
async fn about_resource(authority: &dyn Authority, identity: &Identity, resource: Resource) -> Result<(), Refusal> {
    if identity.known().is_none_or(|known| known.token.grants.allow(resource)) {
        return Ok(());
    }
    Err(match in_time(authority.exists(resource)).await {
        Ok(true) => Refusal::NotYours(resource),
        Ok(false) => Refusal::NoSuch(resource),
        Err(fault) => Refusal::Internal(fault.to_string().into()),
    })
}
