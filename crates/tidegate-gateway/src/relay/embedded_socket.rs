//! A socket whose upstream is inside the program: a session that receives and sends texts, and sees no frames.
//!
//! [`pair`] makes the session's [`EmbeddedSocket`] and the [`EmbeddedRelaySide`] that is given to the relay as its upstream. The
//! end takes the frames apart that the relay has checked, puts fragments together, answers pings, and writes the
//! session's texts as frames. While idle it holds no buffer.

mod relay_side;

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use parking_lot::Mutex;

pub use relay_side::EmbeddedRelaySide;

/// The session's side of a socket. Dropping it closes the socket with 1000, or with 1011 while the session panics.
///
/// One task may wait in [`EmbeddedSocket::recv`] and one in [`EmbeddedSocket::send`], at the same time.
#[derive(Debug)]
pub struct EmbeddedSocket(Arc<Mutex<Channel>>);

/// The socket has ended: nothing more is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the socket has ended")]
pub struct SocketEnded;

/// The reason why a text was not taken at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The most texts wait already: the client reads too slowly. The text is given back.
    #[error("too many texts wait for the client")]
    Full(String),
    /// The socket has ended.
    #[error("the socket has ended")]
    Ended,
}

/// The state that the two ends share.
#[derive(Debug)]
struct Channel {
    texts_max: usize,
    /// Texts from the client, for the session.
    came: VecDeque<String>,
    /// Texts from the session, for the client.
    goes: VecDeque<String>,
    /// The close that the session asked for, or its end.
    close: Option<(u16, String)>,
    /// Nothing more comes from the client, and nothing goes.
    client_ended: bool,
    receives: Option<Waker>,
    sends: Option<Waker>,
    reads: Option<Waker>,
    writes: Option<Waker>,
}

/// A socket inside. At most `texts_max` texts wait in either direction: past it the session waits in
/// [`EmbeddedSocket::send`], and the client's bytes in its kernel.
pub fn pair(texts_max: usize) -> (EmbeddedSocket, EmbeddedRelaySide) {
    let room = Arc::new(Mutex::new(Channel {
        texts_max: texts_max.max(1),
        came: VecDeque::new(),
        goes: VecDeque::new(),
        close: None,
        client_ended: false,
        receives: None,
        sends: None,
        reads: None,
        writes: None,
    }));
    (EmbeddedSocket(room.clone()), EmbeddedRelaySide::new(room))
}

impl EmbeddedSocket {
    /// The client's next text. `None` when the socket has ended.
    pub async fn recv(&self) -> Option<String> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    fn poll_recv(&self, cx: &mut Context<'_>) -> Poll<Option<String>> {
        let mut room = self.0.lock();
        match room.came.pop_front() {
            Some(text) => {
                wake(&mut room.writes);
                Poll::Ready(Some(text))
            }
            None if room.client_ended => Poll::Ready(None),
            None => {
                room.receives = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Sends the client a text, as soon as there is room for it.
    ///
    /// # Errors
    /// The socket has ended.
    pub async fn send(&self, text: String) -> Result<(), SocketEnded> {
        let mut text = Some(text);
        poll_fn(|cx| {
            let Some(unsent) = text.take() else {
                return Poll::Ready(Ok(()));
            };
            let mut room = self.0.lock();
            match room.put(unsent) {
                Ok(()) => Poll::Ready(Ok(())),
                Err(NotSent::Ended) => Poll::Ready(Err(SocketEnded)),
                Err(NotSent::Full(unsent)) => {
                    text = Some(unsent);
                    room.sends = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Sends the client a text, if there is room for it now.
    ///
    /// # Errors
    /// Fails with the reason why it was not taken.
    pub fn try_send(&self, text: String) -> Result<(), NotSent> {
        self.0.lock().put(text)
    }

    /// Closes the socket behind the texts that were sent.
    pub fn close(self, code: u16, reason: impl Into<String>) {
        self.0.lock().close.get_or_insert((code, reason.into()));
    }

    /// Is true when the client's side has ended.
    pub fn is_ended(&self) -> bool {
        self.0.lock().client_ended
    }
}

impl Drop for EmbeddedSocket {
    fn drop(&mut self) {
        let mut room = self.0.lock();
        let code = if std::thread::panicking() { 1011 } else { 1000 };
        room.close.get_or_insert((code, String::new()));
        room.came = VecDeque::new();
        wake(&mut room.reads);
        wake(&mut room.writes);
    }
}

impl Channel {
    fn put(&mut self, text: String) -> Result<(), NotSent> {
        if self.client_ended {
            return Err(NotSent::Ended);
        }
        if self.goes.len() >= self.texts_max {
            return Err(NotSent::Full(text));
        }
        self.goes.push_back(text);
        wake(&mut self.reads);
        Ok(())
    }

    fn end_client(&mut self) {
        self.client_ended = true;
        self.goes = VecDeque::new();
        wake(&mut self.receives);
        wake(&mut self.sends);
        wake(&mut self.reads);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}
