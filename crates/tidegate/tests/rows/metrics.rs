//! `/metrics`, read as a collector reads it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    gate::{Ask, Gate},
    reload::per_user,
    socket::opened,
};

/// Samples by name and labels, as they stand there.
async fn metrics(gate: &Gate) -> BTreeMap<String, f64> {
    let host = gate.app.admin.to_string();
    let answer = crate::gate::send(gate.app.admin, &host, Ask::get("/metrics")).await;
    assert_eq!(
        answer.field("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let mut samples = BTreeMap::new();
    let mut families: Vec<String> = Vec::new();
    for line in answer.text().lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let name = family.split(' ').next().unwrap().to_owned();
            assert!(!families.contains(&name), "{name} stands there twice");
            families.push(name);
        }
        if line.starts_with('#') {
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = name_of(series);
        let family = families.last().expect("a type before its samples");
        let is_of = [
            name,
            name.trim_end_matches("_bucket"),
            name.trim_end_matches("_sum"),
            name.trim_end_matches("_count"),
        ];
        assert!(is_of.contains(&family.as_str()), "{series} stands in {family}");
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        assert!(
            samples.insert(series.to_owned(), value).is_none(),
            "{series} stands there twice"
        );
    }
    samples
}

fn name_of(series: &str) -> &str {
    series.split('{').next().unwrap()
}

fn names(samples: &BTreeMap<String, f64>) -> BTreeSet<&str> {
    samples.keys().map(|series| name_of(series)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_was_answered_refused_and_held() {
    let gate = Gate::of_text(&per_user("rate = \"2 per hour\"")).await;
    let before = metrics(&gate).await;
    assert_eq!(
        before["tidegate_refusals_total{limit=\"per-user\",kind=\"over_limit\"}"],
        0.0
    );
    let ann = gate.user("ann");
    for _ in 0..3 {
        gate.get("/api/feed", &ann).await;
    }
    gate.get("/api/feed", "tg_wrong").await;
    gate.get("/limits", "").await;
    let seen = metrics(&gate).await;
    assert_eq!(before.keys().collect::<Vec<_>>(), seen.keys().collect::<Vec<_>>());
    for (series, value) in [
        ("tidegate_requests_total{route=\"feed\",class=\"4xx\"}", 4.0),
        ("tidegate_requests_total{route=\"/limits\",class=\"2xx\"}", 1.0),
        ("tidegate_refusals_total{limit=\"per-user\",kind=\"over_limit\"}", 1.0),
        ("tidegate_refusals_total{limit=\"\",kind=\"bad_credential\"}", 1.0),
        ("tidegate_request_duration_seconds_count{page=\"/limits\"}", 1.0),
        ("tidegate_overflow_takes_total", 0.0),
        ("tidegate_sockets_open", 0.0),
        ("tidegate_requests_in_flight", 0.0),
    ] {
        assert_eq!(seen.get(series), Some(&value), "{series}: {seen:#?}");
    }
    assert!(seen["tidegate_cells{kind=\"counter\"}"] > 0.0);
    let up = seen
        .iter()
        .find(|(series, _)| name_of(series) == "tidegate_upstream_up")
        .unwrap();
    assert!(up.0.contains("server=\"embedded\"") && *up.1 == 1.0, "{up:?}");
    #[cfg(target_os = "linux")]
    for (name, at_least) in [
        ("process_resident_memory_bytes", 1e6),
        ("process_open_fds", 3.0),
        ("process_max_fds", 64.0),
        ("process_start_time_seconds", 1.6e9),
        ("process_cpu_seconds_total", 0.0),
    ] {
        assert!(seen.get(name).is_some_and(|value| *value >= at_least), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_say_how_many_sockets_are_open() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let _socket = opened(&gate, &ann).await;
    let seen = metrics(&gate).await;
    assert_eq!(
        (seen["tidegate_sockets_open"], seen["tidegate_sockets_opened_total"]),
        (1.0, 1.0)
    );
    assert!(seen["tidegate_cells{kind=\"lease\"}"] >= 1.0);
    assert_eq!(seen["tidegate_requests_total{route=\"socket\",class=\"1xx\"}"], 1.0);
}

// fault 61
#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_as_many_whoever_comes_and_name_nobody() {
    let gate = Gate::start().await;
    let before = metrics(&gate).await;
    let ann = gate.user("ann");
    for number in 0..200_u8 {
        let path = format!("/swd/rest/stranger-{number}?station_id={number}");
        gate.send(Ask::get(&path).from([127, 0, 7, number.max(1)])).await;
        gate.get(&format!("/api/stranger-{number}"), &ann).await;
        gate.get("/api/feed", &format!("stranger-{number}")).await;
    }
    let after = metrics(&gate).await;
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let told = after
        .keys()
        .find(|series| series.contains("stranger") || series.contains("ann\"") || series.contains("127.0.7"));
    assert_eq!(told, None);
}

/// The expressions of a dashboard, wherever in it they stand.
fn expressions(of: &Value, found: &mut Vec<String>) {
    match of {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(text) if key == "expr" || key == "query" => found.push(text.clone()),
                    other => expressions(other, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_of_the_dashboard_and_the_documents_are_those_there_are() {
    let gate = Gate::start().await;
    let seen = metrics(&gate).await;
    let there_are = names(&seen);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let dashboard = std::fs::read_to_string(format!("{root}/docs/grafana/tidegate.json")).unwrap();
    let mut texts = Vec::new();
    expressions(&serde_json::from_str(&dashboard).unwrap(), &mut texts);
    assert!(texts.len() > 10, "{texts:?}");
    texts.push(std::fs::read_to_string(format!("{root}/docs/operate/metrics.md")).unwrap());
    let mut named = BTreeSet::new();
    for text in &texts {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let is_metric = |word: &&str| word.starts_with("tidegate_") || word.starts_with("process_");
        named.extend(words.filter(is_metric).map(|word| word.to_owned()));
    }
    let family = "tidegate_request_duration_seconds";
    let not_metrics = [family, "tidegate_refusals"];
    let unknown: Vec<&String> = named
        .iter()
        .filter(|name| !there_are.contains(name.as_str()) && !not_metrics.contains(&name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?} are no metrics");
    let undocumented: Vec<&&str> = there_are
        .iter()
        .filter(|name| !named.contains(**name) && !name.starts_with(family))
        .collect();
    assert!(
        undocumented.is_empty(),
        "{undocumented:?} stand neither in the dashboard nor in the document"
    );
}
