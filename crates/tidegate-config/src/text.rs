//! A limits file as it is written: its tables and their keys, each value with its place.
//!
//! What a key means stands here once, as its doc comment; editors show it from the JSON Schema.

pub mod amount;
pub mod cache;
pub mod defaults;
pub mod identity;
pub mod jwt;
pub mod limit;
mod macros;
pub mod plan;
pub mod proxy;
pub mod range;
pub mod route;
pub mod server;
pub mod socket;
pub mod tenant;
pub mod tls;
pub mod upstream;
pub mod usage;
pub mod words;

use crate::{
    platform_word::PlatformWord,
    reader::{Named, OneOrMany},
};
use cache::CacheText;
use defaults::DefaultsText;
use identity::IdentityText;
use limit::LimitText;
use macros::keyed_table;
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
        /// Where the page's requests go: an `http` or `https` address, `embedded:tempest` and `embedded:grovestreams` for the streams API inside, or a table of servers.
        upstream: PageUpstream,
        /// The dialect of refusals.
        refusals: PlatformWord<&'static Dialect> = "problem",
        /// Other limits pages that stand beside this one: `preset:NAME`, or a path relative to this file.
        include: OneOrMany<String>,
        /// The limit in which a path that no route matches counts, whoever asks, before it is answered 404. Counts in the file that is started.
        unmatched: String,
        /// Bounds of the whole gate. Counts in the file that is started.
        server: ServerText,
        /// The gate's own certificate. Counts in the file that is started.
        tls: TlsText,
        /// What is recorded of what callers use. Counts in the file that is started.
        usage: UsageText,
        /// What every limit of this page says that does not say it itself.
        defaults: DefaultsText,
        /// Which answers are kept for a short while.
        cache: CacheText,
        /// How the page tells who asks.
        identity: IdentityText,
        /// The named operations of the API.
        route: Named<RouteText>,
        /// The limits.
        limit: Named<LimitText>,
        /// What plans have instead.
        plan: Named<PlanText>,
        /// What tenants have of their own, and the hosts of their leased instances.
        tenant: Named<TenantText>,
    }
}
