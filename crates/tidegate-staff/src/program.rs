//! The program behind the pages, as far as they ask it: its files of counts and usage, and the limits file.

use futures_util::future::BoxFuture;
use tidegate_accounts::Ledger;
use tidegate_config::ConfigErrors;

use crate::usage_audit::Audit;

/// The program that serves these pages. It owns the files that counts and usage are written to and the limits file in
/// force; the pages hold no file.
pub trait Program: Send + Sync {
    /// The state of the file of counts.
    fn counts_state(&self) -> CountsState;

    /// The limits file's name.
    fn limits_file(&self) -> String;

    /// Reads the limits file again and puts it in force. `None` where the policy is built in and there is no file.
    /// Blocks on the disk.
    fn reload(&self) -> Option<Reloaded>;

    /// The outcome of the last reload, if there was one.
    fn last_reload(&self) -> Option<Reloaded>;

    /// The ledger of usage, for reading.
    fn ledger(&self) -> &Ledger;

    /// The state of the usage log and of its way into the ledger.
    fn usage_state(&self) -> UsageState;

    /// Brings everything that was used up to now into the ledger.
    fn settle_usage(&self) -> BoxFuture<'_, ()>;

    /// Does the same for a caller who looks at their own usage: a few times a second, however many look.
    fn settle_usage_for_caller(&self) -> BoxFuture<'_, ()>;

    /// Reads the usage log again and compares it with the ledger. The error is a text for staff.
    fn audit_usage(&self) -> BoxFuture<'_, Result<Audit, String>>;
}

/// The state of the file of counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountsState {
    /// When counts were last written down, in Unix milliseconds.
    pub at_ms: Option<i64>,
    /// Writes that failed one after the other, up to now.
    pub failures: u64,
}

/// The state of the usage log and of its way into the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageState {
    /// When the log was last written, in Unix milliseconds.
    pub written_at_ms: Option<i64>,
    /// Writes that failed one after the other, up to now.
    pub write_failures: u64,
    /// Why the last one did.
    pub write_error: Option<String>,
    /// When the ledger last took what the log had, in Unix milliseconds.
    pub shipped_at_ms: Option<i64>,
    /// Shippings that failed one after the other, up to now.
    pub ship_failures: u64,
    /// Why the last one did.
    pub ship_error: Option<String>,
    /// Bytes of the log.
    pub log_bytes: u64,
    /// Bytes of the log that are damaged, before its torn ends.
    pub damaged_bytes: u64,
}

/// The cause of a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadCause {
    /// SIGHUP.
    Signal,
    /// The files changed, or something beside them.
    Watch,
    /// The admin API.
    Admin,
}

/// The outcome of a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// The cause.
    pub cause: ReloadCause,
    /// The keys of `[server]` that say something else than what is in force until a restart; or everything that is wrong
    /// with the file, which left what was in force as it was.
    pub outcome: Result<Vec<&'static str>, ConfigErrors>,
    /// Reloads since the start, this one included.
    pub reloads: u64,
    /// Those of them that failed.
    pub failures: u64,
}

// === impl ReloadCause ===

impl ReloadCause {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ReloadCause::Signal => "signal",
            ReloadCause::Watch => "watch",
            ReloadCause::Admin => "admin",
        }
    }
}
