//! The role of a value in a feed document, by its place.

/// The role of a value; for an object or array also the role of its members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The whole document.
    #[default]
    Root,
    /// The list of the simple API, and one of its elements.
    List,
    Element,
    /// The document of the advanced API, from the outside in.
    Document,
    Feed,
    Components,
    Component,
    Streams,
    Stream,
    /// Names of a component and a stream.
    ComponentId,
    ComponentUid,
    StreamId,
    StreamUid,
    /// Samples, and their times.
    Data,
    Time,
    /// A value of no meaning here.
    Nothing,
}

impl Role {
    /// Returns the role of the items of an array of this role.
    pub fn item(self) -> Role {
        match self {
            Role::List => Role::Element,
            Role::Components => Role::Component,
            Role::Streams => Role::Stream,
            Role::Data => Role::Data,
            Role::Time => Role::Time,
            _ => Role::Nothing,
        }
    }

    /// Returns the role of an object or array that stands in place of a value of this role.
    pub fn opened(self, is_object: bool) -> Role {
        match (self, is_object) {
            (Role::Root, false) => Role::List,
            (Role::Root, true) => Role::Document,
            // One where a list is expected is read all the same: others may take it.
            (Role::Components, true) => Role::Component,
            (Role::Streams, true) => Role::Stream,
            (Role::Element | Role::Component | Role::Stream | Role::Feed, true) => self,
            (Role::Components | Role::Streams | Role::Time, false) => self,
            (Role::Data, _) => Role::Data,
            _ => Role::Nothing,
        }
    }

    /// Returns the role of the value behind a key.
    pub fn member(self, key: &[u8]) -> Role {
        match (self, key) {
            (Role::Document, b"feed") => Role::Feed,
            (Role::Feed, b"component") => Role::Components,
            (Role::Component, b"stream") => Role::Streams,
            (Role::Element | Role::Component, b"compId" | b"componentId") => Role::ComponentId,
            (Role::Element | Role::Component, b"compUid" | b"componentUid") => Role::ComponentUid,
            (Role::Element | Role::Stream, b"streamId") => Role::StreamId,
            (Role::Element | Role::Stream, b"streamUid") => Role::StreamUid,
            (Role::Element | Role::Stream, b"data") => Role::Data,
            (Role::Element | Role::Stream | Role::Component, b"time") => Role::Time,
            (Role::Data, _) => Role::Data,
            _ => Role::Nothing,
        }
    }

    /// The bit of a member that stands once in its object: of a second one nobody knows which counts.
    pub fn once(self) -> u16 {
        match self {
            Role::Feed => 1,
            Role::Components => 2,
            Role::Streams => 4,
            Role::ComponentId => 8,
            Role::ComponentUid => 16,
            Role::StreamId => 32,
            Role::StreamUid => 64,
            Role::Data => 128,
            Role::Time => 256,
            _ => 0,
        }
    }
}
