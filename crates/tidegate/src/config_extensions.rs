//! The program's extensions of limits files: the bounds of its parts, and the readers of the files that a limits file
//! names.

use tidegate_config::extensions::{ConfigExtensions, TlsFiles, UnusableTls};
use tidegate_core::bounds::{Bound, Declared};
use tidegate_engine::engine;
use tidegate_gateway::tls::{OwnTls, TlsFault, roots};
use tidegate_staff::pages;

use crate::{authority::jwks::key_set::KeySet, bounds::Bounds, platforms::VOCABULARY};

/// The bounds of all parts. Messages list the keys in this order, which goes by what they bound and not by who keeps them.
const BOUNDS: [&[Bound]; 7] = {
    let (doors, pings) = tidegate_gateway::Bounds::BOUNDS.split_at(tidegate_gateway::Bounds::BOUNDS.len() - 1);
    let (cells, sockets) = engine::Bounds::BOUNDS.split_at(1);
    let (counts, others) = Bounds::BOUNDS.split_at(1);
    let (samples, sessions) = others.split_at(1);
    [doors, cells, counts, sockets, samples, pings, sessions]
};

/// The extensions. A part's bounds are read, described and compared by what it declares, once it is listed here.
pub const CONFIG_EXTENSIONS: ConfigExtensions = ConfigExtensions {
    bounds: &BOUNDS,
    vocabulary: VOCABULARY,
    pages_cookie: pages::COOKIE,
    roots: |pem| roots(pem).map_err(|fault| fault.to_string()),
    usable_keys: |set| KeySet::read(set, true).map(|set| set.len()),
    check_tls: |files| load_tls(files).map(drop),
};

/// The certificate and its key.
///
/// # Errors
/// The file that is at fault, and why.
pub fn load_tls(files: &TlsFiles) -> Result<OwnTls, UnusableTls> {
    OwnTls::load(&files.cert, &files.key).map_err(|(path, fault)| UnusableTls {
        path,
        is_pair: matches!(fault, TlsFault::Pair(_)),
        why: fault.to_string(),
    })
}

#[cfg(test)]
mod tests;
