//! The caller that a listed proxy names, in fields that it sets.

use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use super::{Claims, Grants, Invalid, Naming, Role};

/// The fields in which a listed proxy names a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderRules {
    /// The user.
    pub user: HeaderName,
    /// The organisation.
    pub tenant: Option<HeaderName>,
    /// The plan they bought.
    pub plan: Option<HeaderName>,
    /// The owner of the names.
    pub naming: Naming,
}

// === impl HeaderRules ===

impl HeaderRules {
    /// Returns the claims in the fields; `None` where no user is named. A field that stands twice was set by somebody
    /// beside the proxy, so none of them is believed.
    pub fn claims(&self, headers: &HeaderMap) -> Option<Result<Claims, Invalid>> {
        let user = match one(headers, &self.user)? {
            Ok(user) => user,
            Err(invalid) => return Some(Err(invalid)),
        };
        let optional = |name: &Option<HeaderName>| match name.as_ref().and_then(|name| one(headers, name)) {
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(invalid)) => Err(invalid),
            None => Ok(None),
        };
        let claims = || {
            Ok(Claims {
                shown: None,
                tenant: optional(&self.tenant)?,
                plan: optional(&self.plan)?,
                user,
                grants: Grants::Only(Default::default()),
                expires_ms: None,
            })
        };
        Some(claims())
    }

    /// Takes the fields away where their sender is not believed. Names that differ only in `_` for `-` go in any case:
    /// many servers read both as one, and no proxy that sets one of them removes the other.
    pub fn strip(&self, headers: &mut HeaderMap, is_believed: bool) {
        let names = [Some(&self.user), self.tenant.as_ref(), self.plan.as_ref()];
        for name in names.into_iter().flatten() {
            if !is_believed {
                headers.remove(name);
            }
            let alike = |other: &&HeaderName| *other != name && is_same_but_for_hyphens(other, name);
            let alike: Vec<HeaderName> = headers.keys().filter(alike).cloned().collect();
            for other in alike {
                headers.remove(other);
            }
        }
    }
}

fn is_same_but_for_hyphens(a: &HeaderName, b: &HeaderName) -> bool {
    let hyphened = |name: &HeaderName| name.as_str().replace('_', "-");
    a.as_str().len() == b.as_str().len() && hyphened(a) == hyphened(b)
}

/// The one value of a field; `None` where there is none, or an empty one.
fn one(headers: &HeaderMap, name: &HeaderName) -> Option<Result<Arc<str>, Invalid>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Err(Invalid::TwoOfOneRole(Role::User)));
    }
    let text = std::str::from_utf8(value.as_bytes()).ok().map(str::trim);
    match text {
        Some("") => None,
        text => Some(text.and_then(Claims::name).map(Into::into).ok_or(Invalid::Unverified)),
    }
}

#[cfg(test)]
mod tests;
