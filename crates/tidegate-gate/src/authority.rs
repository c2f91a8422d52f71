//! The authority: answers for credentials and resources, which the program joins to the accounts.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use futures_util::future::BoxFuture;
use tidegate_core::{
    identity::{Claims, Invalid, Lookup, Naming, Resource, Source},
    time::Now,
};
use tokio::time::Sleep;

/// Longest time to look a credential or a resource up; then the look-up has failed: 500.
const LOOKUP_WAIT_MAX: Duration = Duration::from_secs(5);

/// Answers for credentials and resources. The program joins it to the accounts.
pub trait Authority: Send + Sync + 'static {
    /// Looks a credential up. A credential that names nobody is an answer; an [`AuthorityFault`] is a look-up that failed.
    /// A source answers for a form that it does not know with [`Malformed`](tidegate_core::identity::Invalid::Malformed).
    fn lookup<'a>(
        &'a self,
        source: &'a Source,
        secret: &'a str,
        now: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>>;

    /// Looks somebody up of whom a listed proxy says this.
    fn vouched<'a>(
        &'a self,
        naming: &'a Naming,
        claims: Claims,
        now: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>>;

    /// Tells whether a resource exists at all: asked only when a caller's grants don't include it, to tell 403 from 404.
    fn exists(&self, resource: Resource) -> BoxFuture<'_, Result<bool, AuthorityFault>>;
}

/// An authority without accounts: no credential names anybody, and no resource exists.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAccounts;

/// A look-up failed: the fault is the house's, never the caller's. The text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authority failed: {0}")]
pub struct AuthorityFault(pub String);

/// Waits for the authority, and not for ever: a look-up that hangs is one that failed. What is there at once costs no timer.
pub(crate) async fn in_time<T>(asking: impl Future<Output = Result<T, AuthorityFault>>) -> Result<T, AuthorityFault> {
    let mut asking = pin!(asking);
    let mut deadline: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|cx| {
        if let Poll::Ready(answer) = asking.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        let deadline = deadline.get_or_insert_with(begin_wait);
        deadline.as_mut().poll(cx).map(|()| Err(silent()))
    })
    .await
}

#[expect(
    clippy::disallowed_methods,
    reason = "a timer runs on the runtime's clock; nothing is decided by it but an end of waiting"
)]
fn begin_wait() -> Pin<Box<Sleep>> {
    Box::pin(tokio::time::sleep(LOOKUP_WAIT_MAX))
}

fn silent() -> AuthorityFault {
    AuthorityFault(format!("no answer within {:?}", LOOKUP_WAIT_MAX))
}

impl Authority for NoAccounts {
    fn lookup<'a>(&'a self, _: &'a Source, _: &'a str, _: Now) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        Box::pin(std::future::ready(Ok(Err(Invalid::Unknown))))
    }

    fn vouched<'a>(&'a self, _: &'a Naming, _: Claims, _: Now) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        Box::pin(std::future::ready(Ok(Err(Invalid::Unknown))))
    }

    fn exists(&self, _: Resource) -> BoxFuture<'_, Result<bool, AuthorityFault>> {
        Box::pin(std::future::ready(Ok(false)))
    }
}
