//! Console sessions and their lifetime. They are in memory, so a restart ends them all.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use tidegate_core::time::Now;

use super::{
    login_secret::{Secret, SecretHash},
    staff::Staff,
};

/// The sessions that have begun and not ended.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<HashMap<SecretHash, Session>>,
}

/// The most sessions at once; one more ends the one that was unused longest.
pub const SESSIONS_MAX: usize = 256;

/// The longest time that a session lasts.
pub const LIFETIME: Duration = Duration::from_secs(12 * 3_600);

/// The time after which an unused session ends.
pub const IDLE: Duration = Duration::from_secs(3_600);

/// A message that the next page shows once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// True when the change succeeded.
    pub is_good: bool,
    /// The message, in a sentence.
    pub text: String,
}

/// The origin of a request: a person, or a page that refreshes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// A person did something, so the session is used.
    Own,
    /// A page refreshed itself, which does not keep its session alive.
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
    /// Begins a session. Its secret is always new, so nobody can have known it before.
    ///
    /// # Errors
    /// Fails when the system has no randomness to give.
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

    /// Finds the member of staff who is logged in by this secret.
    pub fn find(&self, shown: &str, by: Activity, now: Now) -> Option<Staff> {
        let mut open = self.open.lock();
        let hash = SecretHash::of(shown);
        let session = open.get_mut(&hash)?;
        if !session.is_live(now) {
            open.remove(&hash);
            return None;
        }
        if by == Activity::Own {
            session.used_ns = now.mono_ns;
        }
        Some(session.staff.clone())
    }

    /// Ends a session.
    pub fn end(&self, shown: &str) {
        self.open.lock().remove(&SecretHash::of(shown));
    }

    /// Leaves a message for the session's next page.
    pub fn say(&self, shown: &str, flash: Flash) {
        if let Some(session) = self.open.lock().get_mut(&SecretHash::of(shown)) {
            session.flash = Some(flash);
        }
    }

    /// Takes the message, so that it is shown once.
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
