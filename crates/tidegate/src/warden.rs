//! What an open socket may reach changes while it is open: the warden asks again, and tells.
//!
//! A token that is taken back or over ends its sockets; one that reaches other stations tells the sessions that read
//! them. Both within [`LOOK_EVERY`] of the change, and at once where it was made by this program.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tidegate_accounts::Accounts;
use tidegate_core::identity::Token;
use tidegate_engine::{engine::Engine, sockets::CloseReason};
use tidegate_streams::Caller;
use tokio::sync::watch;

use crate::embedded;

/// How often tokens whose time is over are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The warden of one program.
pub struct Warden {
    accounts: Accounts,
    engine: Arc<Engine>,
    callers: Mutex<HashMap<Arc<str>, Watched>>,
}

/// A token with open sessions. There are no more of them than open sockets.
struct Watched {
    caller: watch::Sender<Arc<Caller>>,
    expires_ms: Option<i64>,
}

impl Warden {
    /// Over these accounts and the engine's sockets.
    pub fn new(accounts: Accounts, engine: Arc<Engine>) -> Warden {
        Warden {
            accounts,
            engine,
            callers: Mutex::default(),
        }
    }

    /// Who holds the token, at any time; ends when the token does.
    pub fn watch(&self, token: &Token) -> watch::Receiver<Arc<Caller>> {
        let mut callers = self.callers.lock();
        let watched = callers.entry(token.id.clone()).or_insert_with(|| Watched {
            caller: watch::Sender::new(Arc::new(embedded::caller_of(token))),
            expires_ms: token.expires_ms,
        });
        watched.caller.subscribe()
    }

    /// Watches until dropped.
    pub async fn run(self: Arc<Self>) {
        let mut changes = self.accounts.changes();
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                changed = changes.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let open = self.engine.sockets.find(|_| true, self.engine.clock.now());
                    let tokens: HashSet<Arc<str>> = open.into_iter().filter_map(|socket| socket.about.token).collect();
                    self.look(tokens).await;
                }
                _ = tick.tick() => {
                    let over = self.over();
                    self.look(over).await;
                }
            }
        }
    }

    /// The tokens whose time is over; what nobody listens to any more is let go on the way.
    fn over(&self) -> HashSet<Arc<str>> {
        let now_ms = self.engine.clock.now().wall_ms;
        let mut callers = self.callers.lock();
        callers.retain(|_, watched| watched.caller.receiver_count() > 0);
        let over = callers
            .iter()
            .filter(|(_, watched)| watched.expires_ms.is_some_and(|end| end <= now_ms));
        over.map(|(token, _)| token.clone()).collect()
    }

    async fn look(&self, tokens: HashSet<Arc<str>>) {
        for token in tokens {
            let now_ms = self.engine.clock.now().wall_ms;
            match self.accounts.lookup_id(&token, now_ms).await {
                Ok(Ok(found)) => self.tell(&found),
                Ok(Err(_)) => self.end(&token),
                // A database that does not answer says nothing about a token; the next look asks again.
                Err(error) => tracing::error!(%error, "an open socket's token could not be looked up"),
            }
        }
    }

    fn tell(&self, token: &Token) {
        if let Some(watched) = self.callers.lock().get(&token.id) {
            // Each value makes every session of the token look at all its devices, so only a change is one.
            watched.caller.send_if_modified(|known| {
                let now = embedded::caller_of(token);
                let changed = **known != now;
                if changed {
                    *known = Arc::new(now);
                }
                changed
            });
        }
    }

    /// An opaque credential is no token of ours: its sockets are its own API's business.
    fn end(&self, token: &Arc<str>) {
        if token.starts_with(crate::authority::OPAQUE_PREFIX) {
            return;
        }
        let ended = |socket: &tidegate_engine::sockets::Socket| socket.about.token.as_ref() == Some(token);
        self.engine.sockets.close_where(ended, CloseReason::Revoked);
        self.callers.lock().remove(token);
    }
}
