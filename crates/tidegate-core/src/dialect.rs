//! Dialects of refusals: the form in which the clients of a platform expect a no.
//!
//! Every refusal is a document of problem details (RFC 9457), whose writer is the gateway. A dialect is its content type and
//! what it says in its own words beside those members. It is a value that a platform has once and a page points to, so
//! that nothing looks one up by its name while requests are served.

use std::fmt;

use http::StatusCode;

use crate::refusal::Refusal;

/// A dialect of refusals.
pub struct Dialect {
    /// Its name in limits files, e.g. `refusals = "problem"`.
    pub name: &'static str,
    /// The content type of its documents.
    pub content_type: &'static str,
    /// The members it adds to the problem details, of a refusal with this status. One of them is `status`.
    pub members: fn(&Refusal, StatusCode) -> Vec<(&'static str, Member)>,
}

/// The value of a member that a dialect adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// True or false.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
    /// An object of such members.
    Object(Vec<(&'static str, Member)>),
}

/// The dialect of whoever has none: plain problem details, whose `status` is the number.
pub const PROBLEM: &Dialect = &Dialect {
    name: "problem",
    content_type: "application/problem+json",
    members: |_, status| vec![("status", Member::Number(status.as_u16().into()))],
};

// === impl Dialect ===

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Dialect {
    fn eq(&self, other: &Dialect) -> bool {
        self.name == other.name
    }
}

impl Eq for Dialect {}
