//! Scopes of tokens.

use super::*;

/// An issuer whose tokens have to be for both.
async fn asking_two(key: &Signer) -> (KeyServer, Issuer) {
    let server = KeyServer::of(&set(&[key])).await;
    let asked = JwtRules {
        scopes: vec!["read".into(), "write".into()],
        ..rules(KeysAt::Url(server.url().parse().unwrap()))
    };
    let issuer = Issuer::new(Arc::new(asked), &[7; 32]);
    (server, issuer)
}

#[tokio::test]
async fn a_token_is_good_for_what_its_scope_names_and_each_asked_one_is_needed() {
    let key = Signer::es256("k1");
    let (_server, issuer) = asking_two(&key).await;
    let cases = [
        (json!({ "scope": "write offline read" }), true),
        (json!({ "scp": "read write" }), true),
        (json!({ "scp": ["read", "write"] }), true),
        (json!({}), false),
        (json!({ "scope": "read" }), false),
        (json!({ "scope": "READ WRITE" }), false),
        (json!({ "scope": "reading writes read-write" }), false),
        (json!({ "scope": ["read write"] }), false),
        (json!({ "scope": 7 }), false),
        (json!({ "scope": "read", "scp": "read write" }), false),
    ];
    for (says, is_good) in cases {
        let token = key.sign(&with(claims(), says.clone()));
        for _ in 0..2 {
            let found = who(&issuer, &token, start()).await;
            let expected = if is_good {
                None
            } else {
                Some(Invalid::InsufficientScope)
            };
            assert_eq!(found.err(), expected, "{says}");
        }
    }
}

#[tokio::test]
async fn what_else_is_wrong_with_a_token_is_said_before_its_scope() {
    let (key, forger) = (Signer::es256("k1"), Signer::es256("k1"));
    let (_server, issuer) = asking_two(&key).await;
    let forged = forger.sign(&claims());
    assert_eq!(who(&issuer, &forged, start()).await, Err(Invalid::Unverified));
    let over = key.sign(&with(claims(), json!({ "exp": START_S - 30 })));
    assert_eq!(who(&issuer, &over, start()).await, Err(Invalid::Expired));
}
