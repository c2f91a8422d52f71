//! Summaries of sketches, and the merge of several into one (Agarwal and others, "Mergeable Summaries", 2012).

use std::cmp::Reverse;

use indexmap::IndexMap;

use super::sketch::{Entry, Sketch, Who};

/// The result of a sketch, or of several one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    /// The highest count first.
    pub(crate) entries: Vec<(Who, Entry)>,
    /// The highest count of a caller who is not in it.
    pub(crate) floor: u64,
}

/// A caller in several summaries.
#[derive(Default)]
struct Gathered {
    entry: Entry,
    /// The sum of the floors of those that the caller is in.
    floors: u64,
}

impl Summary {
    pub(crate) fn of(sketch: &Sketch) -> Summary {
        Summary {
            entries: sketch
                .entries()
                .map(|(who, entry)| (who.clone(), entry.clone()))
                .collect(),
            floor: sketch.floor(),
        }
    }

    /// Merges several into one, the oldest first. A caller missing from one may have had as much as its floor, which is
    /// added to the count and to the possible error; so no count is too low here either.
    pub(crate) fn merged<'s>(parts: impl IntoIterator<Item = &'s Summary>, callers_max: usize) -> Summary {
        let mut floor = 0;
        let mut callers: IndexMap<&Who, Gathered> = IndexMap::new();
        for part in parts {
            floor += part.floor;
            for (who, entry) in &part.entries {
                let known = callers.entry(who).or_default();
                known.floors += part.floor;
                known.entry.count += entry.count;
                known.entry.over += entry.over;
                known.entry.tenant = entry.tenant.clone();
                known.entry.limit = entry.limit.clone().or(known.entry.limit.take());
            }
        }
        let mut entries: Vec<(Who, Entry)> = callers
            .into_iter()
            .map(|(who, Gathered { mut entry, floors })| {
                entry.count += floor - floors;
                entry.over += floor - floors;
                (who.clone(), entry)
            })
            .collect();
        // A stable sort of what was met in one order: a list does not jump from look to look where counts are equal.
        entries.sort_by_key(|(_, entry)| Reverse(entry.count));
        let floor = entries
            .get(callers_max)
            .map_or(floor, |(_, first_left_out)| first_left_out.count);
        entries.truncate(callers_max);
        Summary { entries, floor }
    }

    /// Finds the counts of a caller.
    pub(crate) fn get(&self, who: &Who) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|(known, _)| known == who)
            .map(|(_, entry)| entry)
    }
}
