//! Things that grants name, of kinds that a platform gives a name: a station, a device.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

/// A kind of resource. Platforms and accounts make them, once; nothing here knows one of them.
#[derive(Clone, Copy)]
pub struct ResourceKind {
    /// A hash of the name: a request compares kinds, and never their names.
    code: u64,
    name: &'static str,
    title: &'static str,
    none_such: &'static str,
}

/// A thing a grant names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its id among those of its kind.
    pub id: i64,
}

// === impl ResourceKind ===

impl ResourceKind {
    /// A kind by its name in limits files and grants (`station`), its name at the beginning of a sentence (`Station`), and
    /// the title of the refusal where there is none of that id (`No such station or device`).
    pub const fn new(name: &'static str, title: &'static str, none_such: &'static str) -> ResourceKind {
        // FNV-1a, 64 bits.
        let mut code = 0xcbf2_9ce4_8422_2325u64;
        let mut at = 0;
        while at < name.len() {
            code = (code ^ name.as_bytes()[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        ResourceKind {
            code,
            name,
            title,
            none_such,
        }
    }

    /// The resource of this kind and an id.
    pub const fn of(self, id: i64) -> Resource {
        Resource { kind: self, id }
    }

    /// Its name in limits files and grants.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The title of the refusal where there is none of an id.
    pub fn none_such(self) -> &'static str {
        self.none_such
    }
}

impl PartialEq for ResourceKind {
    fn eq(&self, other: &ResourceKind) -> bool {
        self.code == other.code
    }
}

impl Eq for ResourceKind {}

impl Hash for ResourceKind {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.code);
    }
}

impl fmt::Debug for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

// === impl Resource ===

impl fmt::Display for Resource {
    /// Writes it as a sentence begins with it: `Station 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.title, self.id)
    }
}
