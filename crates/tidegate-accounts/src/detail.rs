//! An audit row's detail: one flat JSON object, written by hand as five members need no library.

use std::fmt::Write;

/// A JSON object under construction. Members stand in the order they were added.
#[derive(Clone, Debug)]
pub(crate) struct Detail {
    text: String,
}

impl Detail {
    /// `{}`.
    pub(crate) fn new() -> Detail {
        Detail { text: "{".to_owned() }
    }

    /// Adds a text.
    pub(crate) fn text(mut self, name: &'static str, value: &str) -> Detail {
        self.name(name);
        write_string(&mut self.text, value);
        self
    }

    /// Adds a text if there is one.
    pub(crate) fn text_if(self, name: &'static str, value: Option<&str>) -> Detail {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds a whole number if there is one.
    pub(crate) fn number_if(self, name: &'static str, value: Option<i64>) -> Detail {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    /// Adds a whole number.
    pub(crate) fn number(mut self, name: &'static str, value: i64) -> Detail {
        self.name(name);
        self.text.push_str(&value.to_string());
        self
    }

    /// Adds a list of whole numbers.
    pub(crate) fn numbers(mut self, name: &'static str, values: &[i64]) -> Detail {
        self.name(name);
        let listed: Vec<String> = values.iter().map(i64::to_string).collect();
        self.text.push('[');
        self.text.push_str(&listed.join(","));
        self.text.push(']');
        self
    }

    /// The object's text.
    pub(crate) fn into_text(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &'static str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        write_string(&mut self.text, name);
        self.text.push(':');
    }
}

fn write_string(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                // Writing to a String cannot fail. Control characters all lie in the basic plane.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
