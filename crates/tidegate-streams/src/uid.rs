//! The uids of components, streams, cycles, and of those they belong to: version 5 UUIDs (RFC 9562 5.5), as the platform assigns them.
//!
//! One is made of the tenant and the ids its owner chose, so that it is the same whenever it is asked for, and another
//! tenant's object of the same name has another.

use uuid::Uuid;

/// The namespace of all of them; a number drawn once.
const NAMESPACE: Uuid = Uuid::from_u128(0x8e4b_1d52_0c67_4f9a_9d3e_71b8_25f0_6ac4);

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
    let mut name = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        // The length of a part comes before it, so that no two lists of parts read the same.
        name.extend((part.len() as u64).to_be_bytes());
        name.extend(part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &name).to_string()
}

#[cfg(test)]
mod tests;
