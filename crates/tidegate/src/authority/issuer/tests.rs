mod scope;

use std::time::Duration;

use serde_json::{Value, json};
use tidegate_accounts::{DEVICE, STATION};
use tidegate_core::identity::{Algorithm, ClaimNames, Grants, JwtType, KeysAt};

use super::*;
use crate::authority::testing::{KeyServer, Signer, coded, set};

/// 2026-11-22T12:00:00Z.
const START_S: i64 = 1_795_348_800;
const ISSUER: &str = "https://issuer.example";

fn after(span: Duration) -> Now {
    Now {
        mono_ns: u64::try_from(span.as_nanos()).unwrap(),
        wall_ms: START_S * 1_000 + i64::try_from(span.as_millis()).unwrap(),
    }
}

fn start() -> Now {
    after(Duration::ZERO)
}

fn seconds(seconds: u64) -> Now {
    after(Duration::from_secs(seconds))
}

fn rules(keys: KeysAt) -> JwtRules {
    JwtRules {
        keys,
        roots: vec![],
        issuer: ISSUER.into(),
        audience: vec!["https://api.example".into(), "api".into()],
        algorithms: Algorithm::ALL.into_iter().filter(|one| !one.is_symmetric()).collect(),
        types: vec![JwtType::Jwt, JwtType::AccessToken, JwtType::Absent],
        scopes: vec![],
        leeway_ms: 30_000,
        names: ClaimNames {
            user: "sub".into(),
            tenant: "realm.org".into(),
            plan: "plan".into(),
            grants: "stations".into(),
        },
        naming: Naming::Apart("jwt:".into()),
    }
}

fn issuer_at(server: &KeyServer) -> Issuer {
    Issuer::new(Arc::new(rules(KeysAt::Url(server.url().parse().unwrap()))), &[7; 32])
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "api", "sub": "ann", "exp": START_S + 3_600 })
}

/// With members replaced; null takes one away.
fn with(of: Value, changes: Value) -> Value {
    let mut of = of;
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(of.as_object_mut().unwrap().remove(name)),
            value => of[name] = value.clone(),
        }
    }
    of
}

async fn who(issuer: &Issuer, token: &str, now: Now) -> Result<Arc<Token>, Invalid> {
    match issuer.lookup(token, now).await.unwrap()? {
        Vouched::Apart(token) => Ok(token),
        Vouched::Own(_) => panic!("the names are kept apart"),
    }
}

