//! What is printed at the end.

use std::fmt::Write;

/// One row: what it says, each proxy's values, and the target.
pub struct Row {
    /// What was measured, and its unit.
    pub says: &'static str,
    /// For each proxy, one value or one for each round.
    pub values: Vec<Vec<f64>>,
    /// What Tidegate should reach.
    pub target: &'static str,
}

/// Medians in Markdown. A ratio is the first proxy's to another one's in the same round, and of those the median.
pub fn text(names: &[&str], rows: &[Row]) -> String {
    let ratios = names[1..].iter().map(|other| format!("{} / {other}", names[0]));
    let heads: Vec<String> = names.iter().map(|name| (*name).to_owned()).chain(ratios).collect();
    let mut text = format!("| | {} | target |\n|---|", heads.join(" | "));
    text += &"---:|".repeat(heads.len());
    text += "---|\n";
    for row in rows {
        let first = &row.values[0];
        let medians = row.values.iter().map(|values| median(values.clone()));
        let ratios = row.values[1..]
            .iter()
            .map(|other| median(first.iter().zip(other).map(|(one, other)| one / other).collect()));
        let cells: Vec<String> = medians.chain(ratios).map(number).collect();
        writeln!(text, "| {} | {} | {} |", row.says, cells.join(" | "), row.target).expect("a text takes more");
    }
    text
}

fn number(value: f64) -> String {
    match value {
        value if !value.is_finite() => "-".to_owned(),
        value if value >= 1_000.0 => format!("{value:.0}"),
        value => format!("{value:.2}"),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}
