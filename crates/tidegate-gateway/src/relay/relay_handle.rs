//! The handle on a running relay: it ends the relay, or has it say something to its client.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Waker},
    time::Duration,
};

use parking_lot::Mutex;

/// Most texts that wait for a gap; one more is [`NotTaken::Full`].
pub const TEXTS_MAX: usize = 16;

/// Most bytes of one text; more are [`NotTaken::TooLong`].
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A handle on one relay. Clones are the same relay's. It may be used before the relay begins.
#[derive(Clone, Debug, Default)]
pub struct RelayHandle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Something is in the inbox. A relay looks at this alone at each of its messages.
    has_news: AtomicBool,
    inbox: Mutex<Inbox>,
}

/// The reason why a relay does not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It has ended, or is closing.
    #[error("the socket has ended")]
    Ended,
    /// Too many texts wait: the client does not read.
    #[error("too many texts wait for the client")]
    Full,
    /// The text is too long.
    #[error("the text is too long")]
    TooLong,
}

/// An order to close a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseOrder {
    /// The code of the Close: 1001, 1008, 4001.
    pub code: u16,
    /// Its reason, at most 123 bytes.
    pub reason: String,
    /// The close is put off to a moment within this time, another for each relay, so that those who are sent away
    /// together do not come back together. Zero is now.
    pub within: Duration,
}

#[derive(Debug, Default)]
struct Inbox {
    /// Boxed, for nearly every relay ends without one.
    order: Option<Box<CloseOrder>>,
    texts: VecDeque<String>,
    /// These wait for the upstream's first message.
    later: VecDeque<String>,
    waker: Option<Waker>,
    ended: bool,
}

/// The news that a relay found.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) order: Option<Box<CloseOrder>>,
    pub(super) text: Option<String>,
}

impl RelayHandle {
    /// Makes the handle of a relay that is to begin.
    pub fn new() -> RelayHandle {
        RelayHandle::default()
    }

    /// Asks for a close. Of several orders the last one that is seen in time holds.
    ///
    /// # Errors
    /// [`NotTaken::Ended`].
    pub fn close(&self, order: CloseOrder) -> Result<(), NotTaken> {
        self.put(|inbox| {
            inbox.order = Some(Box::new(order));
            Ok(())
        })
    }

    /// Sends the client a text of the gate's own, in the next gap between messages.
    ///
    /// # Errors
    /// Fails with the reason why it is not sent.
    pub fn send(&self, text: String) -> Result<(), NotTaken> {
        self.put_text(text, |inbox| &mut inbox.texts)
    }

    /// Sends a text as [`RelayHandle::send`] does, but behind the upstream's first message: it may be a greeting that the client expects before all else.
    ///
    /// # Errors
    /// Fails with the reason why it is not sent.
    pub fn send_behind_first(&self, text: String) -> Result<(), NotTaken> {
        self.put_text(text, |inbox| &mut inbox.later)
    }

    fn put_text(&self, text: String, to: impl FnOnce(&mut Inbox) -> &mut VecDeque<String>) -> Result<(), NotTaken> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(NotTaken::TooLong);
        }
        self.put(|inbox| {
            if inbox.texts.len() + inbox.later.len() >= TEXTS_MAX {
                return Err(NotTaken::Full);
            }
            to(inbox).push_back(text);
            Ok(())
        })
    }

    /// The relay is closing or has ended: its slot is free.
    pub fn is_ended(&self) -> bool {
        self.0.inbox.lock().ended
    }

    fn put(&self, put: impl FnOnce(&mut Inbox) -> Result<(), NotTaken>) -> Result<(), NotTaken> {
        let mut inbox = self.0.inbox.lock();
        if inbox.ended {
            return Err(NotTaken::Ended);
        }
        put(&mut inbox)?;
        self.0.has_news.store(true, Ordering::Release);
        let waker = inbox.waker.take();
        drop(inbox);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Is true when there is anything new. A relay that left its waker in [`RelayHandle::poll_news`] is woken behind it.
    pub(super) fn has_news(&self) -> bool {
        self.0.has_news.load(Ordering::Acquire)
    }

    /// Takes what is new; a text only where it is asked for. The relay is woken when more comes, but not when the upstream has
    /// spoken: it sees that itself.
    pub(super) fn poll_news(&self, cx: &Context<'_>, takes_text: bool, has_spoken: bool) -> News {
        let mut inbox = self.0.inbox.lock();
        if has_spoken {
            let Inbox { texts, later, .. } = &mut *inbox;
            texts.append(later);
        }
        let news = News {
            order: inbox.order.take(),
            text: if takes_text { inbox.texts.pop_front() } else { None },
        };
        let waits = !inbox.texts.is_empty() || !inbox.later.is_empty();
        self.0.has_news.store(waits, Ordering::Relaxed);
        match &mut inbox.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        news
    }

    pub(super) fn end(&self) {
        let mut inbox = self.0.inbox.lock();
        inbox.ended = true;
        inbox.texts = VecDeque::new();
        inbox.later = VecDeque::new();
        inbox.waker = None;
    }
}

impl CloseOrder {
    /// A close at once.
    pub fn now(code: u16, reason: impl Into<String>) -> CloseOrder {
        CloseOrder {
            code,
            reason: reason.into(),
            within: Duration::ZERO,
        }
    }

    /// Going away (1001) at a moment within this time.
    pub fn drain(within: Duration) -> CloseOrder {
        CloseOrder {
            code: 1001,
            reason: "the service is shutting down; please connect again".to_owned(),
            within,
        }
    }
}
