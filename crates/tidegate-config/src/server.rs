//! `[server]`, `[tls]` and `[usage]`, compiled: what counts for the gate as a whole.

use std::sync::Arc;

use tidegate_core::{bounds::Numbers, trust::Trust};

use crate::{
    diagnostics::{Fault, Report},
    extensions::{ConfigExtensions, TlsFiles},
    location::Located,
    sections::{
        server::{PAGES_PREFIX, ServerText},
        usage::OnFailure,
    },
};

mod trusted_proxies;

/// The settings that belong to the gate and to no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// A number for each bound of the parts, which make their own bounds of them.
    pub bounds: Numbers,
    /// The proxies that are believed about a client's address.
    pub trust: Option<Trust>,
    /// The gate's own certificate; without it callers are served in plain.
    pub tls: Option<TlsFiles>,
    /// The answer to requests while usage cannot be written down.
    pub on_usage_failure: OnFailure,
    /// The path of the callers' pages: begins with `/`, does not end with one.
    pub pages_prefix: Arc<str>,
}

impl Server {
    /// The keys whose values differ and cannot change while the gate runs. `pages_prefix` and the list of proxies can: they
    /// are part of the policy.
    pub fn needs_restart(&self, other: &Server) -> Vec<&'static str> {
        let mut keys = self.bounds.differing(&other.bounds);
        // The files' content may change at any time; which files they are, only with a restart.
        keys.extend((self.tls != other.tls).then_some("tls"));
        keys.extend((self.on_usage_failure != other.on_usage_failure).then_some("usage"));
        keys
    }
}

/// The settings of `[server]`; what it does not say has its default.
pub fn compile(text: &ServerText, extensions: &ConfigExtensions, report: &mut Report) -> Server {
    let pages_prefix = match &text.pages_prefix {
        Some(prefix) => pages_prefix(prefix, report),
        None => PAGES_PREFIX.into(),
    };
    let mut bounds = Numbers::defaults(extensions.bounds());
    for (key, number) in &text.numbers {
        bounds.set(key, *number);
    }
    Server {
        bounds,
        trust: trusted_proxies::compile(text, report),
        tls: None,
        on_usage_failure: OnFailure::default(),
        pages_prefix,
    }
}

fn pages_prefix(prefix: &Located<String>, report: &mut Report) -> Arc<str> {
    let text = prefix.value.as_str();
    let fits = text.starts_with('/')
        && text[1..].split('/').all(|segment| {
            !segment.is_empty()
                && segment.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                && segment != "."
                && segment != ".."
        });
    if !fits {
        report.error(
            &prefix.location,
            Fault::new(format!("`{text}` is not a path prefix"), "write it as `/limits`"),
        );
        return PAGES_PREFIX.into();
    }
    text.into()
}

#[cfg(test)]
mod tests;
