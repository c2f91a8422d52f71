//! Authentication of the admin API: the admin token or a session of the console, sent from a page of this server or
//! from no page.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;

use super::{Admin, login_secret::csrf_token, problem::Problem, session::Activity, staff::Staff};

/// The header field by which a script proves that it belongs to a page of its session.
pub const CSRF_FIELD: &str = "x-csrf-token";

/// A member of staff who is logged in, and the secret that their browser holds.
#[derive(Clone)]
pub struct LoggedIn {
    /// The member of staff.
    pub staff: Staff,
    /// The secret of the session.
    pub secret: Arc<str>,
}

/// Admits requests with the token or a session, and adds the [`Staff`] to their extensions.
pub async fn require_staff(State(admin): State<Arc<Admin>>, mut request: Request, next: Next) -> Response {
    match admin.staff_of(request.method(), request.headers()) {
        Ok(staff) => {
            request.extensions_mut().insert(staff);
            next.run(request).await
        }
        Err(problem) => {
            let mut refused = problem.into_response();
            if refused.status() == StatusCode::UNAUTHORIZED {
                let bearer = axum::http::HeaderValue::from_static("Bearer");
                refused.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
            }
            refused
        }
    }
}

impl Admin {
    /// Returns true when `shown` is the admin token. The comparison takes constant time.
    pub fn is_token(&self, shown: &str) -> bool {
        bool::from(shown.as_bytes().ct_eq(self.token.as_bytes()))
    }

    /// Finds the session that the cookies of a request name.
    pub fn logged_in(&self, headers: &HeaderMap) -> Option<LoggedIn> {
        let by = match headers.contains_key(crate::browser_headers::LIVE_FIELD) {
            true => Activity::Page,
            false => Activity::Own,
        };
        let now = self.engine.clock.now();
        let name = self.cookie_name();
        cookies(headers, &name).find_map(|secret| {
            let staff = self.sessions.find(secret, by, now)?;
            Some(LoggedIn {
                staff,
                secret: secret.into(),
            })
        })
    }

    /// Returns the name of the cookie that holds a session. Browsers send cookies to every port of a host, so the port
    /// is in the name.
    pub fn cookie_name(&self) -> String {
        format!("tidegate_session_{}", self.listen.port())
    }

    /// Finds who makes a request. A wrong token is refused even beside a valid session.
    fn staff_of(&self, method: &Method, headers: &HeaderMap) -> Result<Staff, Problem> {
        if let Some(shown) = headers.get(header::AUTHORIZATION) {
            let token = shown.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
            return match token.is_some_and(|token| self.is_token(token)) {
                true => Ok(Staff::admin()),
                false => Err(no_credential()),
            };
        }
        let logged_in = self.logged_in(headers).ok_or_else(no_credential)?;
        // A browser sends the cookie whichever site made it send the request, so a change also requires a token that
        // only a page knows.
        let shown = headers.get(CSRF_FIELD).and_then(|value| value.to_str().ok());
        if method.is_safe() || is_csrf_token(shown.unwrap_or_default(), &logged_in.secret) {
            return Ok(logged_in.staff);
        }
        let detail = "a change made with a console session must send the session's CSRF token in `X-CSRF-Token`";
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }
}

/// Returns true when `shown` is the CSRF token of this session.
pub fn is_csrf_token(shown: &str, session: &str) -> bool {
    bool::from(shown.as_bytes().ct_eq(csrf_token(session).as_bytes()))
}

fn no_credential() -> Problem {
    let detail =
        "send the admin token as `Authorization: Bearer …`; it is in the file `admin-token` of the data directory";
    Problem::new(StatusCode::UNAUTHORIZED, detail)
}

/// Returns the values of the cookies of that name (RFC 6265 5.4).
fn cookies<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Refuses a Host that is not this listener's, so that a page elsewhere cannot reach it by rebinding a name, and an
/// Origin other than this Host, so that no page elsewhere can act in somebody's browser.
pub async fn check_host(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let Some(host) = host_of(request.headers()).filter(|host| is_ours(host, admin.listen.ip())) else {
        return Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "the Host field does not name the admin listener: use its address or localhost",
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
            return Problem::new(
                StatusCode::FORBIDDEN,
                "the Origin field does not name the admin listener",
            )
            .into_response();
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

/// Returns true for `localhost` and for addresses of this listener. Other names are refused, since a name can be
/// rebound to any address.
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
