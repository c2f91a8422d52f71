//! The relay's side of a socket inside: frames in, frames out.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Channel, wake};
use crate::relay::{
    frame::{
        head::{Head, Opcode},
        masking, write,
    },
    transport::Transport,
};

/// The relay's upstream of a socket inside.
///
/// It relies on what the relay does to the client's bytes: every frame was checked, and heads and control frames come
/// whole.
#[derive(Debug)]
pub struct EmbeddedRelaySide {
    /// A message was refused, and the socket closes.
    is_refusing: bool,
    room: Arc<Mutex<Channel>>,
    frame: Option<Frame>,
    message: Vec<u8>,
    /// A frame on its way to the client, and how much of it went.
    going: Vec<u8>,
    gone: usize,
    /// The answer to the client's last ping; older ones need none (RFC 6455 5.5.3).
    pong: Option<Vec<u8>>,
    /// The Close that answers the client's.
    echo: Option<Vec<u8>>,
    is_closed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    left_bytes: u64,
    mask: [u8; 4],
    is_final: bool,
}

impl EmbeddedRelaySide {
    pub(super) fn new(room: Arc<Mutex<Channel>>) -> EmbeddedRelaySide {
        EmbeddedRelaySide {
            is_refusing: false,
            room,
            frame: None,
            message: Vec::new(),
            going: Vec::new(),
            gone: 0,
            pong: None,
            echo: None,
            is_closed: false,
        }
    }

    /// Takes bytes of frames until they end, or until there is no room for another text. How many it took.
    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_refusing {
            // The rest of what was refused is no frame; its Close is on the way.
            return Ok(bytes.len());
        }
        let mut at = 0;
        while at < bytes.len() {
            if let Some(frame) = self.frame {
                at += self.payload(frame, &bytes[at..])?;
                continue;
            }
            if self.is_full() {
                break;
            }
            let head = match Head::read(&bytes[at..]) {
                Ok(Some(head)) => head,
                Ok(None) | Err(_) => return Err(io::ErrorKind::InvalidData.into()),
            };
            at += head.bytes;
            if head.opcode.is_control() {
                let length = usize::try_from(head.payload_bytes).unwrap_or(usize::MAX);
                let payload = bytes[at..].get(..length).ok_or(io::ErrorKind::InvalidData)?;
                self.control(&head, payload);
                at += payload.len();
                continue;
            }
            if head.opcode == Opcode::Binary {
                // A session speaks text (1003: a type of data that it cannot accept).
                self.refuse(1003, "only text messages are accepted");
                return Ok(bytes.len());
            }
            let frame = Frame {
                left_bytes: head.payload_bytes,
                mask: head.mask.unwrap_or_default(),
                is_final: head.is_final,
            };
            // An empty frame ends with its head.
            self.payload(frame, &[])?;
        }
        Ok(at)
    }

    fn payload(&mut self, mut frame: Frame, bytes: &[u8]) -> io::Result<usize> {
        let taken = usize::try_from(frame.left_bytes).map_or(bytes.len(), |left| left.min(bytes.len()));
        let begin = self.message.len();
        self.message.extend_from_slice(&bytes[..taken]);
        masking::apply(frame.mask, &mut self.message[begin..]);
        frame.mask.rotate_left(taken % 4);
        frame.left_bytes -= taken as u64;
        self.frame = (frame.left_bytes > 0).then_some(frame);
        if self.frame.is_none() && frame.is_final {
            let message = std::mem::take(&mut self.message);
            match String::from_utf8(message) {
                Ok(text) => {
                    let mut room = self.room.lock();
                    // A session that ended takes no more; its Close is on the way.
                    if room.close.is_none() && !room.client_ended {
                        room.came.push_back(text);
                        wake(&mut room.receives);
                    }
                }
                Err(_) => self.refuse(1007, "a text is not UTF-8"),
            }
        }
        Ok(taken)
    }

    fn control(&mut self, head: &Head, payload: &[u8]) {
        let mut payload = payload.to_vec();
        masking::apply(head.mask.unwrap_or_default(), &mut payload);
        match head.opcode {
            Opcode::Ping => self.pong = Some(write::pong(&payload, None)),
            Opcode::Close => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                self.echo = Some(write::close(code, "", None));
                self.room.lock().end_client();
            }
            _ => {}
        }
        wake(&mut self.room.lock().reads);
    }

    fn refuse(&mut self, code: u16, reason: &str) {
        self.is_refusing = true;
        self.echo = Some(write::close(Some(code), reason, None));
        self.room.lock().end_client();
    }

    fn is_full(&self) -> bool {
        let room = self.room.lock();
        room.came.len() >= room.texts_max && !room.client_ended && room.close.is_none()
    }

    /// The next frame to the client.
    fn next(&mut self) -> Option<Vec<u8>> {
        if let Some(pong) = self.pong.take() {
            return Some(pong);
        }
        if let Some(echo) = self.echo.take() {
            self.is_closed = true;
            return Some(echo);
        }
        let mut room = self.room.lock();
        if let Some(text) = room.goes.pop_front() {
            wake(&mut room.sends);
            return Some(write::text(&text, None));
        }
        let (code, reason) = room.close.as_ref()?;
        self.is_closed = true;
        Some(write::close(Some(*code), reason, None))
    }
}

impl Transport for EmbeddedRelaySide {
    fn may_vanish(&self) -> bool {
        false
    }
}

impl AsyncRead for EmbeddedRelaySide {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.gone < self.going.len() {
                let taken = buf.remaining().min(self.going.len() - self.gone);
                buf.put_slice(&self.going[self.gone..self.gone + taken]);
                self.gone += taken;
                return Poll::Ready(Ok(()));
            }
            self.going = Vec::new();
            self.gone = 0;
            if self.is_closed {
                return Poll::Ready(Ok(()));
            }
            match self.next() {
                Some(frame) => self.going = frame,
                None => {
                    self.room.lock().reads = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
        }
    }
}

impl AsyncWrite for EmbeddedRelaySide {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let taken = self.take(buf)?;
        if taken > 0 || buf.is_empty() {
            return Poll::Ready(Ok(taken));
        }
        self.room.lock().writes = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.room.lock().end_client();
        self.is_closed = true;
        Poll::Ready(Ok(()))
    }
}

impl Drop for EmbeddedRelaySide {
    fn drop(&mut self) {
        self.room.lock().end_client();
    }
}
