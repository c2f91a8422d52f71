//! `[tenant.NAME]`: what an organisation has of its own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use super::{keyed_table::keyed_table, limit::Amount};
use crate::{
    diagnostics::{Fault, Report},
    reader::{Entry, Named, OneOrMany, Read},
};

keyed_table! {
    /// The settings of a tenant.
    pub struct TenantText {
        /// The host names of its leased instance: what is sent to one of them, by the Host field, is the tenant's.
        hosts: OneOrMany<String>,
        /// The plan of its callers whose user has none, and of anybody at its hosts.
        plan: String,
        /// The tenant's quota of a limit: `limit.rest-per-user = 200`, or a table with `quota`, `burst` and `subkeys_max`.
        limit: Named<TenantQuotaText>,
    }
}

keyed_table! {
    /// The settings of a tenant for one limit.
    pub struct TenantLimitText {
        /// The quota. Without it, what the plan or the limit says.
        quota: Amount,
        /// With `quota`, of a `rate`: the number of calls that a caller may send at once after a pause. By default, the limit's burst scales with the quota.
        burst: Amount,
        /// For a limit with `within`: the number of counts that live within one parent.
        subkeys_max: Amount,
    }
}

/// A quota by itself, or a table.
#[derive(Debug, Default)]
pub struct TenantQuotaText(pub TenantLimitText);

impl Read for TenantQuotaText {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<TenantQuotaText> {
        match found.value {
            DeValue::Integer(_) => Some(TenantQuotaText(TenantLimitText {
                quota: Some(found.at(report)?),
                ..TenantLimitText::default()
            })),
            DeValue::Table(_) => TenantLimitText::read(found, report).map(TenantQuotaText),
            _ => {
                let right = "write `200`, or `{ quota = 200, burst = 300 }`";
                let wrong = found.expected("a quota or a table").wrong;
                report.error(&found.location(), Fault::new(wrong, right));
                None
            }
        }
    }
}

impl JsonSchema for TenantQuotaText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "own".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let quota = generator.subschema_for::<Amount>();
        let table = generator.subschema_for::<TenantLimitText>();
        json_schema!({ "anyOf": [quota, table] })
    }
}
