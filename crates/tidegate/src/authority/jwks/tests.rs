use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tidegate_core::identity::{Algorithm, ClaimNames, Naming};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::{key_set::Choice, *};
use crate::authority::testing::{KeyServer, Signer, set};

fn at(seconds: u64) -> Now {
    Now {
        mono_ns: seconds * 1_000_000_000,
        wall_ms: 0,
    }
}

fn keys(at: KeysAt) -> Arc<IssuerKeys> {
    believing(at, vec![])
}

fn believing(at: KeysAt, roots: Vec<Arc<[u8]>>) -> Arc<IssuerKeys> {
    let name: Arc<str> = "x".into();
    Arc::new(IssuerKeys::new(Arc::new(JwtRules {
        keys: at,
        roots,
        issuer: "https://issuer.example".into(),
        audience: vec![],
        algorithms: vec![],
        types: vec![],
        scopes: vec![],
        leeway_ms: 0,
        names: ClaimNames {
            user: name.clone(),
            tenant: name.clone(),
            plan: name.clone(),
            grants: name,
        },
        naming: Naming::Own,
    })))
}

fn of(server: &KeyServer) -> Arc<IssuerKeys> {
    keys(KeysAt::Url(server.url().parse().unwrap()))
}

/// Waits until a reading behind a caller's back is done.
async fn settled(keys: &IssuerKeys) {
    drop(keys.turn.lock().await);
}

fn has(keys: &KeySet, kid: &str) -> bool {
    matches!(keys.choose(Some(kid), Algorithm::Es256), Choice::Key(_))
}

// fault 68
#[tokio::test(flavor = "multi_thread")]
async fn many_who_come_at_once_share_one_reading() {
    let server = KeyServer::of(&set(&[&Signer::es256("k1")])).await;
    let keys = of(&server);
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let keys = keys.clone();
            tokio::spawn(async move { keys.current(at(0)).await.is_ok() })
        })
        .collect();
    for asked in asking {
        assert!(asked.await.unwrap());
    }
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_caller_who_leaves_takes_no_reading_along() {
    let server = KeyServer::of(&set(&[&Signer::es256("k1")])).await;
    let keys = of(&server);
    let left = tokio::time::timeout(Duration::ZERO, keys.current(at(0))).await;
    assert!(left.is_err(), "the server had answered already");
    settled(&keys).await;
    assert!(has(&keys.current(at(0)).await.unwrap(), "k1"));
    assert_eq!(server.asked(), 1);
}

// fault 68: a stale set, and an issuer that is down.
#[tokio::test]
async fn the_last_good_set_is_used_for_a_day_while_the_issuer_is_down_and_then_none() {
    let server = KeyServer::of(&set(&[&Signer::es256("k1")])).await;
    let keys = of(&server);
    keys.current(at(0)).await.unwrap();
    server.serve_with("503 Service Unavailable", "", "");
    for (at_s, asked) in [(599, 1), (600, 2), (629, 2), (630, 3)] {
        assert!(has(&keys.current(at(at_s)).await.unwrap(), "k1"));
        tokio::task::yield_now().await;
        settled(&keys).await;
        assert_eq!(server.asked(), asked, "after {at_s} s");
    }
    let day_s = STALE_MAX.as_secs();
    assert!(has(&keys.current(at(day_s - 1)).await.unwrap(), "k1"));
    tokio::task::yield_now().await;
    settled(&keys).await;
    let none = keys.current(at(day_s + 4)).await.unwrap_err();
    assert!(none.to_string().contains("503"), "{none}");
    server.serve(&set(&[&Signer::es256("k2")]));
    assert!(
        has(&keys.current(at(day_s + 9)).await.unwrap(), "k2"),
        "tried again after five seconds"
    );
}

#[tokio::test]
async fn a_server_says_for_how_long_its_keys_are_fresh_within_bounds() {
    let set = set(&[&Signer::es256("k1")]);
    for (says, fresh_s) in [
        ("max-age=1", 60),
        ("public, max-age=3600", 3_600),
        ("no-store", 60),
        ("max-age=999999", 43_200),
    ] {
        let server = KeyServer::of(&set).await;
        server.serve_with("200 OK", &format!("cache-control: {says}\r\n"), &set);
        let keys = of(&server);
        for (at_s, asked) in [(0, 1), (fresh_s - 1, 1), (fresh_s, 2)] {
            keys.current(at(at_s)).await.unwrap();
            tokio::task::yield_now().await;
            settled(&keys).await;
            assert_eq!(server.asked(), asked, "{says} after {at_s} s");
        }
    }
}