/// A name for the case, the token, and why it is refused, if it is.
type Case = (&'static str, String, Option<Invalid>);

const REFUSED: Option<Invalid> = Some(Invalid::Unverified);

/// Each case is what it is said to be, also when it comes again, and brings about no reading of the keys.
async fn check(keys: &[&Signer], cases: Vec<Case>) {
    let server = KeyServer::of(&set(keys)).await;
    let issuer = issuer_at(&server);
    for (name, token, expected) in cases {
        let found = who(&issuer, &token, start()).await;
        assert_eq!(found.as_ref().err(), expected.as_ref(), "{name}: {found:?}");
        assert_eq!(who(&issuer, &token, start()).await, found, "{name} again");
        let named = found.map(|token| token.user.to_string()).ok();
        assert!(named.is_none_or(|named| named == "jwt:ann"), "{name}");
    }
    assert!(server.asked() <= 1);
}

// fault 68
#[tokio::test]
async fn a_head_chooses_neither_how_nor_by_what_it_is_checked() {
    let (key, other, attacker) = (Signer::es256("k1"), Signer::ed25519("k2"), Signer::es256("k1"));
    let head = |changes| key.sign_under(&with(key.head(), changes), &claims());
    let forged = |changes| attacker.sign_under(&with(attacker.head(), changes), &claims());
    // The public half as a shared secret.
    let confused = Signer::hs256("k1", key.jwk()["x"].as_str().unwrap().as_bytes());
    let unsigned = |alg: &str| {
        let head = json!({ "alg": alg, "typ": "JWT", "kid": "k1" }).to_string();
        let body = claims().to_string();
        format!("{}.{}.", coded(head.as_bytes()), coded(body.as_bytes()))
    };
    let address = json!({ "jku": "http://127.0.0.1:1/jwks.json", "x5u": "http://127.0.0.1:1/chain.pem" });
    let cases = vec![
        ("good", key.sign(&claims()), None),
        ("another key of the set", other.sign(&claims()), None),
        ("alg none", unsigned("none"), REFUSED),
        ("alg None", unsigned("None"), REFUSED),
        ("alg ES256 unsigned", unsigned("ES256"), REFUSED),
        ("public key as a secret", confused.sign(&claims()), REFUSED),
        ("alg of another kind", head(json!({ "alg": "EdDSA" })), REFUSED),
        ("alg of another size", head(json!({ "alg": "ES384" })), REFUSED),
        ("another key with that id", attacker.sign(&claims()), REFUSED),
        (
            "a key it brings along",
            forged(json!({ "jwk": attacker.jwk() })),
            REFUSED,
        ),
        ("addresses it brings along", forged(address), REFUSED),
        ("kid a path", head(json!({ "kid": "../../../../dev/null" })), REFUSED),
        ("kid an address", head(json!({ "kid": "http://127.0.0.1:1/" })), REFUSED),
        ("kid a statement", head(json!({ "kid": "k1' OR '1'='1" })), REFUSED),
        ("kid of a key for something else", head(json!({ "kid": "k2" })), REFUSED),
        ("no kid, one key of that kind", head(json!({ "kid": null })), None),
        (
            "something must be understood",
            head(json!({ "crit": ["exp"] })),
            REFUSED,
        ),
        (
            "typ of an access token",
            head(json!({ "typ": "application/at+JWT" })),
            None,
        ),
        ("typ of something else", head(json!({ "typ": "dpop+jwt" })), REFUSED),
        ("no typ", head(json!({ "typ": null })), None),
    ];
    check(&[&key, &other], cases).await;
}

// fault 68
#[tokio::test]
async fn claims_of_the_wrong_type_time_issuer_or_audience_are_refused() {
    let key = Signer::es256("k1");
    let body = |changes| key.sign(&with(claims(), changes));
    let over = Some(Invalid::Expired);
    let cases = vec![
        (
            "exp in a text",
            body(json!({ "exp": (START_S + 3_600).to_string() })),
            REFUSED,
        ),
        ("exp in a list", body(json!({ "exp": [START_S + 3_600] })), REFUSED),
        ("no exp", body(json!({ "exp": null })), REFUSED),
        (
            "exp with a fraction",
            body(json!({ "exp": START_S as f64 + 0.5 })),
            None,
        ),
        ("exp past the leeway", body(json!({ "exp": START_S - 30 })), over),
        ("exp within the leeway", body(json!({ "exp": START_S - 29 })), None),
        ("exp before 1970", body(json!({ "exp": -1 })), over),
        ("nbf past the leeway", body(json!({ "nbf": START_S + 31 })), REFUSED),
        ("nbf within the leeway", body(json!({ "nbf": START_S + 30 })), None),
        ("nbf in a text", body(json!({ "nbf": "0" })), REFUSED),
        (
            "another issuer",
            body(json!({ "iss": "https://issuer.example/" })),
            REFUSED,
        ),
        ("a list of issuers", body(json!({ "iss": [ISSUER] })), REFUSED),
        ("no issuer", body(json!({ "iss": null })), REFUSED),
        ("for somebody else", body(json!({ "aud": "another" })), REFUSED),
        (
            "for several",
            body(json!({ "aud": ["another", "https://api.example"] })),
            None,
        ),
        ("for several others", body(json!({ "aud": ["another", "ap"] })), REFUSED),
        ("for a number", body(json!({ "aud": 7 })), REFUSED),
        ("for nobody", body(json!({ "aud": null })), REFUSED),
        ("no user", body(json!({ "sub": null })), REFUSED),
        ("an empty user", body(json!({ "sub": "" })), REFUSED),
        ("a user of two lines", body(json!({ "sub": "ann\nbob" })), REFUSED),
        ("a user too long", body(json!({ "sub": "x".repeat(161) })), REFUSED),
        (
            "a user that is an object",
            body(json!({ "sub": { "name": "ann" } })),
            REFUSED,
        ),
        (
            "stations that are none",
            body(json!({ "stations": ["garden"] })),
            REFUSED,
        ),
    ];
    check(&[&key], cases).await;
}

// fault 68
#[tokio::test]
async fn what_has_the_form_of_a_token_is_refused_here_and_what_has_not_goes_on() {
    let key = Signer::es256("k1");
    let good = key.sign(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let head = good.split('.').next().unwrap();
    let of_bob = coded(with(claims(), json!({ "sub": "bob" })).to_string().as_bytes());
    let padded = |length: usize| key.sign(&with(claims(), json!({ "more": "x".repeat(length) })));
    let goes_on = Some(Invalid::Malformed);
    let cases = vec![
        (
            "other words under a signature",
            format!("{head}.{of_bob}.{signature}"),
            REFUSED,
        ),
        ("half a signature", format!("{signed}.{}", &signature[..40]), REFUSED),
        ("no signature", format!("{signed}."), REFUSED),
        ("within the bound", padded(5_000), None),
        ("past the bound", padded(8_192), REFUSED),
        ("our own token's form", "tg_pat_something".to_owned(), goes_on),
        ("two parts", signed.to_owned(), goes_on),
        ("five parts", format!("{good}.a.b"), goes_on),
        ("another alphabet", good.replace('.', ".+"), goes_on),
    ];
    check(&[&key], cases).await;
}

#[tokio::test]
async fn claims_name_user_tenant_plan_and_stations() {
    let key = Signer::rs256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let issuer = issuer_at(&server);
    let says = json!({ "realm": { "org": "acme" }, "plan": "gold", "stations": [1, "station:2", "device:7"] });
    let token = who(&issuer, &key.sign(&with(claims(), says)), start()).await.unwrap();
    assert_eq!(
        (&*token.user, &*token.subject, &*token.tenant),
        ("jwt:ann", "jwt:ann", "jwt:acme")
    );
    assert_eq!(
        (token.plan.as_deref(), token.expires_ms),
        (Some("gold"), Some((START_S + 3_630) * 1_000))
    );
    let granted = [STATION.of(1), STATION.of(2), DEVICE.of(7)];
    assert_eq!(token.grants, Grants::Only(granted.into()));

    let alone = who(&issuer, &key.sign(&claims()), start()).await.unwrap();
    assert_eq!(
        (&*alone.tenant, &alone.grants),
        ("jwt:alone:ann", &Grants::Only([].into()))
    );
    let dotted = with(
        claims(),
        json!({ "realm.org": "the whole name first", "stations": "all" }),
    );
    let all = who(&issuer, &key.sign(&dotted), start()).await.unwrap();
    assert_eq!((&*all.tenant, &all.grants), ("jwt:the whole name first", &Grants::All));
}

#[tokio::test]
async fn a_remembered_token_ends_at_its_very_millisecond() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let issuer = issuer_at(&server);
    let token = key.sign(&with(claims(), json!({ "exp": START_S + 60 })));
    let just = Duration::from_millis(1);
    let end = Duration::from_secs(90);
    assert!(who(&issuer, &token, after(end - just)).await.is_ok());
    assert_eq!(who(&issuer, &token, after(end)).await, Err(Invalid::Expired));
    assert!(
        who(&issuer, &token, start()).await.is_ok(),
        "a clock set back is believed"
    );
}

// fault 68: no reading per request, and a reading that callers bring about has a floor.
#[tokio::test]
async fn made_up_key_ids_bring_about_one_reading_in_thirty_seconds() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let issuer = issuer_at(&server);
    for (at_s, readings) in [(0, 1), (29, 1), (30, 2), (59, 2), (60, 3)] {
        for n in 0..20 {
            let made_up = key.sign_under(&with(key.head(), json!({ "kid": format!("{at_s}-{n}") })), &claims());
            assert_eq!(who(&issuer, &made_up, seconds(at_s)).await, Err(Invalid::Unverified));
        }
        assert_eq!(server.asked(), readings, "after {at_s} s");
    }
}

