//! TLS to upstreams: whom a server is believed to be.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use tidegate_core::upstream::{Remote, Server};
use tokio_rustls::TlsConnector;

use crate::upstream_fault::UpstreamFault;

/// The TLS side of a server: whose word counts, and which name the server has to prove.
#[derive(Clone)]
pub(crate) struct Secure {
    pub(crate) connector: TlsConnector,
    pub(crate) name: ServerName<'static>,
}

/// The certificates that the machine trusts. They are read at their first use, for few gates need them.
#[derive(Default)]
pub(crate) struct MachineRoots(OnceLock<Arc<ClientConfig>>);

impl MachineRoots {
    /// Returns the TLS side of a server of this upstream; `None` where it is spoken to in plain.
    pub(crate) fn secure(&self, remote: &Remote, server: &Server) -> Result<Option<Secure>, UpstreamFault> {
        if !server.is_secure() {
            return Ok(None);
        }
        let host = remote.host_of(server).ok_or(UpstreamFault::Scheme)?.host();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|_| UpstreamFault::Scheme)?;
        let config = if remote.roots.is_empty() {
            self.0.get_or_init(|| Arc::new(config(machine_roots()))).clone()
        } else {
            Arc::new(config(given_roots(&remote.roots)))
        };
        let connector = TlsConnector::from(config);
        Ok(Some(Secure { connector, name }))
    }
}

/// No client certificate, HTTP/1.1 alone, TLS 1.2 and later.
fn config(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    // The provider has suites for both versions, which is all that can be wrong here.
    #[expect(clippy::expect_used, reason = "the provider's own defaults fit its own versions")]
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn machine_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map(ToString::to_string).unwrap_or_default();
        tracing::error!(
            why,
            "this machine has no root certificates: no https upstream can be trusted without a `ca`"
        );
    }
    roots
}

fn given_roots(given: &[Arc<[u8]>]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(given.iter().map(|der| CertificateDer::from(der.to_vec())));
    roots
}
