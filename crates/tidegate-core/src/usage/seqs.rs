//! The batches of a run that were entered, in whatever order and however often they came.

use std::{fmt, str::FromStr};

/// A set of numbers, kept as ranges: what comes in order is one range, and a number that never comes is a gap of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seqs(Vec<(u64, u64)>);

/// The text is no such set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ranges are written in order, as 1-40,42-42")]
pub struct NotSeqs;

impl Seqs {
    /// Is true when a number is in it.
    pub fn contains(&self, seq: u64) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < seq);
        self.0.get(at).is_some_and(|(first, _)| *first <= seq)
    }

    /// Adds a number; false where it is in it already.
    pub fn insert(&mut self, seq: u64) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < seq);
        let is_next = |range: Option<&(u64, u64)>| range.is_some_and(|(first, _)| seq.checked_add(1) == Some(*first));
        if self.0.get(at).is_some_and(|(first, _)| *first <= seq) {
            return false;
        }
        let joins_next = is_next(self.0.get(at));
        let joins_before = at
            .checked_sub(1)
            .filter(|before| self.0[*before].1.checked_add(1) == Some(seq));
        match (joins_before, joins_next) {
            (Some(before), true) => {
                self.0[before].1 = self.0[at].1;
                self.0.remove(at);
            }
            (Some(before), false) => self.0[before].1 = seq,
            (None, true) => self.0[at].0 = seq,
            (None, false) => self.0.insert(at, (seq, seq)),
        }
        true
    }

    /// Counts the numbers from 1 to the largest one that are not in it.
    pub fn missing(&self) -> u64 {
        let held = self.0.iter().map(|(first, last)| last - first + 1);
        let largest = self.0.last().map_or(0, |(_, last)| *last);
        held.fold(largest, u64::saturating_sub)
    }

    /// Returns the number of ranges.
    pub fn ranges(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Seqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{first}-{last}")?;
        }
        Ok(())
    }
}

impl FromStr for Seqs {
    type Err = NotSeqs;

    fn from_str(text: &str) -> Result<Seqs, NotSeqs> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for range in text.split(',').filter(|_| !text.is_empty()) {
            let (first, last) = range.split_once('-').ok_or(NotSeqs)?;
            let (first, last): (u64, u64) = (first.parse().map_err(|_| NotSeqs)?, last.parse().map_err(|_| NotSeqs)?);
            // Ranges that touch would be one.
            let is_apart = ranges
                .last()
                .is_none_or(|(_, before)| before.checked_add(1).is_some_and(|next| next < first));
            if first > last || !is_apart {
                return Err(NotSeqs);
            }
            ranges.push((first, last));
        }
        Ok(Seqs(ranges))
    }
}
