//! Reads an issuer's keys from where they are.

use std::{fs::File, io::Read, path::Path, sync::Arc, time::Duration};

use http::header::CACHE_CONTROL;
use rustls::crypto::aws_lc_rs;
use tidegate_core::identity::KeysAt;
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
};

/// Bytes of a set; a larger one is none.
const SET_BYTES_MAX: u64 = 256 * 1024;

/// The time in which a set must arrive whole. It is below the time a look-up may take, so that whoever waits hears why.
const FETCH_TIMEOUT: Duration = Duration::from_secs(4);

/// The result of a reading.
#[derive(Debug)]
pub struct Fetched {
    /// The text.
    pub bytes: Vec<u8>,
    /// The time that its server says it is good.
    pub max_age: Option<Duration>,
}

/// Reads a set. It may wait, so it runs on a thread of its own.
///
/// # Errors
/// Returns the reason of a failure, for the log.
pub async fn fetch(at: KeysAt, roots: Vec<Arc<[u8]>>) -> Result<Fetched, String> {
    let reading = tokio::task::spawn_blocking(move || match at {
        KeysAt::Path(path) => from_disk(&path),
        KeysAt::Url(url) => from_server(&url, &roots),
    });
    reading.await.map_err(|error| error.to_string())?
}

fn from_disk(path: &Path) -> Result<Fetched, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(SET_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > SET_BYTES_MAX {
        return Err(format!("it has more than {SET_BYTES_MAX} bytes"));
    }
    Ok(Fetched { bytes, max_age: None })
}

/// Takes one answer of 200 from that very address: a redirect would let it say where the keys are.
fn from_server(url: &http::Uri, roots: &[Arc<[u8]>]) -> Result<Fetched, String> {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(believed(roots))
        .build();
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(FETCH_TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .tls_config(tls)
        .build()
        .into();
    let asked = agent.get(url.clone()).header("accept", "application/json").call();
    let mut answer = asked.map_err(|error| error.to_string())?;
    if answer.status() != http::StatusCode::OK {
        return Err(format!("its server answered {}", answer.status()));
    }
    let max_age = answer
        .headers()
        .get(CACHE_CONTROL)
        .and_then(|value| max_age(value.to_str().ok()?));
    let body = answer.body_mut().with_config().limit(SET_BYTES_MAX);
    let bytes = body.read_to_vec().map_err(|error| error.to_string())?;
    Ok(Fetched { bytes, max_age })
}

/// `max-age` of RFC 9111 5.2.2.1; what may not be kept is kept for no time.
fn max_age(text: &str) -> Option<Duration> {
    let mut directives = text.split(',').map(str::trim);
    if directives.clone().any(|one| one == "no-store" || one == "no-cache") {
        return Some(Duration::ZERO);
    }
    directives.find_map(|one| {
        Some(Duration::from_secs(
            one.strip_prefix("max-age=")?.trim_matches('"').parse().ok()?,
        ))
    })
}

fn believed(roots: &[Arc<[u8]>]) -> RootCerts {
    let given = || roots.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let of_machine = || {
        let found = rustls_native_certs::load_native_certs().certs;
        found.iter().map(|der| Certificate::from_der(der).to_owned()).collect()
    };
    let certificates: Vec<Certificate<'static>> = if roots.is_empty() { of_machine() } else { given() };
    RootCerts::Specific(Arc::new(certificates))
}
