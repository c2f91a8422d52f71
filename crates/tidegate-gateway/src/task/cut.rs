//! A future that a test can end at any of its polls.

use std::{
    cell::RefCell,
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::task::{coop, yield_now};

/// The way a future is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It is dropped where it waits, as an abort does.
    Drop,
    /// Its poll panics.
    Panic,
    /// It is neither polled nor dropped again. This is what a leak is, and shows that the sweep sees one.
    Forget,
}

/// The distance that a future gets in one poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It runs freely.
    Free,
    /// Over one operation of the runtime: a read, a write, a lock, a message. The next one waits, ready or not, so that
    /// each of them is an await at which it can be ended.
    Step,
}

/// The future that is ended, the poll at which it is, and the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// Counted in the order they were made.
    pub(crate) task: usize,
    /// This poll does not happen; the first is 0.
    pub(crate) poll: usize,
    pub(crate) how: How,
}

/// The record of a run's futures.
pub(crate) struct Watch {
    /// The cut that is still to be made.
    pub(crate) cut: Option<Cut>,
    pace: Pace,
    /// The name of each, and the number of its polls.
    pub(crate) tasks: Vec<(&'static str, usize)>,
    /// The number of those neither finished nor dropped.
    pub(crate) alive: usize,
    /// The number of polls of all of them.
    pub(crate) polls: u64,
    /// The cut was made.
    pub(crate) is_cut: bool,
    /// Another look at the moment of the cut.
    look: Box<dyn Fn() -> usize>,
    /// The result of that look.
    pub(crate) seen: usize,
}

thread_local! {
    /// Of the run on this thread, if one is watched.
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Begins to watch the futures made on this thread. `look` is called when one of them is about to be ended.
pub(crate) fn watch(cut: Option<Cut>, pace: Pace, look: impl Fn() -> usize + 'static) {
    let watch = Watch {
        cut,
        pace,
        tasks: Vec::new(),
        alive: 0,
        polls: 0,
        is_cut: false,
        look: Box::new(look),
        seen: 0,
    };
    WATCH.set(Some(watch));
}

/// Looks at what was watched so far; of nothing there is nothing to see.
pub(crate) fn watched<T>(look: impl FnOnce(&mut Watch) -> T) -> Option<T> {
    WATCH.with_borrow_mut(|watch| watch.as_mut().map(look))
}

/// Ends the watch.
pub(crate) fn unwatch() -> Option<Watch> {
    WATCH.take()
}

/// A future for a task of its own, which can be ended.
pub(crate) fn alone<F: Future<Output = ()>>(future: F) -> Alone<F> {
    let task = watched(|watch| {
        watch.tasks.push((std::any::type_name::<F>(), 0));
        watch.alive += 1;
        watch.tasks.len() - 1
    });
    Alone {
        future: Some(Box::pin(future)),
        task,
    }
}

/// See [`alone`].
pub(crate) struct Alone<F> {
    future: Option<Pin<Box<F>>>,
    task: Option<usize>,
}

// === impl Alone ===

impl<F: Future<Output = ()>> Future for Alone<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let task = self.task;
        let end = task.and_then(|task| watched(|watch| watch.next(task))).flatten();
        match end {
            Some(How::Drop) => self.future = None,
            Some(How::Forget) => std::mem::forget(self.future.take()),
            // Not `panic!`, which would print some ten thousand lines.
            Some(How::Panic) => resume_unwind(Box::new("ended by the sweep")),
            None => {}
        }
        let Some(future) = &mut self.future else {
            return Poll::Ready(());
        };
        if task.is_some() && watched(|watch| watch.pace) == Some(Pace::Step) {
            spend(cx);
        }
        future.as_mut().poll(cx)
    }
}

impl<F> Drop for Alone<F> {
    fn drop(&mut self) {
        self.future = None;
        if self.task.is_some() {
            watched(|watch| watch.alive -= 1);
        }
    }
}

/// The budget of a task in one poll, but for one operation.
const SPENT: usize = 127;

fn spend(cx: &mut Context<'_>) {
    for _ in 0..SPENT {
        if let Poll::Ready(coop) = coop::poll_proceed(cx) {
            coop.made_progress();
        }
    }
}

// === impl Watch ===

impl Watch {
    /// Counts a poll that is about to be, or says how it is not.
    fn next(&mut self, task: usize) -> Option<How> {
        let polls = self.tasks[task].1;
        if let Some(cut) = self.cut
            && (cut.task, cut.poll) == (task, polls)
            && !self.is_cut
        {
            self.is_cut = true;
            self.seen = (self.look)();
            return Some(cut.how);
        }
        self.tasks[task].1 += 1;
        self.polls += 1;
        None
    }
}

/// Waits until nothing moves: as many turns of the runtime as `turns` in a row in which no future was polled.
pub(crate) async fn settle(turns: usize) {
    let mut quiet = 0;
    let mut before = watched(|watch| watch.polls);
    while quiet < turns {
        yield_now().await;
        let now = watched(|watch| watch.polls);
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
    }
}
