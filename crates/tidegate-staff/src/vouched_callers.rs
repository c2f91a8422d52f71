//! Callers that issuers and listed proxies vouched for. They have no account, so staff find them here.

use std::{num::NonZeroUsize, sync::Arc};

use lru::LruCache;
use parking_lot::Mutex;
use tidegate_core::identity::Token;

/// The vouched callers seen last, by the name that they count by.
#[derive(Debug)]
pub struct VouchedCallers(Mutex<LruCache<Arc<str>, Arc<Token>>>);

/// The most vouched callers that are remembered; past it, the one seen longest ago is dropped.
const SEEN_MAX: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

impl VouchedCallers {
    /// Remembers a caller, as the one seen last.
    pub fn see(&self, token: Arc<Token>) {
        self.0.lock().put(token.subject.clone(), token);
    }

    /// Finds the last token that was vouched for under the name.
    pub fn seen(&self, name: &str) -> Option<Arc<Token>> {
        self.0.lock().peek(name).cloned()
    }

    /// Finds vouched callers whose name or tenant contains the text, ignoring the case of ASCII letters. Returns at
    /// most `rows_max`, the last seen first.
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
