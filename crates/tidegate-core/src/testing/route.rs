//! A route for a test.

use crate::{
    policy::{LimitIndex, PageIndex},
    route::{GrantRule, Pattern, Route},
    socket::SocketRules,
};

/// A [`Route`] under construction.
#[derive(Clone, Debug)]
pub struct RouteBuilder(Route);

/// Begins a route of the first page that matches nothing yet, needs nobody and meets no limit.
pub fn route(name: &str) -> RouteBuilder {
    RouteBuilder(Route {
        name: name.into(),
        page: PageIndex(0),
        patterns: Vec::new(),
        needs_user: false,
        grants: Vec::new(),
        limits: Vec::new(),
        payload_limits: Vec::new(),
        range: None,
        body: None,
        socket: None,
        cache: None,
        drops: [].into(),
    })
}

impl RouteBuilder {
    /// Belongs to the page of this index.
    pub fn page(mut self, page: usize) -> RouteBuilder {
        self.0.page = PageIndex(page);
        self
    }

    /// Matches this too.
    pub fn pattern(mut self, pattern: Pattern) -> RouteBuilder {
        self.0.patterns.push(pattern);
        self
    }

    /// Matches the pattern of this text too, such as `GET /a/{b}`.
    ///
    /// # Panics
    /// The text is no pattern.
    pub fn matching(self, pattern: &str) -> RouteBuilder {
        match Pattern::parse(pattern) {
            Ok(pattern) => self.pattern(pattern),
            Err(wrong) => panic!("{wrong}"),
        }
    }

    /// Says whether a caller must be known.
    pub fn needs_user(mut self, needs_user: bool) -> RouteBuilder {
        self.0.needs_user = needs_user;
        self
    }

    /// Demands these grants.
    pub fn grants(mut self, grants: Vec<GrantRule>) -> RouteBuilder {
        self.0.grants = grants;
        self
    }

    /// Counts in the limits of these indexes.
    pub fn limits(mut self, limits: &[usize]) -> RouteBuilder {
        self.0.limits = limits.iter().map(|&limit| LimitIndex(limit)).collect();
        self
    }

    /// Carries WebSockets so, if it does.
    pub fn socket(mut self, rules: Option<SocketRules>) -> RouteBuilder {
        self.0.socket = rules;
        self
    }

    /// Ends the construction.
    pub fn build(self) -> Route {
        self.0
    }
}
