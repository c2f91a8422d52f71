//! The rules of the repository, as tests: sizes, names, what each crate may not hold, and documents that stay true.
//!
//! A rule that is only written down is broken by the third change. Each of these says what is wrong, where, and what
//! to do instead.

#[path = "tidy/bounds.rs"]
mod bounds;
#[path = "tidy/builders.rs"]
mod builders;
#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/citations.rs"]
mod citations;
#[path = "tidy/commands.rs"]
mod commands;
#[path = "tidy/contributing.rs"]
mod contributing;
#[path = "tidy/dependencies.rs"]
mod dependencies;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/faults.rs"]
mod faults;
#[path = "tidy/leftovers.rs"]
mod leftovers;
#[path = "tidy/linked.rs"]
mod linked;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/operators.rs"]
mod operators;
#[path = "tidy/request.rs"]
mod request;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/sizes.rs"]
mod sizes;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/stated.rs"]
mod stated;
#[path = "tidy/tree.rs"]
mod tree;
