//! A policy for a test.

use crate::{
    limit::Limit,
    policy::{LimitIndex, Page, Policy},
    route::Route,
};

/// A [`Policy`] under construction.
#[derive(Clone, Debug)]
pub struct PolicyBuilder(Policy);

/// Begins a policy without a page, route or limit, whose guard is the first limit and whose pages stand at `/limits`.
pub fn policy() -> PolicyBuilder {
    PolicyBuilder(Policy {
        pages: Vec::new(),
        routes: Vec::new(),
        limits: Vec::new(),
        payload_limits: Vec::new(),
        unmatched: None,
        guard: LimitIndex(0),
        pages_prefix: "/limits".into(),
        pages_login: Vec::new(),
        trust: None,
        tenants: Default::default(),
    })
}

impl PolicyBuilder {
    /// Has these pages.
    pub fn pages(mut self, pages: Vec<Page>) -> PolicyBuilder {
        self.0.pages = pages;
        self
    }

    /// Has these routes.
    pub fn routes(mut self, routes: Vec<Route>) -> PolicyBuilder {
        self.0.routes = routes;
        self
    }

    /// Has these limits.
    pub fn limits(mut self, limits: Vec<Limit>) -> PolicyBuilder {
        self.0.limits = limits;
        self
    }

    /// Counts a path that no route matches in the limit of this index.
    pub fn unmatched(mut self, limit: usize) -> PolicyBuilder {
        self.0.unmatched = Some(LimitIndex(limit));
        self
    }

    /// Guards the limits pages with the limit of this index.
    pub fn guard(mut self, limit: usize) -> PolicyBuilder {
        self.0.guard = LimitIndex(limit);
        self
    }

    /// Ends the construction.
    pub fn build(self) -> Policy {
        self.0
    }
}
