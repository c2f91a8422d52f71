//! A page for a test.

use crate::{
    credential::Place,
    dialect::{Dialect, PROBLEM},
    identity::{IdentityRules, Source},
    policy::{Page, Upstream},
};

/// A [`Page`] under construction.
#[derive(Clone, Debug)]
pub struct PageBuilder(Page);

/// Begins a page that reads our own tokens from `Authorization`, refuses in problem details and goes to the embedded API.
pub fn page(name: &str) -> PageBuilder {
    PageBuilder(Page {
        name: name.into(),
        identity: IdentityRules {
            read: vec![Place::Bearer],
            cookie_yields: false,
            app_acts_alone: false,
            sources: vec![Source::Own],
        },
        dialect: PROBLEM,
        upstream: Upstream::Embedded,
    })
}

impl PageBuilder {
    /// Reads credentials from these places.
    pub fn read(mut self, places: Vec<Place>) -> PageBuilder {
        self.0.identity.read = places;
        self
    }

    /// Refuses in this dialect.
    pub fn dialect(mut self, dialect: &'static Dialect) -> PageBuilder {
        self.0.dialect = dialect;
        self
    }

    /// Goes there.
    pub fn upstream(mut self, upstream: Upstream) -> PageBuilder {
        self.0.upstream = upstream;
        self
    }

    /// Ends the construction.
    pub fn build(self) -> Page {
        self.0
    }
}
