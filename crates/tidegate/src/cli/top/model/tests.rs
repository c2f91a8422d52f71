use ratatui::crossterm::event::KeyEvent;

use super::*;
use crate::cli::top::screen::testing::{answer, model};

fn press(model: &mut Model, code: KeyCode) -> Did {
    model.on(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

#[test]
fn keys_choose_order_and_span_and_ask_at_once() {
    let mut model = model();
    assert_eq!(press(&mut model, KeyCode::Char('x')), Did::Changed);
    assert_eq!(press(&mut model, KeyCode::Char('d')), Did::Changed);
    let chosen = model.question;
    assert_eq!((chosen.by, chosen.span), (By::Refused, Span::Day));
    assert_eq!(press(&mut model, KeyCode::Char('x')), Did::Nothing);
    assert_eq!(press(&mut model, KeyCode::Char('z')), Did::Nothing);
    assert_eq!(press(&mut model, KeyCode::Char('n')), Did::Changed);
    assert_eq!(press(&mut model, KeyCode::Char('h')), Did::Changed);
    assert_eq!(press(&mut model, KeyCode::Char('r')), Did::Changed);
    assert_eq!((model.question.by, model.question.span), (By::Requests, Span::Hour));
}

#[test]
fn q_escape_and_control_c_end_it() {
    let mut model = model();
    assert_eq!(press(&mut model, KeyCode::Char('q')), Did::Quit);
    assert_eq!(press(&mut model, KeyCode::Esc), Did::Quit);
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(model.on(&Event::Key(interrupt)), Did::Quit);
    assert_eq!(press(&mut model, KeyCode::Char('c')), Did::Nothing);
    assert_eq!(model.on(&Event::Resize(80, 24)), Did::Nothing);
}

#[test]
fn an_answer_that_does_not_come_leaves_the_last_one_and_says_so() {
    let mut model = model();
    model.take(Err(anyhow::anyhow!("no Tidegate answers")));
    assert_eq!(
        (&model.answer, model.trouble.as_deref()),
        (&answer(), Some("no Tidegate answers"))
    );
    model.take(Ok(answer()));
    assert_eq!(model.trouble, None);
}
