//! A form as it was filled in, shown again with what is wrong beside the field it is about.

use std::collections::BTreeMap;

use crate::admin::problem::Problem;

/// What was written into a form. A page that shows one for the first time shows an empty one.
#[derive(Debug, Default)]
pub(super) struct Filled {
    values: BTreeMap<String, String>,
    /// What is wrong, and with which field; without one it is about the form as a whole.
    wrong: Option<(Option<&'static str>, String)>,
    /// Whether it is shown at once, and not behind its button.
    pub(super) is_open: bool,
}

impl Filled {
    /// As a browser sends it.
    pub(super) fn sent(values: BTreeMap<String, String>) -> Filled {
        Filled {
            values,
            wrong: None,
            is_open: true,
        }
    }

    /// Whether somebody filled it in.
    pub(super) fn is_sent(&self) -> bool {
        !self.values.is_empty()
    }

    /// What stands in a field, as it was written.
    pub(super) fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// What stands in a field, without spaces around it.
    pub(super) fn text(&self, field: &str) -> String {
        self.value(field).trim().to_owned()
    }

    /// The same, where anything does.
    pub(super) fn filled(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// The same as a number.
    pub(super) fn number(&self, field: &'static str, right: &str) -> Result<Option<f64>, Problem> {
        let Some(text) = self.filled(field) else {
            return Ok(None);
        };
        // What is no finite number is none.
        let number = text
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        let wrong = || unusable(field, format!("{text:?} is not a number: write {right}"));
        number.map(Some).ok_or_else(wrong)
    }

    /// The form again with a problem: beside the field of this form that stands for the API's in `fields`, and at its head
    /// where none does.
    pub(super) fn with(mut self, problem: Problem, fields: &[(&str, &'static str)]) -> Filled {
        let own = |field: &str| fields.iter().find(|(of_api, _)| *of_api == field).map(|(_, own)| *own);
        self.wrong = Some((problem.field.and_then(own), problem.detail));
        self
    }

    /// What is wrong with a field.
    pub(super) fn wrong(&self, field: &str) -> Option<&str> {
        let (about, why) = self.wrong.as_ref()?;
        (*about == Some(field)).then_some(why.as_str())
    }

    /// What is wrong with the form as a whole.
    pub(super) fn wrong_at_all(&self) -> Option<&str> {
        let (about, why) = self.wrong.as_ref()?;
        about.is_none().then_some(why.as_str())
    }
}

/// A problem with one field of a form.
pub(super) fn unusable(field: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(http::StatusCode::UNPROCESSABLE_ENTITY, detail).about(field)
}

#[cfg(test)]
mod tests;
