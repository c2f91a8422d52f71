//! Slots, from a request to what is open: what a caller is promised, over the engine's own door.

mod claims;
mod house;
mod room;
mod subkeys;
mod threads;
mod trace;
