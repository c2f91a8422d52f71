//! Certificates as they stand in files: those that vouch for upstreams, and the gate's own.

mod own;

use std::sync::Arc;

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

pub use own::{LOOK_EVERY, OwnTls};

/// The reason why certificates or keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The text is not PEM, or broken.
    #[error("it is not PEM: {0}")]
    Pem(String),
    /// There is none in it.
    #[error("no certificate stands in it")]
    NoCertificate,
    /// One of them cannot be used.
    #[error("a certificate in it cannot be used: {0}")]
    Certificate(String),
    /// There is no private key in it.
    #[error("no private key stands in it")]
    NoKey,
    /// Certificate and key cannot be used together.
    #[error("certificate and key cannot be used together: {0}")]
    Pair(String),
    /// A file cannot be read.
    #[error("cannot be read: {0}")]
    Unread(String),
}

/// Most certificates of one file that are believed.
const ROOTS_MAX: usize = 1_000;

/// The certificates of a PEM text, in DER, each good to vouch for servers.
///
/// # Errors
/// Fails with the reason why one of them is not, or when there is none.
pub fn roots(pem: &[u8]) -> Result<Vec<Arc<[u8]>>, TlsFault> {
    let mut store = RootCertStore::empty();
    let mut roots = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem).take(ROOTS_MAX) {
        let certificate = certificate.map_err(|error| TlsFault::Pem(error.to_string()))?;
        store
            .add(certificate.clone())
            .map_err(|error| TlsFault::Certificate(error.to_string()))?;
        roots.push(certificate.as_ref().into());
    }
    if roots.is_empty() {
        return Err(TlsFault::NoCertificate);
    }
    Ok(roots)
}
