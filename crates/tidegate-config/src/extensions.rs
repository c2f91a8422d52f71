//! The program's extensions of limits files: bounds of its parts, and readers of the files that a limits file names. This
//! crate links none of those parts.

use std::{fmt, path::PathBuf, sync::Arc};

use tidegate_core::bounds::Bound;

use crate::vocabulary::Vocabulary;

/// Certificates in DER.
pub type Certificates = Vec<Arc<[u8]>>;

/// The program's additions to the language of limits files.
#[derive(Clone, Copy, Debug)]
pub struct ConfigExtensions {
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

/// The files of the gate's own certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its issuer.
    pub cert: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
}

/// The reason why a certificate and its key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableTls {
    /// The file at fault.
    pub path: PathBuf,
    /// The reason, in words.
    pub why: String,
    /// Each file can be used, but not with the other.
    pub is_pair: bool,
}

impl ConfigExtensions {
    /// No program around the page: no bounds to set, and no certificate or key that can be used. Enough to read a page
    /// whose callers are told apart by their addresses.
    pub const NONE: ConfigExtensions = ConfigExtensions {
        bounds: &[],
        vocabulary: Vocabulary {
            platforms: &[],
            kinds: &[],
        },
        pages_cookie: "tidegate_token",
        roots: |_| Err("certificates are not read here".to_owned()),
        usable_keys: |_| Err("keys are not read here".to_owned()),
        check_tls: |files| {
            Err(UnusableTls {
                path: files.cert.clone(),
                why: "certificates are not read here".to_owned(),
                is_pair: false,
            })
        },
    };

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
