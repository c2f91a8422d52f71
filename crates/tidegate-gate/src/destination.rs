//! The destination: the upstream that an admitted request goes to.

use std::sync::Arc;

use tidegate_core::upstream::Remote;

/// The upstream of an admitted request.
#[derive(Clone, Debug)]
pub enum Destination {
    /// The callers' pages.
    Pages,
    /// The streams API inside the program.
    Embedded,
    /// A server elsewhere.
    Remote(Arc<Remote>),
}
