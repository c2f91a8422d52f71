//! An issuer for tests: keys made on the spot, tokens of any shape, and a server for the keys.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk::Jwk};
use parking_lot::Mutex;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A private key with an id.
pub struct Signer {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
    jwk: Value,
}

impl Signer {
    pub fn es256(kid: &str) -> Signer {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        // An uncompressed point: a byte, then both coordinates (SEC 1 2.3.3).
        let (x, y) = pair.public_key_raw()[1..].split_at(32);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": coded(x), "y": coded(y), "kid": kid });
        let key = EncodingKey::from_ec_der(&pair.serialize_der());
        Signer::new(kid, Algorithm::ES256, key, jwk)
    }

    pub fn ed25519(kid: &str) -> Signer {
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": coded(pair.public_key_raw()), "kid": kid });
        Signer::new(
            kid,
            Algorithm::EdDSA,
            EncodingKey::from_ed_der(&pair.serialize_der()),
            jwk,
        )
    }

    pub fn rs256(kid: &str) -> Signer {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        // The library wants the key itself; in PKCS #8 it stands behind 26 bytes that say what it is.
        let key = EncodingKey::from_rsa_der(&pair.serialize_der()[26..]);
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
        jwk["kid"] = kid.into();
        Signer::new(kid, Algorithm::RS256, key, jwk)
    }

    pub fn hs256(kid: &str, secret: &[u8]) -> Signer {
        let jwk = json!({ "kty": "oct", "k": coded(secret), "kid": kid });
        Signer::new(kid, Algorithm::HS256, EncodingKey::from_secret(secret), jwk)
    }

    fn new(kid: &str, algorithm: Algorithm, key: EncodingKey, jwk: Value) -> Signer {
        Signer {
            kid: kid.to_owned(),
            algorithm,
            key,
            jwk,
        }
    }

    /// The public half, as it stands in a set.
    pub fn jwk(&self) -> Value {
        self.jwk.clone()
    }

    /// A token that says this.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_under(&self.head(), claims)
    }

    /// The head of its tokens.
    pub fn head(&self) -> Value {
        json!({ "alg": format!("{:?}", self.algorithm), "typ": "JWT", "kid": self.kid })
    }

    /// A token with a head of any kind, signed as this key signs.
    pub fn sign_under(&self, head: &Value, claims: &Value) -> String {
        let message = format!(
            "{}.{}",
            coded(head.to_string().as_bytes()),
            coded(claims.to_string().as_bytes())
        );
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

/// In base64url.
pub fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A set of the public halves of these.
pub fn set(signers: &[&Signer]) -> String {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

/// A server of keys that counts how often it is asked.
pub struct KeyServer {
    pub address: SocketAddr,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<String>>,
}

impl KeyServer {
    /// Answers with this set.
    pub async fn of(set: &str) -> KeyServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = KeyServer {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
            answer: Arc::default(),
        };
        server.serve(set);
        let (asked, answer) = (server.asked.clone(), server.answer.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (asked, answer) = (asked.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await?);
                    }
                    asked.fetch_add(1, Ordering::SeqCst);
                    let answer = answer.lock().clone();
                    stream.write_all(answer.as_bytes()).await?;
                    stream.shutdown().await
                });
            }
        });
        server
    }

    /// Answers with this set from now on.
    pub fn serve(&self, set: &str) {
        self.serve_with("200 OK", "", set);
    }

    /// Answers with this status, these fields (`name: value\r\n`) and this body from now on.
    pub fn serve_with(&self, status: &str, fields: &str, body: &str) {
        let length = body.len();
        *self.answer.lock() = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{fields}\r\n{body}");
    }

    /// Returns the number of times it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn url(&self) -> String {
        format!("http://{}/jwks.json", self.address)
    }
}
