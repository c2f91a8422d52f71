//! The program over TLS: what it prints, what it refuses to start with, and sockets through it.

use std::{ops::Deref, path::Path, process::Command, sync::Arc};

use futures_util::StreamExt;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::gate::Gate;

/// A running server with a certificate for `localhost`.
pub struct SecureGate {
    gate: Gate,
    /// The file of the issuer's certificate.
    pub issuer_file: String,
    _files: tempfile::TempDir,
}

/// Writes an issuer's certificate, and a certificate of theirs for `localhost` with its key.
pub fn write_certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Other clients than ours tell issuers by their names.
    params
        .distinguished_name
        .push(DnType::CommonName, "a test's own issuer");
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let cert = params.signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("issuer.pem"), issuer.pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

impl SecureGate {
    /// The default policy.
    pub async fn start() -> SecureGate {
        let files = tempfile::tempdir().unwrap();
        write_certificates(files.path());
        let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
        let text = format!(
            "include = [\"preset:default\"]\nunmatched = \"anonymous-per-ip\"\n[tls]\ncert = \"{}\"\nkey = \"{}\"\n",
            path("cert.pem"),
            path("key.pem")
        );
        SecureGate {
            gate: Gate::of_text(&text).await,
            issuer_file: path("issuer.pem"),
            _files: files,
        }
    }

    /// A TLS stream to it.
    async fn connect(&self) -> tokio_rustls::client::TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(&self.issuer_file).unwrap())
            .unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address()).await.unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector
            .connect("localhost".try_into().unwrap(), stream)
            .await
            .unwrap()
    }
}

impl Deref for SecureGate {
    type Target = Gate;

    fn deref(&self) -> &Gate {
        &self.gate
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_over_tls_is_one_of_the_users_sockets() {
    let gate = SecureGate::start().await;
    let ann = gate.user("ann");
    let url = format!("wss://localhost/swd/data?token={ann}");
    let (mut socket, _) = tokio_tungstenite::client_async(url, gate.connect().await)
        .await
        .unwrap();
    let opened = socket.next().await.unwrap().unwrap();
    assert!(opened.to_text().unwrap().contains("connection_opened"), "{opened}");
    let open = gate.run_json(&["sockets", "--user", "ann"]);
    assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
}

#[test]
fn a_pair_that_cannot_be_used_ends_the_start_with_2_and_says_which_file() {
    let folder = tempfile::tempdir().unwrap();
    write_certificates(folder.path());
    let data = folder.path().join("data");
    let start = |cert: &str, key: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
            .args([
                "--data",
                data.to_str().unwrap(),
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
            ])
            .arg("--tls-cert")
            .arg(folder.path().join(cert))
            .arg("--tls-key")
            .arg(folder.path().join(key))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (cert, key, said) in [
        ("nowhere.pem", "key.pem", "nowhere.pem: cannot be read"),
        ("key.pem", "key.pem", "key.pem: no certificate stands in it"),
        ("cert.pem", "cert.pem", "cert.pem: no private key stands in it"),
        (
            "issuer.pem",
            "key.pem",
            "key.pem: certificate and key cannot be used together",
        ),
    ] {
        let (code, stderr) = start(cert, key);
        assert!(
            code == Some(2) && stderr.contains(said),
            "{cert} {key}: {code:?} {stderr}"
        );
    }
}
