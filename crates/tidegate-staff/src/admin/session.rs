//! Console sessions: who is logged in, for how long. They are in memory, so a restart ends them all.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use tidegate_core::time::Now;

use super::{
    secret::{Secret, SecretHash},
    staff::Staff,
};

/// The sessions that have begun and not ended.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<HashMap<SecretHash, Session>>,
}

/// Most sessions at once; when one more begins, the one unused longest ends.
pub const SESSIONS_MAX: usize = 256;

/// How long a session lasts, however much it is used.
pub const LIFETIME: Duration = Duration::from_secs(12 * 3_600);

/// How long a session lasts unused.
pub const IDLE: Duration = Duration::from_secs(3_600);

/// What is said once on the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// Whether it went as asked.
    pub is_good: bool,
    /// What happened, in a sentence.
    pub text: String,
}

/// Whether a request is somebody's own doing, or a page that keeps itself up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Somebody did something: the session is used.
    Own,
    /// A page left open does not keep its session alive.
    Page,
}

#[derive(Debug)]
struct Session {
    staff: Staff,
    begun_ns: u64,
    used_ns: u64,
    flash: Option<Flash>,
}

impl Sessions {
    /// Begins a session; its secret is new, whatever was shown before, so nobody can have known it.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn begin(&self, staff: Staff, now: Now) -> Result<Secret, getrandom::Error> {
        let secret = Secret::fresh()?;
        let mut open = self.open.lock();
        open.retain(|_, session| session.is_live(now));
        if open.len() >= SESSIONS_MAX {
            let unused = open
                .iter()
                .min_by_key(|(_, session)| session.used_ns)
                .map(|(hash, _)| *hash);
            unused.and_then(|hash| open.remove(&hash));
        }
        let session = Session {
            staff,
            begun_ns: now.mono_ns,
            used_ns: now.mono_ns,
            flash: None,
        };
        open.insert(SecretHash::of(secret.reveal()), session);
        Ok(secret)
    }

    /// Who is logged in by this secret, if anybody still is.
    pub fn find(&self, shown: &str, by: Use, now: Now) -> Option<Staff> {
        let mut open = self.open.lock();
        let hash = SecretHash::of(shown);
        let session = open.get_mut(&hash)?;
        if !session.is_live(now) {
            open.remove(&hash);
            return None;
        }
        if by == Use::Own {
            session.used_ns = now.mono_ns;
        }
        Some(session.staff.clone())
    }

    /// Ends one.
    pub fn end(&self, shown: &str) {
        self.open.lock().remove(&SecretHash::of(shown));
    }

    /// Leaves something to be said on the session's next page.
    pub fn say(&self, shown: &str, flash: Flash) {
        if let Some(session) = self.open.lock().get_mut(&SecretHash::of(shown)) {
            session.flash = Some(flash);
        }
    }

    /// What is to be said, once.
    pub fn take_flash(&self, shown: &str) -> Option<Flash> {
        self.open.lock().get_mut(&SecretHash::of(shown))?.flash.take()
    }
}

// === impl Session ===

impl Session {
    fn is_live(&self, now: Now) -> bool {
        let since = |then_ns: u64| Duration::from_nanos(now.mono_ns.saturating_sub(then_ns));
        since(self.begun_ns) < LIFETIME && since(self.used_ns) < IDLE
    }
}

#[cfg(test)]
mod tests;
