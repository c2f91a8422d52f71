//! Callers that issuers and listed proxies vouched for. They have no account to be looked up in, so staff find them here.

use std::{num::NonZeroUsize, sync::Arc};

use lru::LruCache;
use parking_lot::Mutex;
use tidegate_core::identity::Token;

/// The vouched callers seen last, by the name they count by.
#[derive(Debug)]
pub struct VouchedCallers(Mutex<LruCache<Arc<str>, Arc<Token>>>);

/// Vouched callers that are remembered for staff; past it the one seen longest ago is not.
const SEEN_MAX: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

impl VouchedCallers {
    /// Remembers a caller, as the one seen last.
    pub fn see(&self, token: Arc<Token>) {
        self.0.lock().put(token.subject.clone(), token);
    }

    /// The last that was vouched for by the name, lately.
    pub fn seen(&self, name: &str) -> Option<Arc<Token>> {
        self.0.lock().peek(name).cloned()
    }

    /// Those vouched for lately whose name or tenant holds the text, whatever the case of ASCII letters, the last seen
    /// first; at most `rows_max`.
    pub fn seen_with(&self, part: &str, rows_max: usize) -> Vec<Arc<Token>> {
        let part = part.to_ascii_lowercase();
        let holds = |text: &str| text.to_ascii_lowercase().contains(&part);
        let seen = self.0.lock();
        let found = seen.iter().filter(|(name, token)| holds(name) || holds(&token.tenant));
        found.take(rows_max).map(|(_, token)| token.clone()).collect()
    }
}

impl Default for VouchedCallers {
    fn default() -> VouchedCallers {
        VouchedCallers(Mutex::new(LruCache::new(SEEN_MAX)))
    }
}
