//! The gate's own certificate and key, read again when their files change.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::RwLock;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

use super::TlsFault;

/// A certificate and its key, in force and as their files say now.
#[derive(Debug)]
pub struct OwnTls {
    cert: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
}

/// The texts of the two files.
#[derive(PartialEq, Eq)]
struct Texts {
    cert: Vec<u8>,
    key: Vec<u8>,
}

/// The time between two looks at the files.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Each file is read whole; a larger one is no certificate and no key.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Most certificates sent in one handshake.
const CHAIN_MAX: usize = 16;

impl OwnTls {
    /// Reads a certificate, with those that lead to its issuer behind it, and its private key, both PEM.
    ///
    /// # Errors
    /// The file that is at fault, and why.
    pub fn load(cert: &Path, key: &Path) -> Result<OwnTls, (PathBuf, TlsFault)> {
        let texts = Texts::read(cert, key)?;
        let config = texts.config().map_err(|fault| match fault {
            TlsFault::NoKey | TlsFault::Pair(_) => (key.to_owned(), fault),
            _ => (cert.to_owned(), fault),
        })?;
        Ok(OwnTls {
            cert: cert.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(config)),
        })
    }

    /// Returns what a handshake begins with now.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.read().clone())
    }

    /// Looks at the files for ever. A pair that can be used is in force for the next handshake; one that cannot is logged
    /// once, and the old one stays in force. Open connections keep the one they began with.
    pub async fn watch(self: Arc<Self>, every: Duration) {
        let mut tick = tokio::time::interval(every);
        let mut seen: Option<Result<Texts, (PathBuf, TlsFault)>> = None;
        loop {
            tick.tick().await;
            let own = self.clone();
            let looked = tokio::task::spawn_blocking(move || Texts::read(&own.cert, &own.key)).await;
            let Ok(texts) = looked else { continue };
            if seen.is_some() && seen.as_ref() != Some(&texts) {
                self.take(&texts);
            }
            seen = Some(texts);
        }
    }

    fn take(&self, texts: &Result<Texts, (PathBuf, TlsFault)>) {
        let config = match texts {
            Ok(texts) => texts.config(),
            Err((_, fault)) => Err(fault.clone()),
        };
        match config {
            Ok(config) => {
                *self.current.write() = Arc::new(config);
                tracing::info!(cert = %self.cert.display(), "the certificate changed and is in use");
            }
            Err(fault) => {
                tracing::error!(cert = %self.cert.display(), key = %self.key.display(), %fault,
                    "the certificate or its key changed and cannot be used; the old pair stays in use");
            }
        }
    }
}

impl Texts {
    fn read(cert: &Path, key: &Path) -> Result<Texts, (PathBuf, TlsFault)> {
        let read = |path: &Path| {
            let mut bytes = Vec::new();
            let opened = fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
            match opened {
                Ok(_) => Ok(bytes),
                Err(error) => Err((path.to_owned(), TlsFault::Unread(error.to_string()))),
            }
        };
        Ok(Texts {
            cert: read(cert)?,
            key: read(key)?,
        })
    }

    fn config(&self) -> Result<ServerConfig, TlsFault> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.cert).take(CHAIN_MAX).collect();
        let chain = chain.map_err(|error| TlsFault::Pem(error.to_string()))?;
        if chain.is_empty() {
            return Err(TlsFault::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| match error {
            pem::Error::NoItemsFound => TlsFault::NoKey,
            error => TlsFault::Pem(error.to_string()),
        })?;
        let unfit = |error: rustls::Error| TlsFault::Pair(error.to_string());
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A client that comes back resumes; nothing is kept here for it.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(unfit)?;
        Ok(config)
    }
}
