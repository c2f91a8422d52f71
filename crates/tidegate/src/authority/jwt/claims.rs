//! The claims of a token whose signature is good.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Map, Value};
use tidegate_accounts::STATION;
use tidegate_core::{
    identity::{Claims, Grants, Invalid, JwtRules, Resource},
    time::Now,
};

use super::Good;
use crate::platforms::VOCABULARY;

/// Resources in one token's grants; more name nobody's.
const GRANTS_MAX: usize = 1_000;

/// What the claims say at a moment. `iss`, `aud`, `exp` and the user have to be there.
pub(super) fn read(body: &Map<String, Value>, rules: &JwtRules, shown: &str, now: Now) -> Result<Good, Invalid> {
    let issuer = body.get("iss").and_then(Value::as_str);
    if issuer != Some(&rules.issuer) || !is_meant_for(body.get("aud"), rules) {
        return Err(Invalid::Unverified);
    }
    let not_before_ms = match body.get("nbf") {
        None => None,
        Some(nbf) => Some(moment_ms(nbf)?.saturating_sub(rules.leeway_ms)),
    };
    if not_before_ms.is_some_and(|from_ms| now.wall_ms < from_ms) {
        return Err(Invalid::Unverified);
    }
    let expires_ms = moment_ms(body.get("exp").ok_or(Invalid::Unverified)?)?.saturating_add(rules.leeway_ms);
    if expires_ms <= now.wall_ms {
        return Err(Invalid::Expired);
    }
    let names = &rules.names;
    let claims = Claims {
        shown: Some(shown.into()),
        user: name(body, &names.user)?.ok_or(Invalid::Unverified)?.into(),
        tenant: name(body, &names.tenant)?.map(Into::into),
        plan: name(body, &names.plan)?.map(Into::into),
        grants: grants(at(body, &names.grants))?,
        expires_ms: Some(expires_ms),
    };
    // Last, so that only who is somebody for certain is told that it is for too little.
    if !is_given_for(body, &rules.scopes) {
        return Err(Invalid::InsufficientScope);
    }
    Ok(Good { claims, not_before_ms })
}

/// Whether the token's scopes are at least these: a text of words in `scope` (RFC 8693 4.2), or in `scp` a text or a
/// list, as many issuers write it.
fn is_given_for(body: &Map<String, Value>, asked: &[Arc<str>]) -> bool {
    let shown = body.get("scope").or_else(|| body.get("scp"));
    let has = |scope: &Arc<str>| match shown {
        Some(Value::String(words)) => words.split(' ').any(|word| word == &**scope),
        Some(Value::Array(list)) => list.iter().any(|word| word.as_str() == Some(scope)),
        _ => false,
    };
    asked.iter().all(has)
}

/// One audience, or a list of them (RFC 7519 4.1.3).
fn is_meant_for(aud: Option<&Value>, rules: &JwtRules) -> bool {
    let is_ours = |value: &Value| {
        let named = value.as_str();
        named.is_some_and(|named| rules.audience.iter().any(|ours| **ours == *named))
    };
    match aud {
        Some(Value::Array(several)) => several.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => false,
    }
}

/// Seconds since 1970, maybe with a fraction (RFC 7519 2, NumericDate), in milliseconds. A text is no number, however
/// it reads.
fn moment_ms(value: &Value) -> Result<i64, Invalid> {
    if let Some(seconds) = value.as_i64() {
        return Ok(seconds.saturating_mul(1_000));
    }
    match value.as_f64() {
        // A conversion of a float stops at the ends of the range.
        Some(seconds) if seconds.is_finite() => Ok((seconds * 1_000.0) as i64),
        _ => Err(Invalid::Unverified),
    }
}

/// A name that a claim gives. One that is there and no name makes the token one that cannot be counted rightly.
fn name(body: &Map<String, Value>, path: &str) -> Result<Option<String>, Invalid> {
    let text = match at(body, path) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(Invalid::Unverified),
    };
    Claims::name(&text).ok_or(Invalid::Unverified)?;
    Ok(Some(text))
}

/// A claim by its name, which may have dots in it, or else the member that the dots lead to.
fn at<'b>(body: &'b Map<String, Value>, path: &str) -> Option<&'b Value> {
    if let Some(value) = body.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    rest.split('.')
        .try_fold(body.get(first)?, |value, step| value.get(step))
}

/// `"all"`, or a list of station ids, `"station:1"` and `"device:2"`. Without the claim nothing is granted.
fn grants(value: Option<&Value>) -> Result<Grants, Invalid> {
    let several = match value {
        None | Some(Value::Null) => return Ok(Grants::Only(HashSet::new())),
        Some(Value::String(word)) if word == "all" => return Ok(Grants::All),
        Some(Value::Array(several)) if several.len() <= GRANTS_MAX => several,
        Some(_) => return Err(Invalid::Unverified),
    };
    let resources = several.iter().map(|value| resource(value).ok_or(Invalid::Unverified));
    Ok(Grants::Only(resources.collect::<Result<_, _>>()?))
}

fn resource(value: &Value) -> Option<Resource> {
    if let Some(id) = value.as_i64() {
        return Some(STATION.of(id));
    }
    let (name, id) = value.as_str()?.split_once(':')?;
    let kind = VOCABULARY.resources().find(|kind| kind.name() == name)?;
    id.parse().ok().map(|id| kind.of(id))
}
