//! The warden: it looks up the tokens of open sockets again, and tells their sessions what they may reach.
//!
//! A token that is taken back or over ends its sockets; one that reaches other stations tells the sessions that read
//! them. Both within two seconds of the change, and at once where it was made by this
//! program.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tidegate_accounts::Accounts;
use tidegate_core::identity::{Token, VOUCHED_PREFIX};
use tidegate_engine::{
    engine::Engine,
    sockets::{CloseReason, Socket},
};
use tidegate_streams::Caller;
use tokio::sync::watch;

use crate::{authority::OPAQUE_PREFIX, stream_caller::caller_of};

/// The interval at which expired tokens are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The warden of one program.
pub struct Warden {
    accounts: Accounts,
    engine: Arc<Engine>,
    /// Tokens with open sessions. There are no more of them than open sockets.
    callers: Mutex<HashMap<Arc<str>, watch::Sender<Arc<Caller>>>>,
    /// Tokens whose look-up failed: the next look asks again.
    again: Mutex<HashSet<Arc<str>>>,
}

impl Warden {
    /// Makes a warden over these accounts and the engine's sockets.
    pub fn new(accounts: Accounts, engine: Arc<Engine>) -> Warden {
        Warden {
            accounts,
            engine,
            callers: Mutex::default(),
            again: Mutex::default(),
        }
    }

    /// Returns the holder of the token, kept up to date; ends when the token does.
    pub fn watch(&self, token: &Token) -> watch::Receiver<Arc<Caller>> {
        let mut callers = self.callers.lock();
        let caller = || watch::Sender::new(Arc::new(caller_of(token)));
        callers.entry(token.id.clone()).or_insert_with(caller).subscribe()
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
                    let due = self.due();
                    self.look(due).await;
                }
            }
        }
    }

    /// The tokens to ask about without a change: those whose time is over, those whose look-up failed, and those of
    /// sockets just opened, since a change may have come between the look-up and the opening. What nobody listens to
    /// any more is let go on the way.
    fn due(&self) -> HashSet<Arc<str>> {
        self.callers.lock().retain(|_, caller| caller.receiver_count() > 0);
        let now = self.engine.clock.now();
        let fresh_ms = now.wall_ms - i64::try_from(2 * LOOK_EVERY.as_millis()).unwrap_or(0);
        let is_due = |socket: &Socket| {
            socket.since_ms >= fresh_ms || socket.about.token_ends_ms.is_some_and(|end| end <= now.wall_ms)
        };
        let open = self.engine.sockets.find(is_due, now);
        let mut due = std::mem::take(&mut *self.again.lock());
        due.extend(open.into_iter().filter_map(|socket| socket.about.token));
        due
    }

    async fn look(&self, tokens: HashSet<Arc<str>>) {
        // An opaque credential is no token of ours: its sockets are its own API's business.
        for token in tokens.into_iter().filter(|token| !token.starts_with(OPAQUE_PREFIX)) {
            let now_ms = self.engine.clock.now().wall_ms;
            if token.starts_with(VOUCHED_PREFIX) {
                self.look_at_vouched(&token, now_ms).await;
                continue;
            }
            match self.accounts.lookup_id(&token, now_ms).await {
                Ok(Ok(found)) => self.tell(&token, &found),
                Ok(Err(_)) => self.end(&token),
                // A database that does not answer says nothing about a token; the next look asks again.
                Err(error) => {
                    tracing::error!(%error, "an open socket's token could not be looked up");
                    self.again.lock().insert(token);
                }
            }
        }
    }

    /// Looks a vouched token up again: it ends when it said so at the beginning, and the account that it names may reach
    /// more or less by now.
    async fn look_at_vouched(&self, id: &Arc<str>, now_ms: i64) {
        let of_token = |socket: &Socket| socket.about.token.as_ref() == Some(id);
        let open = self.engine.sockets.find(of_token, self.engine.clock.now());
        let Some(about) = open.into_iter().next().map(|socket| socket.about) else {
            return;
        };
        if about.token_ends_ms.is_some_and(|end_ms| end_ms <= now_ms) {
            self.end(id);
            return;
        }
        // Names kept apart from ours have a colon in them; names of our accounts never do.
        let Some(user) = about.user.filter(|user| !user.contains(':')) else {
            return;
        };
        match self.accounts.lookup_user(&user, now_ms).await {
            Ok(Some(account)) => self.tell(id, &account),
            Ok(None) => self.end(id),
            Err(error) => {
                tracing::error!(%error, "an open socket's user could not be looked up");
                self.again.lock().insert(id.clone());
            }
        }
    }

    fn tell(&self, id: &Arc<str>, token: &Token) {
        if let Some(caller) = self.callers.lock().get(id) {
            // Each value makes every session of the token look at all its devices, so only a change is one.
            caller.send_if_modified(|known| {
                let now = caller_of(token);
                let changed = **known != now;
                if changed {
                    *known = Arc::new(now);
                }
                changed
            });
        }
    }

    fn end(&self, token: &Arc<str>) {
        let ended = |socket: &Socket| socket.about.token.as_ref() == Some(token);
        self.engine.sockets.close_where(ended, CloseReason::Revoked);
        self.callers.lock().remove(token);
    }
}
