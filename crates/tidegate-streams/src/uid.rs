//! The uids of components, streams, cycles, and of those they belong to: version 5 UUIDs (RFC 9562 5.5), as the platform assigns them.
//!
//! One is made of the tenant and the ids its owner chose, so that it is the same whenever it is asked for, and another
//! tenant's object of the same name has another.

use sha1::{Digest, Sha1};

/// The namespace of all of them; a number drawn once.
const NAMESPACE: [u8; 16] = [
    0x8e, 0x4b, 0x1d, 0x52, 0x0c, 0x67, 0x4f, 0x9a, 0x9d, 0x3e, 0x71, 0xb8, 0x25, 0xf0, 0x6a, 0xc4,
];

pub(crate) fn component(tenant: &str, comp_id: &str) -> String {
    uid(["component", tenant, comp_id])
}

pub(crate) fn stream(component_uid: &str, stream_id: &str) -> String {
    uid(["stream", component_uid, stream_id])
}

pub(crate) fn cycle(tenant: &str, cycle_id: &str) -> String {
    uid(["cycle", tenant, cycle_id])
}

/// The uid of an organisation, which is a tenant here.
pub fn organization_uid(tenant: &str) -> String {
    uid(["organization", tenant, ""])
}

/// The uid of a user of a tenant.
pub fn user_uid(tenant: &str, user: &str) -> String {
    uid(["user", tenant, user])
}

fn uid(parts: [&str; 3]) -> String {
    let mut hash = Sha1::new();
    hash.update(NAMESPACE);
    for part in parts {
        // With its length before it, so that no two lists of parts read the same.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x50;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests;
