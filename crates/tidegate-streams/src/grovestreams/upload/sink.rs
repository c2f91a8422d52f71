//! The content of a feed document, told to an upload while it is read.

use std::hash::RandomState;

use tidegate_core::payload::{
    excess::StreamLabel,
    upload::{Group, STREAMS_TRACKED_MAX, Stop, Times, Upload},
};

use super::{
    ID_BYTES_MAX,
    names::{Name, Names},
    role::Role,
};
use crate::json::{Sink, Word};

/// Bytes of the longest key that has a meaning, and one more.
const KEY_BYTES: usize = 13;

/// Most bytes of a time that is a number, as written.
const TIME_BYTES_MAX: usize = 32;

/// The state of the reader in the middle of a document.
pub struct Feed {
    now_ms: i64,
    hashes: RandomState,
    /// The objects and arrays that are open.
    open: Vec<Open>,
    /// The role of the current value, of an object's member.
    next: Role,
    /// The scalar at hand.
    role: Role,
    in_key: bool,
    key: [u8; KEY_BYTES],
    key_bytes: usize,
    /// The id or time at hand.
    text: Vec<u8>,
    chars: u64,
    component: Names,
    component_times: Option<Times>,
    stream: Names,
    group: Group,
    /// The first string that is too long: its sample, and its characters once it has ended.
    long: Option<(u64, Option<u64>)>,
    /// Streams of the component at hand, which may be named behind them.
    waiting: Vec<Waiting>,
}

/// An object or array that is open.
#[derive(Clone, Copy)]
struct Open {
    role: Role,
    is_object: bool,
    /// Members that stand once, and were there.
    once: u16,
}

/// A stream that is told once its component is known.
struct Waiting {
    stream: Names,
    group: Group,
}

/// The findings, and the upload they are told to.
pub struct Telling<'a> {
    pub feed: &'a mut Feed,
    pub upload: &'a mut Upload,
}

// === impl Feed ===

impl Feed {
    pub fn new(now_ms: i64) -> Feed {
        Feed {
            now_ms,
            hashes: RandomState::new(),
            open: Vec::new(),
            next: Role::Root,
            role: Role::Nothing,
            in_key: false,
            key: [0; KEY_BYTES],
            key_bytes: 0,
            text: Vec::new(),
            chars: 0,
            component: Names::default(),
            component_times: None,
            stream: Names::default(),
            group: Group::default(),
            long: None,
            waiting: Vec::new(),
        }
    }

    /// The refusal of a string that is too long, with the stream it is of, where that was named already.
    pub fn long_string(&self, upload: &Upload) -> Result<(), Stop> {
        match self.long {
            None => Ok(()),
            Some((index, chars)) => Err(upload.long_string(chars, index, Some(self.label())).into()),
        }
    }

    fn label(&self) -> StreamLabel {
        label(&self.component, &self.stream)
    }

    /// Returns the role of the value that begins here.
    fn value(&self) -> Role {
        match self.open.last() {
            Some(open) if !open.is_object => open.role.item(),
            _ => self.next,
        }
    }

    fn name(&mut self) -> Name {
        let name = Name::of(&self.hashes, &self.text);
        self.text.clear();
        name
    }

    fn key_ends(&mut self) -> Result<(), Stop> {
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        self.next = open.role.member(&self.key[..self.key_bytes]);
        let once = self.next.once();
        if open.once & once != 0 {
            return Err(Stop::Unclear("a member that stands twice in its object"));
        }
        open.once |= once;
        Ok(())
    }

    fn time(&mut self) -> Result<(), Stop> {
        let Some(time_ms) = time_ms(&self.text) else {
            return Err(Stop::Unclear("a time that is no number of milliseconds"));
        };
        let is_component = self.holder() == Role::Component;
        let times = if is_component {
            &mut self.component_times
        } else {
            &mut self.group.times
        };
        match times {
            Some(times) => times.include(Times::at(time_ms)),
            None => *times = Some(Times::at(time_ms)),
        }
        Ok(())
    }

    /// The innermost object that has samples or names.
    fn holder(&self) -> Role {
        let holders = [Role::Element, Role::Component, Role::Stream];
        let innermost = self.open.iter().rev().find(|open| holders.contains(&open.role));
        innermost.map_or(Role::Nothing, |open| open.role)
    }
}

fn label(component: &Names, stream: &Names) -> StreamLabel {
    let text = |names: &Names| names.first().map(Name::label).unwrap_or_default();
    StreamLabel {
        component: text(component),
        stream: text(stream),
    }
}

/// Whole milliseconds; `1.7e12` is a time too.
fn time_ms(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    // A cast of a float stops at the ends of the integer's range.
    text.parse()
        .ok()
        .or_else(|| text.parse::<f64>().ok().map(|time| time as i64))
}

// === impl Telling ===

