//! Who may use the admin API: whoever has the token, from a page of this server or from none.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;

use super::{Admin, problem::Problem};

/// Lets through what shows the token.
pub async fn require_token(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let shown = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = shown
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    if bool::from(token.as_bytes().ct_eq(admin.token.as_bytes())) {
        return next.run(request).await;
    }
    let detail =
        "send the admin token as `Authorization: Bearer …`; it stands in the file `admin-token` of the data directory";
    let mut refused = Problem::new(StatusCode::UNAUTHORIZED, detail).into_response();
    refused
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Bearer"));
    refused
}

/// Refuses a Host that is not this listener's, so that a page elsewhere cannot reach it by rebinding a name, and an
/// Origin other than this Host, so that no page elsewhere can act in somebody's browser.
pub async fn check_host(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let Some(host) = host_of(request.headers()).filter(|host| is_ours(host, admin.listen.ip())) else {
        return Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this Host is not the admin listener's: use its address, or localhost",
        )
        .into_response();
    };
    if let Some(origin) = request.headers().get(header::ORIGIN) {
        let same = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(_, rest)| rest == host.as_str());
        if !same {
            return Problem::new(StatusCode::FORBIDDEN, "this Origin is not the admin listener's").into_response();
        }
    }
    next.run(request).await
}

fn host_of(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?.parse().ok(),
        _ => None,
    }
}

/// A name can be rebound to any address, so only `localhost` and addresses are believed.
fn is_ours(host: &Authority, listen: IpAddr) -> bool {
    let name = host.host();
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() else {
        return false;
    };
    address.is_loopback() || address == listen || listen.is_unspecified()
}

#[cfg(test)]
mod tests;
