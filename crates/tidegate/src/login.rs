//! Callers of the stream platform log in with a name and a password: `POST /api/login`, and out again with `DELETE`.
//!
//! The streams know no credentials, so requests for this path are answered here, on the same way and under the same
//! limits as all that go to them. What a login gives is a token with an end, a session.

mod answer;
mod unfit;

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Method, Response};
use tidegate_accounts::{Accounts, Login, Password};
use tidegate_core::identity::Identity;
use tidegate_engine::engine::Engine;
use tidegate_gateway::{Body, Call};
use tidegate_staff::{browser_headers, form_body};

use unfit::Unfit;

/// Where callers log in and out.
const PATH: &str = "/api/login";

/// The names under which a body may hold who they are, the platform's own first.
const NAME_FIELDS: [&str; 3] = ["email", "username", "user"];

/// Logs callers in and out.
#[derive(Clone, Debug)]
pub struct Logins {
    accounts: Accounts,
    engine: Arc<Engine>,
    session_lifetime: Duration,
    /// The API is served over TLS, so that a browser is told to send the cookie there only.
    is_secure: bool,
}

/// Whether a path of the API is about logins.
pub fn is_meant(path: &str) -> bool {
    path.trim_end_matches('/') == PATH
}

impl Logins {
    /// Over these accounts, counting wrong passwords in the engine. A session lasts as long as is said.
    pub fn new(accounts: Accounts, engine: Arc<Engine>, session_lifetime: Duration, is_secure: bool) -> Logins {
        Logins {
            accounts,
            engine,
            session_lifetime,
            is_secure,
        }
    }

    /// Answers a call for the path.
    pub async fn answer(&self, call: Call) -> Response<Body> {
        let done = match *call.request.method() {
            // The cookie of an answer would log a browser in as whomever the other site likes (fault 71).
            Method::POST | Method::DELETE if browser_headers::is_foreign(call.request.headers()) => Err(Unfit::Foreign),
            Method::POST => self.begin(call).await,
            Method::DELETE => self.end(call).await,
            _ => Err(Unfit::WrongMethod),
        };
        done.unwrap_or_else(|why| answer::unfit(&why))
    }

    async fn begin(&self, call: Call) -> Result<Response<Body>, Unfit> {
        let now = call.now;
        let (head, body) = call.request.into_parts();
        let (user, password) = read(&head.headers, body).await?;
        let attempt = self.engine.attempt(&user, call.client, now).map_err(Unfit::TooOften)?;
        let lifetime_ms = i64::try_from(self.session_lifetime.as_millis()).unwrap_or(i64::MAX);
        let login = Login {
            user: user.clone(),
            password,
            tenant: call.instance.map(|tenant| tenant.to_string()),
            expires_ms: now.wall_ms.saturating_add(lifetime_ms),
        };
        match self.accounts.session_begin(login, now.wall_ms).await {
            Ok(Some(session)) => {
                attempt.was_right(now);
                Ok(answer::begun(&user, &session, self.session_lifetime, self.is_secure))
            }
            Ok(None) => Err(Unfit::Wrong),
            Err(error) => {
                attempt.give_back();
                Err(Unfit::from(error))
            }
        }
    }

    async fn end(&self, call: Call) -> Result<Response<Body>, Unfit> {
        let known = match &call.identity {
            Identity::Known(known) => known,
            Identity::Anonymous | Identity::Invalid(_) => return Err(Unfit::NoSession),
        };
        match self.accounts.session_end(&known.token.id, call.now.wall_ms).await? {
            true => Ok(answer::ended(self.is_secure)),
            false => Err(Unfit::NotASession),
        }
    }
}

/// Who they say they are, and the password, as JSON or as a form.
async fn read(headers: &HeaderMap, body: Body) -> Result<(String, Password), Unfit> {
    // The reader's own words may repeat what it read.
    let mut fields = form_body::read(headers, body).await.map_err(|_| Unfit::Unread)?;
    let name = NAME_FIELDS
        .into_iter()
        .filter_map(|field| fields.get(field))
        .map(|name| name.trim())
        .find(|name| !name.is_empty());
    let name = name.ok_or(Unfit::Unread)?.to_owned();
    let password = fields.remove("password").filter(|password| !password.is_empty());
    Ok((name, Password::new(password.ok_or(Unfit::Unread)?)))
}

#[cfg(test)]
mod tests;
