//! The text format of Prometheus, version 0.0.4, which every collector reads.

use std::fmt::{Display, Write};

/// The content type of the answer.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Metrics as text.
#[derive(Debug, Default)]
pub struct Text(String);

/// The type of a family of metrics.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A number that only grows, until a restart.
    Counter,
    /// A number that grows and shrinks.
    Gauge,
    /// Counts in buckets.
    Histogram,
}

impl Text {
    /// Begins a family. Its samples follow, and no other family's between them.
    pub fn family(&mut self, name: &str, r#type: Type, help: &str) {
        let r#type = match r#type {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
            Type::Histogram => "histogram",
        };
        // Writing to a text never fails.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {type}");
    }

    /// Adds one sample.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            self.0.push(if place == 0 { '{' } else { ',' });
            let _ = write!(self.0, "{label}=\"");
            text.chars().for_each(|c| self.push_escaped(c));
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// Adds a family of one sample without labels.
    pub fn single(&mut self, name: &str, r#type: Type, help: &str, value: impl Display) {
        self.family(name, r#type, help);
        self.sample(name, &[], value);
    }

    /// Returns the whole text.
    pub fn into_string(self) -> String {
        self.0
    }

    fn push_escaped(&mut self, c: char) {
        match c {
            '\\' => self.0.push_str("\\\\"),
            '"' => self.0.push_str("\\\""),
            '\n' => self.0.push_str("\\n"),
            c => self.0.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
