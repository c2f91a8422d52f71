//! A limits file as it is written: its tables and their keys, each value with its place.
//!
//! The doc comment of a key is its only description; editors show it from the JSON Schema.

pub mod cache;
pub mod defaults;
pub mod identity;
pub mod jwt;
mod keyed_table;
pub mod keywords;
pub mod limit;
pub mod plan;
pub mod rate_quota;
pub mod read_range;
pub mod route;
pub mod server;
pub mod socket;
pub mod tenant;
pub mod tls;
pub mod trusted_proxy;
pub mod upstream;
pub mod usage;

use crate::{
    platform_word::PlatformWord,
    reader::{Named, OneOrMany},
};
use cache::CacheText;
use defaults::DefaultsText;
use identity::IdentityText;
use keyed_table::keyed_table;
use limit::LimitText;
use plan::PlanText;
use route::RouteText;
use server::ServerText;
use tenant::TenantText;
use tidegate_core::dialect::Dialect;
use tls::TlsText;
use upstream::PageUpstream;
use usage::UsageText;

keyed_table! {
    /// A limits file: a platform's limits page, or a page that puts several together.
    pub struct FileText {
        /// The destination of the page's requests: an `http` or `https` address, `embedded:tempest` and `embedded:grovestreams` for the embedded streams API, or a table of servers.
        upstream: PageUpstream,
        /// The dialect of refusals.
        refusals: PlatformWord<&'static Dialect> = "problem",
        /// Other limits pages that stand beside this one: `preset:NAME`, or a path relative to this file.
        include: OneOrMany<String>,
        /// The limit in which a path that no route matches counts, whoever asks, before it is answered 404. It has effect only in the file that Tidegate is started with.
        unmatched: String,
        /// Bounds of the whole gate. It has effect only in the file that Tidegate is started with.
        server: ServerText,
        /// The gate's own certificate. It has effect only in the file that Tidegate is started with.
        tls: TlsText,
        /// The recording of usage. It has effect only in the file that Tidegate is started with.
        usage: UsageText,
        /// The defaults of every limit of this page.
        defaults: DefaultsText,
        /// The answers that are kept for a short while.
        cache: CacheText,
        /// The identification of the page's callers.
        identity: IdentityText,
        /// The named operations of the API.
        route: Named<RouteText>,
        /// The limits.
        limit: Named<LimitText>,
        /// The quotas of plans.
        plan: Named<PlanText>,
        /// The quotas of tenants, and the hosts of their leased instances.
        tenant: Named<TenantText>,
    }
}
