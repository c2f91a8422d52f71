//! The program as the pages of staff and callers ask it: its files of counts and usage, and the limits file.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tidegate_accounts::Ledger;
use tidegate_staff::{
    program::{CountsState, Program, ReloadCause, Reloaded, UsageState},
    usage_audit::Audit,
};

use crate::{counts_log::writer::CountsWriter, reload::Reload, usage::Usage};

/// The files of one program.
pub struct Files {
    /// Writes counts down.
    pub counts_writer: Arc<CountsWriter>,
    /// Reads the limits file again.
    pub reload: Arc<Reload>,
    /// Writes usage down.
    pub usage: Arc<Usage>,
}

impl Program for Files {
    fn counts_state(&self) -> CountsState {
        self.counts_writer.last()
    }

    fn limits_file(&self) -> String {
        self.reload.name()
    }

    fn reload(&self) -> Option<Reloaded> {
        self.reload.reload(ReloadCause::Admin)
    }

    fn last_reload(&self) -> Option<Reloaded> {
        self.reload.last()
    }

    fn ledger(&self) -> &Ledger {
        self.usage.ledger()
    }

    fn usage_state(&self) -> UsageState {
        self.usage.state()
    }

    fn settle_usage(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.usage.settle())
    }

    fn settle_usage_for_caller(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.usage.settle_for_caller())
    }

    fn audit_usage(&self) -> BoxFuture<'_, Result<Audit, String>> {
        Box::pin(async { self.usage.audit().await.map_err(|error| format!("{error:#}")) })
    }
}
