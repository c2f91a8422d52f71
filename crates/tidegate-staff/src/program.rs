//! The interface to the program behind the pages: its files of counts and usage, and the limits file.

use futures_util::future::BoxFuture;
use tidegate_accounts::Ledger;
use tidegate_config::ConfigErrors;

use crate::usage_audit::Audit;

/// The program that serves these pages. It owns the files that counts and usage are written to and the limits file in
/// force; the pages hold no file.
pub trait Program: Send + Sync {
    /// Returns the state of the file of counts.
    fn counts_state(&self) -> CountsState;

    /// Returns the limits file's name.
    fn limits_file(&self) -> String;

    /// Reads the limits file again and puts it in force. Returns `None` where the policy is built in and there is no
    /// file. Blocks on the disk.
    fn reload(&self) -> Option<Reloaded>;

    /// Returns the outcome of the last reload, if there was one.
    fn last_reload(&self) -> Option<Reloaded>;

    /// Returns the ledger of usage, for reading.
    fn ledger(&self) -> &Ledger;

    /// Returns the state of the usage log and of its transfer into the ledger.
    fn usage_state(&self) -> UsageState;

    /// Brings all usage up to now into the ledger.
    fn settle_usage(&self) -> BoxFuture<'_, ()>;

    /// Does the same for a caller who looks at their own usage: at most a few times a second, however many look.
    fn settle_usage_for_caller(&self) -> BoxFuture<'_, ()>;

    /// Reads the usage log again and compares it with the ledger. The error is a text for staff.
    fn audit_usage(&self) -> BoxFuture<'_, Result<Audit, String>>;
}

/// The state of the file of counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountsState {
    /// The time at which counts were last written to disk, in Unix milliseconds.
    pub at_ms: Option<i64>,
    /// The number of failed writes in a row, up to now.
    pub failures: u64,
}

/// The state of the usage log and of its transfer into the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageState {
    /// The time at which the log was last written, in Unix milliseconds.
    pub written_at_ms: Option<i64>,
    /// The number of failed writes in a row, up to now.
    pub write_failures: u64,
    /// The reason of the last failed write.
    pub write_error: Option<String>,
    /// The time at which the ledger last took over the log, in Unix milliseconds.
    pub shipped_at_ms: Option<i64>,
    /// The number of failed transfers to the ledger in a row, up to now.
    pub ship_failures: u64,
    /// The reason of the last failed transfer.
    pub ship_error: Option<String>,
    /// The size of the log in bytes.
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
    /// The time of the reload, in Unix milliseconds.
    pub at_ms: i64,
    /// The cause.
    pub cause: ReloadCause,
    /// The keys of `[server]` that differ from those in force and take effect with a restart; or the mistakes in the
    /// file, which left the previous limits in force.
    pub outcome: Result<Vec<&'static str>, ConfigErrors>,
    /// Reloads since the start, this one included.
    pub reloads: u64,
    /// Reloads since the start that failed.
    pub failures: u64,
}

// === impl ReloadCause ===

impl ReloadCause {
    /// Returns the word for the cause.
    pub fn as_str(self) -> &'static str {
        match self {
            ReloadCause::Signal => "signal",
            ReloadCause::Watch => "watch",
            ReloadCause::Admin => "admin",
        }
    }
}
