//! The ledger compared with the log: `tidegate usage verify`.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use tidegate_accounts::Book;
use tidegate_core::usage::{Month, Sums};
use tidegate_engine::meter::segment::{ReadSummary, Segment};
use tidegate_staff::usage_audit::{Audit, Difference};

use super::Usage;

/// Differences that are listed.
const DIFFERENCES_MAX: usize = 100;

type Totals = BTreeMap<(Month, Option<String>), Sums>;

impl Usage {
    /// Reads the whole log again and compares it with the ledger. Nothing is shipped meanwhile.
    ///
    /// # Errors
    /// Fails when the log or the ledger cannot be read.
    pub async fn audit(self: &Arc<Self>) -> anyhow::Result<Audit> {
        self.settle().await;
        let _turn = self.shipping.lock().await;
        let (shipped, retired) = (
            self.ledger.entries(Book::Shipped).await?,
            self.ledger.entries(Book::Retired).await?,
        );
        let mut totals = totals(self.ledger.totals(Book::Retired).await?);
        let (mut audit, mut found, mut seen) = (Audit::default(), ReadSummary::default(), HashSet::new());
        for segment in Segment::all(&self.folder)? {
            let to = self.log.lock().durable_bytes(&segment)?;
            let (batches, of_segment) = self.read(&segment, 0, to).await?;
            found.add(&of_segment);
            audit.segments += 1;
            audit.bytes += to;
            for batch in batches {
                // One that was written twice, as its first write was said to have failed, is one.
                if retired.contains(batch.id) || !seen.insert(batch.id) {
                    continue;
                }
                if !shipped.contains(batch.id) {
                    audit.pending += 1;
                    continue;
                }
                for entry in &batch.entries {
                    let tenant = entry.payer.tenant.as_deref().map(str::to_owned);
                    totals.entry((entry.when.month(), tenant)).or_default().add(&entry.sums);
                }
            }
        }
        audit.batches = seen.len() as u64;
        audit.missing = shipped.missing();
        (audit.damaged_bytes, audit.torn_bytes) = (found.damaged_bytes, found.torn_bytes);
        audit.differences = differences(&self::totals(self.ledger.totals(Book::Shipped).await?), &totals);
        let is_whole = audit.missing == 0 && audit.damaged_bytes == 0;
        audit.ok = is_whole && audit.pending == 0 && audit.differences.is_empty();
        Ok(audit)
    }
}

fn totals(rows: Vec<(Month, Option<String>, Sums)>) -> Totals {
    rows.into_iter()
        .map(|(month, tenant, sums)| ((month, tenant), sums))
        .collect()
}

fn differences(ledger: &Totals, log: &Totals) -> Vec<Difference> {
    let keys: std::collections::BTreeSet<_> = ledger.keys().chain(log.keys()).collect();
    let of = |totals: &Totals, key| totals.get(key).copied().unwrap_or_default().values();
    let mut found = Vec::new();
    for key in keys {
        let pairs = of(ledger, key).into_iter().zip(of(log, key));
        for (sum, (ledger, log)) in Sums::NAMES.iter().zip(pairs).filter(|(_, (ledger, log))| ledger != log) {
            found.push(Difference {
                month: key.0.to_string(),
                tenant: key.1.clone(),
                sum: (*sum).to_owned(),
                ledger,
                log,
            });
        }
    }
    found.truncate(DIFFERENCES_MAX);
    found
}
