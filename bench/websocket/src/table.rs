//! What is printed at the end.

use std::fmt::Write;

use crate::visit::Visit;

/// A row: what it says, and how it is read from a measurement.
type Row = (&'static str, fn(&Visit) -> f64, &'static str);

const ROWS: [Row; 5] = [
    ("memory of an idle socket, KiB", |visit| visit.idle_kib, "6 KiB"),
    (
        "CPU of a message, s in a million",
        |visit| visit.message_cpu_us,
        "1.15 x nginx",
    ),
    ("CPU of all idle sockets, ms/s", |visit| visit.idle_cpu_ms_per_s, "-"),
    ("memory without sockets, MiB", |visit| visit.empty_mib, "-"),
    ("echoes a second", |visit| visit.echoes_per_s, "-"),
];

/// Medians of the rounds in Markdown, the first proxy's beside each other one's.
pub fn text(names: &[&str], measured: &[Vec<Visit>]) -> String {
    let mut text = format!("| median of {} rounds |", measured[0].len());
    for name in names {
        write!(text, " {name} |").expect("a text takes more");
    }
    for other in &names[1..] {
        write!(text, " {} / {other} |", names[0]).expect("a text takes more");
    }
    text += " target |\n|---|";
    text += &"---:|".repeat(2 * names.len() - 1);
    text += "---|\n";
    for (says, read, target) in ROWS {
        let medians: Vec<f64> = measured.iter().map(|visits| median(visits.iter().map(read))).collect();
        let ratios = medians[1..].iter().map(|other| medians[0] / other);
        let cells = medians.iter().map(|value| number(*value)).chain(ratios.map(number));
        writeln!(
            text,
            "| {says} | {} | {target} |",
            cells.collect::<Vec<_>>().join(" | ")
        )
        .expect("a text takes more");
    }
    text
}

fn number(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    if value >= 1_000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}