#[tokio::test]
async fn a_new_key_is_found_by_its_id_and_one_that_was_taken_out_verifies_nothing_more() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let server = KeyServer::of(&set(&[&old])).await;
    let issuer = issuer_at(&server);
    let token = old.sign(&claims());
    assert!(who(&issuer, &token, start()).await.is_ok());
    server.serve(&set(&[&new]));
    assert!(who(&issuer, &token, seconds(30)).await.is_ok(), "the set is fresh");
    assert!(who(&issuer, &new.sign(&claims()), seconds(30)).await.is_ok());
    assert_eq!(
        who(&issuer, &token, seconds(30)).await,
        Err(Invalid::Unverified),
        "remembered, by a key that is gone"
    );
}

#[tokio::test]
async fn a_shared_secret_counts_from_a_file_where_it_is_written_and_never_from_a_server() {
    let secret = Signer::hs256("s", &[9; 32]);
    let short = Signer::hs256("short", &[9; 31]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set(&[&secret, &short])).unwrap();
    let server = KeyServer::of(&set(&[&secret])).await;
    let of = |keys, algorithms| {
        let rules = JwtRules {
            algorithms,
            ..rules(keys)
        };
        Issuer::new(Arc::new(rules), &[7; 32])
    };
    let hs256 = || vec![Algorithm::Hs256];
    let on_disk = of(KeysAt::Path(path.clone()), hs256());
    assert!(who(&on_disk, &secret.sign(&claims()), start()).await.is_ok());
    assert_eq!(
        who(&on_disk, &short.sign(&claims()), start()).await,
        Err(Invalid::Unverified)
    );
    // Where both kinds count, the public half of the one is no secret of the other.
    let key = Signer::es256("k1");
    let both = folder.path().join("both.json");
    std::fs::write(&both, set(&[&key, &secret])).unwrap();
    let both = of(KeysAt::Path(both), vec![Algorithm::Es256, Algorithm::Hs256]);
    assert!(who(&both, &key.sign(&claims()), start()).await.is_ok());
    let confused = Signer::hs256("k1", key.jwk()["x"].as_str().unwrap().as_bytes());
    assert_eq!(
        who(&both, &confused.sign(&claims()), start()).await,
        Err(Invalid::Unverified)
    );
    let unwritten = of(KeysAt::Path(path), rules(KeysAt::Path("".into())).algorithms);
    assert_eq!(
        who(&unwritten, &secret.sign(&claims()), start()).await,
        Err(Invalid::Unverified)
    );
    let at_server = of(KeysAt::Url(server.url().parse().unwrap()), hs256());
    assert_eq!(
        who(&at_server, &secret.sign(&claims()), start()).await,
        Err(Invalid::Unverified)
    );
}

#[tokio::test]
async fn as_many_tokens_are_remembered_as_the_bound_says() {
    let key = Signer::ed25519("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let issuer = issuer_at(&server);
    let token = key.sign(&claims());
    assert!(who(&issuer, &token, start()).await.is_ok());
    let kept = issuer
        .verified
        .lock()
        .iter()
        .next()
        .map(|(_, kept)| kept.clone())
        .unwrap();
    for n in 0..VERIFIED_MAX.get() {
        let mut name = [0; 32];
        name[..8].copy_from_slice(&n.to_le_bytes());
        issuer.verified.lock().put(name, kept.clone());
    }
    assert_eq!(issuer.verified.lock().len(), VERIFIED_MAX.get());
    assert!(
        who(&issuer, &token, start()).await.is_ok(),
        "one that was forgotten is verified again"
    );
    assert_eq!(issuer.verified.lock().len(), VERIFIED_MAX.get());
}
