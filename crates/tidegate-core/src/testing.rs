//! Builders of what tests decide from. Each begins with what most tests want and changes what one test is about, so that a
//! new field of a [`Limit`](crate::limit::Limit), a [`Route`](crate::route::Route), a [`Page`](crate::policy::Page) or a
//! [`Policy`](crate::policy::Policy) edits no test.
//!
//! They exist in tests of this crate, and in tests of others by the feature `testing`; no program has them.

mod limit;
mod page;
mod payload_limit;
mod policy;
mod route;
mod token;

pub use limit::{LimitBuilder, limit};
pub use page::{PageBuilder, page};
pub use payload_limit::{PayloadLimitBuilder, payload_limit};
pub use policy::{PolicyBuilder, policy};
pub use route::{RouteBuilder, route};
pub use token::{TokenBuilder, token};
