//! A form with the values that were entered, shown again with the error beside its field.

use std::collections::BTreeMap;

use crate::admin::problem::Problem;

/// The values of a form and its error. A form that is shown for the first time is empty.
#[derive(Debug, Default)]
pub(super) struct FormState {
    values: BTreeMap<String, String>,
    /// The error and its field; without a field, it is about the form as a whole.
    wrong: Option<(Option<&'static str>, String)>,
    /// True when the form is shown open, and not behind its button.
    pub(super) is_open: bool,
}

impl FormState {
    /// Creates a form from the values that a browser sent.
    pub(super) fn sent(values: BTreeMap<String, String>) -> FormState {
        FormState {
            values,
            wrong: None,
            is_open: true,
        }
    }

    /// Returns true when the form was sent.
    pub(super) fn is_sent(&self) -> bool {
        !self.values.is_empty()
    }

    /// Returns the value of a field, as it was entered.
    pub(super) fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// Returns the value of a field, without spaces around it.
    pub(super) fn text(&self, field: &str) -> String {
        self.value(field).trim().to_owned()
    }

    /// Returns the trimmed value of a field, unless it is empty.
    pub(super) fn filled(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// Returns the value of a field as a number. The problem where it is none says what is `right`.
    pub(super) fn number(&self, field: &'static str, right: &str) -> Result<Option<f64>, Problem> {
        let Some(text) = self.filled(field) else {
            return Ok(None);
        };
        // Infinity and NaN are no numbers here.
        let number = text
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        let wrong = || unusable(field, format!("{text:?} is not a number: write {right}"));
        number.map(Some).ok_or_else(wrong)
    }

    /// Adds a problem to the form. `fields` maps the API's fields to those of the form; a problem about no field of the
    /// form stands at its head.
    pub(super) fn with(mut self, problem: Problem, fields: &[(&str, &'static str)]) -> FormState {
        let own = |field: &str| fields.iter().find(|(of_api, _)| *of_api == field).map(|(_, own)| *own);
        self.wrong = Some((problem.field.and_then(own), problem.detail));
        self
    }

    /// Returns the error of a field.
    pub(super) fn wrong(&self, field: &str) -> Option<&str> {
        let (about, why) = self.wrong.as_ref()?;
        (*about == Some(field)).then_some(why.as_str())
    }

    /// Returns the error of the form as a whole.
    pub(super) fn wrong_at_all(&self) -> Option<&str> {
        let (about, why) = self.wrong.as_ref()?;
        about.is_none().then_some(why.as_str())
    }
}

/// Creates a problem about one field of a form.
pub(super) fn unusable(field: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(http::StatusCode::UNPROCESSABLE_ENTITY, detail).about(field)
}

#[cfg(test)]
mod tests;