impl Telling<'_> {
    fn sample(&mut self) -> Result<(), Stop> {
        self.upload.sample()?;
        self.feed.group.samples += 1;
        Ok(())
    }

    /// An element of the simple API, or a component's streams, each with its component.
    fn tell(&mut self, stream: &Names, group: &Group) -> Result<(), Stop> {
        let component = &self.feed.component;
        let hash = (component.hash(), stream.hash());
        let label = || label(component, stream);
        Ok(self.upload.group(hash, label, group, self.feed.now_ms)?)
    }

    fn element_ends(&mut self) -> Result<(), Stop> {
        self.feed.long_string(self.upload)?;
        let stream = std::mem::take(&mut self.feed.stream);
        let group = std::mem::take(&mut self.feed.group);
        self.tell(&stream, &group)?;
        self.feed.component = Names::default();
        Ok(())
    }

    fn stream_ends(&mut self) -> Result<(), Stop> {
        self.feed.long_string(self.upload)?;
        let feed = &mut *self.feed;
        feed.waiting.push(Waiting {
            stream: std::mem::take(&mut feed.stream),
            group: std::mem::take(&mut feed.group),
        });
        if self.feed.waiting.len() > STREAMS_TRACKED_MAX {
            // The component's name is not known yet, and need not be.
            self.component_ends()?;
        }
        Ok(())
    }

    fn component_ends(&mut self) -> Result<(), Stop> {
        let times = self.feed.component_times.take();
        for Waiting { stream, group } in std::mem::take(&mut self.feed.waiting) {
            let group = Group {
                times: group.times.or(times),
                ..group
            };
            self.tell(&stream, &group)?;
        }
        self.feed.component = Names::default();
        Ok(())
    }
}

impl Sink for Telling<'_> {
    type Stop = Stop;

    #[inline]
    fn open(&mut self, is_object: bool) -> Result<(), Stop> {
        let role = self.feed.value().opened(is_object);
        self.feed.open.push(Open {
            role,
            is_object,
            once: 0,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Stop> {
        let Some(open) = self.feed.open.pop() else {
            return Ok(());
        };
        match open.role {
            Role::Element if open.is_object => self.element_ends()?,
            Role::Stream if open.is_object => self.stream_ends()?,
            Role::Component if open.is_object => self.component_ends()?,
            _ => {}
        }
        if self.feed.open.is_empty() {
            // Nothing but white space may follow, so this is said before the last byte is passed on.
            self.upload.end()?;
        }
        Ok(())
    }

    #[inline]
    fn string(&mut self, is_key: bool) -> Result<(), Stop> {
        let feed = &mut *self.feed;
        feed.in_key = is_key;
        if is_key {
            feed.key_bytes = 0;
            return Ok(());
        }
        feed.role = feed.value();
        feed.chars = 0;
        feed.text.clear();
        if feed.role == Role::Data { self.sample() } else { Ok(()) }
    }

    #[inline]
    fn piece(&mut self, text: &str) -> Result<(), Stop> {
        let feed = &mut *self.feed;
        match feed.role {
            _ if feed.in_key => {
                let room = KEY_BYTES - feed.key_bytes.min(KEY_BYTES);
                let taken = text.len().min(room);
                feed.key[feed.key_bytes..feed.key_bytes + taken].copy_from_slice(&text.as_bytes()[..taken]);
                feed.key_bytes += taken;
            }
            Role::Data => {
                feed.chars += text.chars().count() as u64;
                let most = self.upload.string_chars_max().map_or(u64::MAX, u64::from);
                if feed.chars > most && feed.long.is_none() {
                    feed.long = Some((self.upload.samples().saturating_sub(1), None));
                }
            }
            Role::ComponentId | Role::ComponentUid | Role::StreamId | Role::StreamUid => {
                if feed.text.len() + text.len() > ID_BYTES_MAX {
                    return Err(Stop::Unclear("an id of more than 2,048 bytes"));
                }
                feed.text.extend_from_slice(text.as_bytes());
            }
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn string_end(&mut self, is_key: bool) -> Result<(), Stop> {
        let feed = &mut *self.feed;
        if is_key {
            feed.in_key = false;
            return feed.key_ends();
        }
        match feed.role {
            Role::Data => {
                if let Some((_, chars @ None)) = &mut feed.long {
                    *chars = Some(feed.chars);
                }
            }
            Role::ComponentId => feed.component.id = Some(feed.name()),
            Role::ComponentUid => feed.component.uid = Some(feed.name()),
            Role::StreamId => feed.stream.id = Some(feed.name()),
            Role::StreamUid => feed.stream.uid = Some(feed.name()),
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn digits(&mut self, digits: &[u8]) -> Result<(), Stop> {
        let feed = &mut *self.feed;
        if feed.value() != Role::Time {
            return Ok(());
        }
        if feed.text.len() + digits.len() > TIME_BYTES_MAX {
            return Err(Stop::Unclear("a time of more than 32 characters"));
        }
        feed.text.extend_from_slice(digits);
        Ok(())
    }

    #[inline]
    fn number_end(&mut self) -> Result<(), Stop> {
        match self.feed.value() {
            Role::Data => self.sample(),
            Role::Time => {
                let told = self.feed.time();
                self.feed.text.clear();
                told
            }
            _ => Ok(()),
        }
    }

    fn word(&mut self, _: Word) -> Result<(), Stop> {
        // A null says that there is no value at its time, and is stored as that.
        if self.feed.value() == Role::Data {
            self.sample()
        } else {
            Ok(())
        }
    }
}