// fault 68: whoever can make a server redirect cannot say where the keys are.
#[tokio::test]
async fn what_is_no_set_leaves_the_last_one_in_force() {
    let good = set(&[&Signer::es256("k1")]);
    let elsewhere = KeyServer::of(&set(&[&Signer::es256("k1")])).await;
    let redirect = format!("location: {}\r\n", elsewhere.url());
    let large = format!("{}{good}", " ".repeat(256 * 1024));
    for (status, fields, body) in [
        ("302 Found", redirect.as_str(), ""),
        ("200 OK", "", "<html>"),
        ("200 OK", "", "{\"keys\": 7}"),
        ("200 OK", "", large.as_str()),
    ] {
        let server = KeyServer::of(&good).await;
        let keys = of(&server);
        let first = keys.current(at(0)).await.unwrap();
        server.serve_with(status, fields, body);
        let after = keys.newer(at(30)).await.unwrap();
        assert_eq!(server.asked(), 2);
        assert!(Arc::ptr_eq(&first, &after), "{status} {}", &body[..body.len().min(20)]);
    }
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn a_set_that_says_the_same_stays_the_same_one_and_a_key_that_cannot_be_read_costs_no_other() {
    let good = Signer::es256("k1").jwk();
    let text =
        serde_json::json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": 7 }, { "kty": "new" }, good] }).to_string();
    let server = KeyServer::of(&text).await;
    let keys = of(&server);
    let first = keys.current(at(0)).await.unwrap();
    assert!(first.len() == 1 && has(&first, "k1"));
    assert!(Arc::ptr_eq(&first, &keys.newer(at(30)).await.unwrap()));
    assert_eq!(server.asked(), 2);
}

#[test]
fn a_key_for_encryption_or_for_another_algorithm_checks_no_signature() {
    let key = Signer::es256("k1").jwk();
    for (member, value, counts) in [
        ("use", serde_json::json!("sig"), true),
        ("use", serde_json::json!("enc"), false),
        ("alg", serde_json::json!("ES256"), true),
        ("alg", serde_json::json!("ES384"), false),
        ("key_ops", serde_json::json!(["verify"]), true),
        ("key_ops", serde_json::json!(["sign"]), false),
    ] {
        let mut key = key.clone();
        key[member] = value.clone();
        let text = serde_json::json!({ "keys": [key] }).to_string();
        let set = KeySet::read(text.as_bytes(), false).unwrap();
        assert_eq!(has(&set, "k1"), counts, "{member} {value}");
    }
}

/// A server of keys over TLS, and its certificate in DER.
async fn secure(set: String) -> (String, Arc<[u8]>) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/jwks.json", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not believe the certificate ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut head = [0; 4_096];
            let _ = stream.read(&mut head).await;
            let length = set.len();
            let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{set}");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, made.cert.der().to_vec().into())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_come_over_tls_from_a_server_that_is_vouched_for_and_from_no_other() {
    let (url, certificate) = secure(set(&[&Signer::es256("k1")])).await;
    let (_, another) = secure(String::new()).await;
    let of = |roots| believing(KeysAt::Url(url.parse().unwrap()), roots);
    assert!(has(&of(vec![certificate]).current(at(0)).await.unwrap(), "k1"));
    for roots in [vec![another], vec![]] {
        let none = of(roots).current(at(0)).await.unwrap_err();
        assert!(none.to_string().contains("certificate"), "{none}");
    }
}

#[tokio::test]
async fn a_changed_file_is_read_again_after_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set(&[&Signer::es256("k1")])).unwrap();
    let keys = keys(KeysAt::Path(path.clone()));
    assert!(has(&keys.current(at(0)).await.unwrap(), "k1"));
    std::fs::write(&path, set(&[&Signer::es256("k2")])).unwrap();
    keys.current(at(1)).await.unwrap();
    tokio::task::yield_now().await;
    settled(&keys).await;
    assert!(has(&keys.current(at(1)).await.unwrap(), "k2"));
}
