//! The location of a take: its map, and its cell or set there.

use tidegate_core::{
    cell::{Cell, Fit},
    decide::{Subkey, Take, Verdict},
    partition::CellId,
    time::Now,
};

use super::{
    charge::Charge,
    locks::LockedMaps,
    shard::{Shard, Spot},
};
use crate::lease_member::{LeaseId, Member, Membership};

/// The map where a take counts, and the spot in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) map: usize,
    pub(super) spot: Spot,
}

/// Returns every cell that a take may concern.
pub(super) fn cells_of(take: &Take) -> impl Iterator<Item = CellId> + use<> {
    let within = take.subkey.map(|subkey| [subkey.parent, subkey.base]);
    [take.cell].into_iter().chain(within.into_iter().flatten())
}

/// Returns the number of a cell's map.
pub(super) fn index_of(cell: CellId) -> usize {
    // The top bits of a keyed hash are as good as any; the maps inside use the rest.
    (cell.0 >> 122) as usize
}

impl LockedMaps<'_, Shard> {
    /// Drops some expired cells from the maps where new ones may come.
    pub(super) fn make_room(&mut self, takes: &[Take], now: Now) {
        for take in takes.iter().filter(|take| !take.quantity.is_slots()) {
            for cell in [Some(take.cell), take.subkey.map(|subkey| subkey.base)]
                .into_iter()
                .flatten()
            {
                let shard = self.map_mut(index_of(cell));
                if !shard.holds(cell) {
                    shard.sweep_some(now);
                }
            }
            if let Some(subkey) = take.subkey {
                self.map_mut(index_of(subkey.parent)).subkeys.sweep_some(now);
            }
        }
    }

    pub(super) fn locations(&self, takes: &[Take], holder: Option<LeaseId>, now: Now) -> Vec<Location> {
        let mut locations: Vec<Location> = Vec::with_capacity(takes.len());
        for (i, take) in takes.iter().enumerate() {
            let earlier = (&takes[..i], locations.as_slice());
            let location = if take.quantity.is_slots() {
                self.location_in_set(take, holder, earlier)
            } else {
                self.location_in_cell(take, earlier, now)
            };
            locations.push(location);
        }
        locations
    }

    fn location_in_cell(&self, take: &Take, earlier: (&[Take], &[Location]), now: Now) -> Location {
        let cell = match take.subkey {
            Some(subkey) if !self.admits_subkey(&subkey, take.cell, earlier, now) => subkey.base,
            _ => take.cell,
        };
        let map = index_of(cell);
        let shard = self.map(map);
        let coming = coming(earlier.1, |location, own| {
            matches!(location.spot, Spot::Own(_)) && location.map == map && own != cell && !shard.holds(own)
        });
        Location {
            map,
            spot: shard.spot(cell, take, coming),
        }
    }

    /// Finds the set of a take. A sub-key past the bound joins the parent's base set, and a member of that set stays in it.
    fn location_in_set(&self, take: &Take, holder: Option<LeaseId>, earlier: (&[Take], &[Location])) -> Location {
        let (set, parent) = match take.subkey {
            None => (take.cell, None),
            Some(subkey) => {
                let in_base = holder.is_some_and(|id| self.map(index_of(subkey.base)).leases.has(subkey.base, id));
                if !in_base && self.admits_set(&subkey, take.cell, earlier) {
                    (take.cell, Some(subkey.parent))
                } else {
                    (subkey.base, None)
                }
            }
        };
        Location {
            map: index_of(set),
            spot: Spot::Set(Membership { set, parent }),
        }
    }

    /// Returns true when a sub-key of slots has a set of its own: it lives, as it does while it has a member, or there is
    /// room for one more.
    fn admits_set(&self, subkey: &Subkey, set: CellId, (takes, locations): (&[Take], &[Location])) -> bool {
        let leases = &self.map(index_of(subkey.parent)).leases;
        let coming = coming(locations, |location, own| {
            let is_set = matches!(location.spot, Spot::Set(_));
            is_set && own != set && brought(takes, subkey, own) && !leases.lives(subkey.parent, own)
        });
        leases.lives(subkey.parent, set) || leases.live(subkey.parent) + coming < subkey.max as usize
    }

    /// Returns true when a sub-key counts in its own cell: it lives already, or there is room for one more beside those
    /// that earlier takes of this request bring.
    fn admits_subkey(
        &self,
        subkey: &Subkey,
        cell: CellId,
        (takes, locations): (&[Take], &[Location]),
        now: Now,
    ) -> bool {
        let subkeys = &self.map(index_of(subkey.parent)).subkeys;
        let coming = coming(locations, |location, own| {
            let is_cell = matches!(location.spot, Spot::Own(_));
            is_cell && own != cell && brought(takes, subkey, own) && !subkeys.lives(subkey.parent, own, now)
        });
        subkeys.lives(subkey.parent, cell, now) || subkeys.has_room(subkey, coming, now)
    }

    /// Copies the cells concerned and looks at the sets, each once. Returns the index of each take's copy, and the copies.
    pub(super) fn copies(
        &self,
        takes: &[Take],
        locations: &[Location],
        holder: Option<LeaseId>,
        has_room: bool,
        now: Now,
    ) -> (Vec<usize>, Vec<Cell>) {
        let mut cells = Vec::with_capacity(takes.len());
        let mut cell_of: Vec<usize> = Vec::with_capacity(takes.len());
        for (i, (take, location)) in takes.iter().zip(locations).enumerate() {
            let earlier = locations[..i].iter().position(|other| other == location);
            let cell = match earlier {
                Some(at) => cell_of[at],
                None => {
                    let shard = self.map(location.map);
                    cells.push(match location.spot {
                        Spot::Set(membership) => Cell::Slots(shard.leases.look(membership.set, holder, has_room)),
                        spot => shard.read(&spot).unwrap_or_else(|| Cell::new(take.quantity, now)),
                    });
                    cells.len() - 1
                }
            };
            cell_of.push(cell);
        }
        (cell_of, cells)
    }

    /// Writes the copies back. A refusal moves no unit, but cells that exist keep the time and quota they were seen under.
    /// Returns the charges.
    pub(super) fn write(
        &mut self,
        takes: &[Take],
        locations: &[Location],
        cell_of: &[usize],
        cells: &[Cell],
        verdict: &Verdict,
        now: Now,
    ) -> Vec<Charge> {
        let mut charges = Vec::with_capacity(if verdict.admitted { takes.len() } else { 0 });
        for (i, (take, location)) in takes.iter().zip(locations).enumerate() {
            let (standing, cell) = (verdict.outcomes[i].standing, &cells[cell_of[i]]);
            let shard = self.map_mut(location.map);
            let generation = shard.write(&location.spot, take.tag, cell, standing, now);
            if let Some(generation) = generation
                && verdict.admitted
                && verdict.outcomes[i].fit == Fit::Now
            {
                charges.push(Charge {
                    location: *location,
                    generation,
                    cost: take.cost,
                    taken_at_ns: cell.clock_ns(),
                    warned: verdict.outcomes[i].warns,
                });
            }
            if let Some(subkey) = take.subkey
                && let Some(unused_in) = standing.resets_in
                && location.spot == Spot::Own(take.cell)
                && standing.used > 0
            {
                self.map_mut(index_of(subkey.parent))
                    .subkeys
                    .keep(subkey.parent, take.cell, unused_in, now);
            }
        }
        charges
    }

    /// Lets the member join the sets that an admitting verdict gave it a slot of. Returns all sets it is in by
    /// these takes.
    pub(super) fn join(
        &mut self,
        locations: &[Location],
        cell_of: &[usize],
        cells: &[Cell],
        member: Member,
    ) -> Vec<Membership> {
        let mut held: Vec<Membership> = Vec::new();
        for (location, &cell) in locations.iter().zip(cell_of) {
            let (Spot::Set(membership), Cell::Slots(look)) = (location.spot, &cells[cell]) else {
                continue;
            };
            if held.contains(&membership) || !(look.joins() || look.is_member) {
                continue;
            }
            self.map_mut(location.map)
                .leases
                .join(membership.set, member, look.warned);
            if let Some(parent) = membership.parent {
                self.map_mut(index_of(parent)).leases.keep(parent, membership.set);
            }
            held.push(membership);
        }
        held
    }
}

/// Counts the different own cells among these locations for which `which` is true.
fn coming(locations: &[Location], which: impl Fn(&Location, CellId) -> bool) -> usize {
    let brings = |(i, location): &(usize, &Location)| match location.spot {
        Spot::Own(own) => which(location, own) && !locations[..*i].contains(location),
        Spot::Set(Membership { set, parent: Some(_) }) => which(location, set) && !locations[..*i].contains(location),
        Spot::Set(_) | Spot::Shared(_) => false,
    };
    locations.iter().enumerate().filter(brings).count()
}

/// Returns true when one of these takes brings this sub-key of the parent.
fn brought(takes: &[Take], subkey: &Subkey, own: CellId) -> bool {
    takes
        .iter()
        .any(|take| take.cell == own && take.subkey.is_some_and(|other| other.parent == subkey.parent))
}
