//! `GET /metrics` for Prometheus. The number of series depends on the limits files alone, whatever callers do; `/top`
//! names the callers.

mod process;
mod text;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tidegate_engine::stats::{DurationCounts, RefusalKind, STEPS_US, Totals};

use super::{Admin, problem::Problem};
use text::{CONTENT_TYPE, Text, Type};

/// The classes of status, as the label `class` has them.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Returns the metrics in the text format of Prometheus. They need no credential, like `/healthz`, since they name no
/// caller.
#[utoipa::path(get, path = "/metrics", tag = "health", security(()), responses(
    (status = 200, description = "The metrics.", body = String, content_type = "text/plain"),
))]
pub async fn serve(State(admin): State<Arc<Admin>>) -> Response {
    // This reads files of the system.
    match tokio::task::spawn_blocking(move || admin.metrics()).await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

impl Admin {
    /// Writes the metrics as text.
    fn metrics(&self) -> String {
        let mut text = Text::default();
        let version = env!("CARGO_PKG_VERSION");
        text.family(
            "tidegate_build_info",
            Type::Gauge,
            "Always 1; the label has the version that runs.",
        );
        text.sample("tidegate_build_info", &[("version", version)], 1);
        // Series of the policy in force are there before anything was counted.
        self.engine.stats.learn(&self.engine.current.load().policy);
        let totals = self.engine.stats.totals();
        requests(&mut text, &totals);
        refusals(&mut text, &totals);
        warnings(&mut text, &totals);
        durations(&mut text, &totals.durations);
        cache(&mut text, &totals);
        self.sockets(&mut text, totals.sockets_opened);
        self.store(&mut text);
        self.upstreams(&mut text);
        self.files(&mut text);
        process::add(&mut text);
        text.into_string()
    }

    fn sockets(&self, text: &mut Text, opened: u64) {
        let in_flight = self.gateway.in_flight();
        let help = "Requests in progress, from their head to the end of their answer.";
        text.single("tidegate_requests_in_flight", Type::Gauge, help, in_flight);
        let open = self.engine.sockets.len();
        text.single("tidegate_sockets_open", Type::Gauge, "Open WebSockets.", open);
        text.single(
            "tidegate_sockets_opened_total",
            Type::Counter,
            "WebSockets opened.",
            opened,
        );
    }

    fn store(&self, text: &mut Text) {
        let held = self.engine.occupancy();
        text.family(
            "tidegate_cells",
            Type::Gauge,
            "Counts in memory: counters, and leases of open sockets.",
        );
        text.sample("tidegate_cells", &[("kind", "counter")], held.cells);
        text.sample("tidegate_cells", &[("kind", "lease")], held.leases);
        let help = "Takes that fell into shared, coarser counts because the store was full.";
        text.single("tidegate_overflow_takes_total", Type::Counter, help, held.overflows);
        let help = "Sockets refused because there was no room for another lease.";
        text.single(
            "tidegate_leases_refused_total",
            Type::Counter,
            help,
            held.leases_refused,
        );
    }

    fn upstreams(&self, text: &mut Text) {
        // A server that is named twice on one page has one series, which is down if either is.
        let mut up: BTreeMap<(String, String), bool> = BTreeMap::new();
        for row in self.servers() {
            let known = up.entry((row.page, row.server)).or_insert(true);
            *known &= row.up;
        }
        let help = "1 while a server receives requests, 0 while its health checks or the last connects fail.";
        text.family("tidegate_upstream_up", Type::Gauge, help);
        for ((page, server), up) in &up {
            let labels = [("page", page.as_str()), ("server", server.as_str())];
            text.sample("tidegate_upstream_up", &labels, u8::from(*up));
        }
    }

    /// Adds the metrics of the counts on disk and of the limits file.
    fn files(&self, text: &mut Text) {
        let kept = self.program.counts_state();
        let name = "tidegate_counts_written_timestamp_seconds";
        let help = "Unix time of the last write of the counts; 0 before the first one.";
        text.single(name, Type::Gauge, help, kept.at_ms.unwrap_or(0) / 1_000);
        let help = "Failures in a row to write the counts.";
        text.single("tidegate_counts_write_failures", Type::Gauge, help, kept.failures);
        let last = self.program.last_reload();
        let (reloads, failures) = last.map_or((0, 0), |last| (last.reloads, last.failures));
        text.family(
            "tidegate_reloads_total",
            Type::Counter,
            "Reloads of the limits file, by result.",
        );
        text.sample("tidegate_reloads_total", &[("result", "in_force")], reloads - failures);
        text.sample("tidegate_reloads_total", &[("result", "refused")], failures);
    }
}

fn requests(text: &mut Text, totals: &Totals) {
    let name = "tidegate_requests_total";
    text.family(name, Type::Counter, "Requests answered, by route and class of status.");
    for (route, classes) in &totals.requests {
        for (class, count) in CLASSES.into_iter().zip(classes) {
            text.sample(name, &[("route", &**route), ("class", class)], count);
        }
    }
}

fn refusals(text: &mut Text, totals: &Totals) {
    let name = "tidegate_refusals_total";
    let help = "Requests that the gate itself refused, by reason; `limit` is empty where no limit refused.";
    text.family(name, Type::Counter, help);
    for of in &totals.by_limit {
        for (kind, count) in [(RefusalKind::OverLimit, of.over), (RefusalKind::NeverFits, of.never)] {
            text.sample(name, &[("limit", &*of.limit), ("kind", kind.as_str())], count);
        }
    }
    for (kind, count) in &totals.by_kind {
        text.sample(name, &[("limit", ""), ("kind", kind.as_str())], count);
    }
}

fn warnings(text: &mut Text, totals: &Totals) {
    let name = "tidegate_limit_warnings_total";
    let help = "Warnings to callers that little is left of a limit, one each time use rises past the mark.";
    text.family(name, Type::Counter, help);
    for of in &totals.by_limit {
        text.sample(name, &[("limit", &*of.limit)], of.warned);
    }
}

fn durations(text: &mut Text, pages: &[(Arc<str>, DurationCounts)]) {
    let name = "tidegate_request_duration_seconds";
    let help = "Time from the end of a request's head to the head of its answer, by page.";
    text.family(name, Type::Histogram, help);
    for (page, counts) in pages {
        let ends = STEPS_US.map(|end_us| (end_us as f64 / 1e6).to_string());
        let ends = ends.iter().map(String::as_str).chain(["+Inf"]);
        for (end, count) in ends.zip(counts.at_most) {
            text.sample(
                "tidegate_request_duration_seconds_bucket",
                &[("page", &**page), ("le", end)],
                count,
            );
        }
        let sum_s = counts.sum_ns as f64 / 1e9;
        let all = counts.at_most.last().copied().unwrap_or(0);
        text.sample("tidegate_request_duration_seconds_sum", &[("page", &**page)], sum_s);
        text.sample("tidegate_request_duration_seconds_count", &[("page", &**page)], all);
    }
}

fn cache(text: &mut Text, totals: &Totals) {
    let name = "tidegate_cache_requests_total";
    text.family(name, Type::Counter, "Requests in which a cache took part, by outcome.");
    for (outcome, count) in &totals.cache {
        text.sample(name, &[("outcome", outcome.as_str())], count);
    }
}
