//! The answer as plain text, for a pipe.

use super::{super::listing, Answer, grouped};

/// Formats totals, callers and the limits that refused.
pub(super) fn text(answer: &Answer) -> String {
    let stats = &answer.stats;
    let sum = |points: &[u64]| grouped(points.iter().sum());
    let mut text = format!(
        "last {}: {} requests, {} refused, {} cached; {} sockets open",
        super::model::span_word(stats.span),
        sum(&stats.requests),
        sum(&stats.refused),
        sum(&stats.cached),
        grouped(stats.sockets.last().copied().unwrap_or(0)),
    );
    if answer.callers.is_empty() {
        text.push_str("\n\nno requests");
        return text;
    }
    // Few callers are counted exactly; only among very many are counts estimates.
    let is_unsure = answer.callers.iter().any(|caller| caller.over_by_max > 0);
    let rows = answer.callers.iter().map(|caller| {
        let mut row = vec![
            caller.subject.clone(),
            caller.tenant.clone().unwrap_or_else(|| "–".to_owned()),
            grouped(caller.requests),
            grouped(caller.refused),
        ];
        if is_unsure {
            row.push(grouped(caller.over_by_max));
        }
        row.push(caller.limit.clone().unwrap_or_else(|| "–".to_owned()));
        row
    });
    let headings: &[&str] = if is_unsure {
        &[
            "caller",
            "tenant",
            "requests",
            "refused",
            "too high by at most",
            "last limit",
        ]
    } else {
        &["caller", "tenant", "requests", "refused", "last limit"]
    };
    text.push_str("\n\n");
    text.push_str(&listing::columns(headings, rows));
    if !stats.refused_by_limit.is_empty() {
        let rows = stats.refused_by_limit.iter();
        let rows = rows.map(|limit| vec![limit.limit.clone(), grouped(limit.total)]);
        text.push_str("\n\n");
        text.push_str(&listing::columns(&["limit", "refused"], rows));
    }
    for server in stats.upstreams.iter().filter(|server| !server.up) {
        let why = server.why.as_deref().unwrap_or("no reason is known");
        text.push_str(&format!(
            "\n\nupstream {} of {} is down: {why}",
            server.server, server.page
        ));
    }
    text
}
