//! What speaks against an admitted request. It has cost its one unit by now (docs/semantics.md rule 6).

use tidegate_core::{
    facts::Facts,
    identity::{Identity, Invalid, Resource},
    refusal::Refusal,
};

use crate::{body::request::RequestBody, gateway::Doors, identify, way::Way};

/// The first objection, in the order of answers: 400 for two credentials, 401, 403 at another tenant's instance, 404 for no route, 403 or 404 for a
/// resource, 413.
pub(crate) async fn find(
    doors: &Doors,
    way: &Way<'_>,
    identity: &Identity,
    facts: &Facts<'_>,
    body: &RequestBody,
) -> Option<Refusal> {
    if let Some(refusal) = about_identity(way, identity) {
        return Some(refusal);
    }
    if let Way::Nowhere = way {
        return Some(Refusal::NoRoute);
    }
    for resource in way.resources(facts) {
        let refusal = about_resource(doors, identity, resource).await;
        if refusal.is_some() {
            return refusal;
        }
    }
    let allowed_bytes = doors.bounds.body_bytes_max;
    body.declared_bytes()
        .filter(|bytes| *bytes > allowed_bytes)
        .map(|bytes| Refusal::BodyTooLarge {
            asked_bytes: Some(bytes),
            allowed_bytes,
        })
}

/// A credential that names nobody matters only where somebody is needed: an open route is open to those too.
fn about_identity(way: &Way<'_>, identity: &Identity) -> Option<Refusal> {
    match identity {
        // Also where nobody needs to be known: the API behind would take the credential for what it is elsewhere.
        Identity::Invalid(Invalid::OtherTenant) => Some(Refusal::NotOfInstance),
        Identity::Invalid(Invalid::TwoOfOneRole(role)) => Some(Refusal::TwoCredentials(*role)),
        Identity::Anonymous if way.needs_user() => Some(Refusal::MissingCredential),
        Identity::Invalid(Invalid::InsufficientScope) if way.needs_user() => Some(Refusal::InsufficientScope),
        Identity::Invalid(why) if way.needs_user() => Some(Refusal::BadCredential(*why)),
        Identity::Known(_) | Identity::Anonymous | Identity::Invalid(_) => None,
    }
}

/// Grants are a token's: where nobody is known, the route needs nobody and its resources are open.
async fn about_resource(doors: &Doors, identity: &Identity, resource: Resource) -> Option<Refusal> {
    if identity.known()?.token.grants.allow(resource) {
        return None;
    }
    Some(match identify::in_time(doors.authority.exists(resource)).await {
        Ok(true) => Refusal::NotYours(resource),
        Ok(false) => Refusal::NoSuch(resource),
        Err(fault) => Refusal::Internal(fault.to_string().into()),
    })
}
