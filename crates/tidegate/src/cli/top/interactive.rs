//! The loop of the interactive screen. The terminal is restored on every exit, also after a panic.

use std::{
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    time::Duration,
};

use anyhow::Context;
use ratatui::{DefaultTerminal, crossterm::event};

use super::{
    Answer, Question,
    model::{Did, Model},
    screen,
};
use crate::admin_client::Client;

/// The longest time that a key waits to be handled.
const TICK: Duration = Duration::from_millis(100);

/// Ticks between two queries: one second.
const TICKS: u32 = 10;

/// Shows the screen until the user quits.
///
/// # Errors
/// Fails when the terminal fails.
pub(super) fn run(client: Client, question: Question, answer: Answer) -> anyhow::Result<()> {
    // At most one question and one answer are under way.
    let (ask, asked) = sync_channel::<Question>(1);
    let (tell, told) = sync_channel(1);
    // A server that does not answer holds up no key.
    std::thread::spawn(move || {
        while let Ok(question) = asked.recv() {
            if tell.send(question.ask(&client)).is_err() {
                break;
            }
        }
    });
    let model = Model {
        question,
        answer,
        trouble: None,
    };
    // From here on a panic gives the terminal back before it says why.
    let mut terminal = ratatui::try_init().context("the terminal cannot show the screen; `--once` prints a list")?;
    let ended = watch(&mut terminal, model, &ask, &told);
    ratatui::restore();
    ended
}

fn watch(
    terminal: &mut DefaultTerminal,
    mut model: Model,
    ask: &SyncSender<Question>,
    told: &Receiver<anyhow::Result<Answer>>,
) -> anyhow::Result<()> {
    let mut ticks = 0;
    let mut is_asked = false;
    loop {
        terminal.draw(|frame| screen::draw(frame, &model))?;
        if !is_asked && ticks >= TICKS {
            (is_asked, ticks) = (ask.try_send(model.question).is_ok(), 0);
        }
        if event::poll(TICK)? {
            match model.on(&event::read()?) {
                Did::Quit => return Ok(()),
                Did::Changed => ticks = TICKS,
                Did::Nothing => {}
            }
        } else {
            ticks += 1;
        }
        match told.try_recv() {
            Ok(answer) => {
                is_asked = false;
                model.take(answer);
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => anyhow::bail!("the query thread has ended"),
        }
    }
}
