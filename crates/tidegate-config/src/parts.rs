//! The program's parts, as far as a limits file speaks of them: this crate links none of them, and is told here.

use std::{fmt, path::PathBuf, sync::Arc};

use tidegate_core::bounds::Bound;

use crate::vocabulary::Vocabulary;

/// Certificates in DER.
pub type Certificates = Vec<Arc<[u8]>>;

/// The parts' additions to the language of limits files. The program makes one.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// The bounds of each part that an operator sets in `[server]`.
    pub bounds: &'static [&'static [Bound]],
    /// The words that platforms bring.
    pub vocabulary: Vocabulary,
    /// The cookie in which a browser keeps a token for the callers' pages.
    pub pages_cookie: &'static str,
    /// Reads a PEM text to the certificates in it that vouch for servers, in DER; or says why it cannot be used.
    pub roots: fn(&[u8]) -> Result<Certificates, String>,
    /// Reads a JWK set to the number of keys that can be used; or says why it is none.
    pub usable_keys: fn(&[u8]) -> Result<usize, String>,
    /// Says why the gate's own certificate cannot be used, if it cannot.
    pub check_tls: fn(&TlsFiles) -> Result<(), UnusableTls>,
}

/// Where the gate's own certificate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its issuer.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why a certificate and its key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableTls {
    /// The file at fault.
    pub path: PathBuf,
    /// The reason, in words.
    pub why: String,
    /// Each file can be used, but not with the other.
    pub is_pair: bool,
}

impl Parts {
    /// The bounds of all parts.
    pub fn bounds(&self) -> impl Iterator<Item = &'static Bound> + use<> {
        self.bounds.iter().copied().flatten()
    }
}

impl fmt::Display for UnusableTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}
