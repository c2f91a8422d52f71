//! A sketch of the callers with most requests, in bounded memory: the space-saving summary of Metwally, Agrawal and El Abbadi, "Efficient
//! Computation of Frequent and Top-k Elements in Data Streams" (2005).
//!
//! When the sketch is full, a new caller takes the place of the one met least and inherits its count as the possible
//! error. A count is therefore never too low, and too high by at most the stated error. In a sketch of N places is every
//! caller who made more than one in N requests.

use std::hash::{Hash, Hasher};

use indexmap::{Equivalent, IndexMap};
use std::sync::Arc;
use tidegate_core::address::Block;

/// Most callers that one sketch keeps.
pub const CALLERS_MAX: usize = 1_024;

/// A caller: the user by name, or the address block of somebody unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    User(Arc<str>),
    Block(Block),
}

/// A [`Who`], borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhoRef<'a> {
    User(&'a str),
    Block(Block),
}

/// A caller as met now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met<'a> {
    pub(crate) who: WhoRef<'a>,
    pub(crate) tenant: Option<&'a Arc<str>>,
    /// The limit that refused.
    pub(crate) limit: Option<&'a Arc<str>>,
}

/// The counts of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Number of requests; never less than the true number.
    pub(crate) count: u64,
    /// Part of the count that may be other callers'.
    pub(crate) over: u64,
    pub(crate) tenant: Option<Arc<str>>,
    /// The limit that refused last.
    pub(crate) limit: Option<Arc<str>>,
}

/// The callers met most.
#[derive(Debug)]
pub(crate) struct Sketch {
    slots: IndexMap<Who, Slot>,
    /// Indices of slots, the highest count first.
    order: Vec<usize>,
    callers_max: usize,
}

#[derive(Debug)]
struct Slot {
    entry: Entry,
    /// Its index in the order.
    place: usize,
}

// === impl Sketch ===

impl Sketch {
    pub(crate) fn new(callers_max: usize) -> Sketch {
        Sketch {
            slots: IndexMap::new(),
            order: Vec::new(),
            callers_max: callers_max.max(1),
        }
    }

    /// Counts a caller once.
    pub(crate) fn add(&mut self, met: Met<'_>) {
        let index = match self.slots.get_index_of(&met.who) {
            Some(index) => index,
            None if self.slots.len() < self.callers_max => self.append(met, Entry::default()),
            None => self.replace_least(met),
        };
        self.raise(index);
        let entry = &mut self.slots[index].entry;
        if let Some(limit) = met.limit
            && entry.limit.as_ref() != Some(limit)
        {
            entry.limit = Some(limit.clone());
        }
    }

    /// Returns the highest count of a caller who is not in it.
    pub(crate) fn floor(&self) -> u64 {
        match self.order.last() {
            Some(least) if self.slots.len() >= self.callers_max => self.slots[*least].entry.count,
            _ => 0,
        }
    }

    /// Returns all callers, the highest count first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Who, &Entry)> {
        let known = self.order.iter().filter_map(|index| self.slots.get_index(*index));
        known.map(|(who, slot)| (who, &slot.entry))
    }

    /// Adds a new caller behind all others.
    fn append(&mut self, met: Met<'_>, entry: Entry) -> usize {
        let entry = Entry {
            tenant: met.tenant.cloned(),
            ..entry
        };
        let place = self.order.len();
        let (index, _) = self.slots.insert_full(met.who.into(), Slot { entry, place });
        self.order.push(index);
        index
    }

    fn replace_least(&mut self, met: Met<'_>) -> usize {
        let least = self.order.pop().unwrap_or(0);
        let count = match self.slots.swap_remove_index(least) {
            Some((_, slot)) => slot.entry.count,
            None => 0,
        };
        // The last slot moved to the one that is free now.
        if let Some((_, moved)) = self.slots.get_index(least) {
            self.order[moved.place] = least;
        }
        let over = count;
        let inherited = Entry {
            count,
            over,
            ..Entry::default()
        };
        self.append(met, inherited)
    }

    /// Adds one to a count, with a swap to the front of those that had as many, so that the order stays sorted.
    fn raise(&mut self, index: usize) {
        let Slot { entry, place } = &self.slots[index];
        let (count, place) = (entry.count, *place);
        let has_more = |index: &usize| self.slots[*index].entry.count > count;
        let front = match place.checked_sub(1).map(|before| has_more(&self.order[before])) {
            None | Some(true) => place,
            Some(false) => self.order[..place].partition_point(has_more),
        };
        self.order.swap(place, front);
        let other = self.order[place];
        self.slots[other].place = place;
        let own = &mut self.slots[index];
        own.place = front;
        own.entry.count += 1;
    }
}

// === impl Who ===

impl Who {
    /// Returns the user's name.
    pub(crate) fn user(&self) -> Option<&Arc<str>> {
        match self {
            Who::User(name) => Some(name),
            Who::Block(_) => None,
        }
    }

    pub(crate) fn borrow(&self) -> WhoRef<'_> {
        match self {
            Who::User(name) => WhoRef::User(name),
            Who::Block(block) => WhoRef::Block(*block),
        }
    }
}

impl Hash for WhoRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            WhoRef::User(name) => state.write(name.as_bytes()),
            WhoRef::Block(block) => block.hash(state),
        }
    }
}

impl Hash for Who {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrow().hash(state);
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Who::User(name) => f.write_str(name),
            // No name of a user has a space, so an address is nobody's name.
            Who::Block(block) => write!(f, "ip {block}"),
        }
    }
}

impl From<WhoRef<'_>> for Who {
    fn from(who: WhoRef<'_>) -> Who {
        match who {
            WhoRef::User(name) => Who::User(name.into()),
            WhoRef::Block(block) => Who::Block(block),
        }
    }
}

impl Equivalent<Who> for WhoRef<'_> {
    fn equivalent(&self, who: &Who) -> bool {
        *self == who.borrow()
    }
}

#[cfg(test)]
mod tests;
