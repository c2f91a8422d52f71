//! The state of the screen, and the effect of keys on it.

use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use tidegate_staff::admin;

use super::{Answer, By, Question, Span};

/// The state of the screen.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) question: Question,
    pub(super) answer: Answer,
    /// The reason why the last answer is missing; the one shown is older.
    pub(super) trouble: Option<String>,
}

/// The effect of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Did {
    /// The query changed.
    Changed,
    /// The screen ends.
    Quit,
    /// No effect.
    Nothing,
}

impl Model {
    /// Handles a key or another event of the terminal.
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

    /// Takes an answer, or the reason why there is none.
    pub(super) fn take(&mut self, answer: anyhow::Result<Answer>) {
        match answer {
            Ok(answer) => (self.answer, self.trouble) = (answer, None),
            Err(error) => self.trouble = Some(format!("{error:#}")),
        }
    }
}

/// Returns the word for a span.
pub(super) fn span_word(span: admin::Span) -> &'static str {
    match span {
        admin::Span::Hour => "hour",
        admin::Span::Day => "day",
    }
}

#[cfg(test)]
mod tests;
