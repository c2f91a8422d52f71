//! What the screen shows, and what keys do to it.

use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use tidegate_staff::admin;

use super::{Answer, By, Question, Span};

/// The state of the screen.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) question: Question,
    pub(super) answer: Answer,
    /// Why the last answer did not come; what is shown is older.
    pub(super) trouble: Option<String>,
}

/// What came of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Did {
    /// Something else is asked now.
    Changed,
    /// It is over.
    Quit,
    /// Nothing.
    Nothing,
}

impl Model {
    /// A key was pressed, or something else happened to the terminal.
    pub(super) fn on(&mut self, event: &Event) -> Did {
        let Event::Key(key) = event else { return Did::Nothing };
        if key.kind != KeyEventKind::Press {
            return Did::Nothing;
        }
        let before = self.question;
        match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Did::Quit,
            KeyCode::Char('q') | KeyCode::Esc => return Did::Quit,
            KeyCode::Char('r') => self.question.by = By::Requests,
            KeyCode::Char('x') => self.question.by = By::Refused,
            KeyCode::Char('n') => self.question.by = By::Name,
            KeyCode::Char('h') => self.question.span = Span::Hour,
            KeyCode::Char('d') => self.question.span = Span::Day,
            _ => return Did::Nothing,
        }
        if self.question == before {
            Did::Nothing
        } else {
            Did::Changed
        }
    }

    /// An answer came, or did not.
    pub(super) fn take(&mut self, answer: anyhow::Result<Answer>) {
        match answer {
            Ok(answer) => (self.answer, self.trouble) = (answer, None),
            Err(error) => self.trouble = Some(format!("{error:#}")),
        }
    }
}

/// The word for a span.
pub(super) fn span_word(span: admin::Span) -> &'static str {
    match span {
        admin::Span::Hour => "hour",
        admin::Span::Day => "day",
    }
}

#[cfg(test)]
mod tests;
