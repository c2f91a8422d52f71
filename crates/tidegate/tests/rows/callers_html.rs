//! docs/platforms/tempest.md T10 for people: the limits page and one's own page in a browser, and what is one's own to
//! change.

use http::{Method, StatusCode};
use serde_json::Value;

use crate::gate::{Answer, Ask, Gate};

const STATIONS: &str = "/swd/rest/stations";

async fn seen(gate: &Gate, path: &str, token: Option<&str>) -> Answer {
    let ask = Ask::get(path).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let ask = match token {
        Some(token) => ask.header("cookie", &format!("tidegate_token={token}")),
        None => ask,
    };
    gate.send(ask).await
}

/// A form as a browser sends it.
async fn sent(gate: &Gate, path: &str, token: &str, form: &str) -> Answer {
    let origin = format!("http://{}", gate.address());
    let ask = Ask::new(Method::POST, path)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", &origin)
        .header("sec-fetch-site", "same-origin")
        .header("cookie", &format!("tidegate_token={token}"));
    gate.send(ask.text(form)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_a_page_and_programs_json_of_the_same_limits() {
    let gate = Gate::start().await;
    let page = seen(&gate, "/limits", None).await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    for row in gate.send(Ask::get("/limits")).await.json().as_array().unwrap() {
        let name = row["limit"].as_str().unwrap();
        assert!(page.text().contains(&format!("<h3>{name}</h3>")), "{name}");
    }
    assert!(page.text().contains("in any 2 minutes"), "{}", page.text());
    assert!(
        page.text().contains("Without a rate limit"),
        "what is exempt says so (docs/platforms/grovestreams.md G3)"
    );
    assert_eq!(page.headers["vary"], "accept");
}

// fault 71
#[tokio::test(flavor = "multi_thread")]
async fn pages_run_no_script_but_our_own_and_stand_in_no_frame() {
    let gate = Gate::start().await;
    let page = seen(&gate, "/limits/me", None).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
        "{policy}"
    );
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(!page.text().contains("style=") && !page.text().contains("<script>"));
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    for asset in ["page.css", "live.js"] {
        let asset = gate.send(Ask::get(&format!("/limits/assets/{asset}"))).await;
        assert_eq!(asset.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_keeps_a_token_for_these_pages_alone() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let kept = sent(&gate, "/limits/me/session", "", &format!("token={ann}")).await;
    assert_eq!(
        (kept.status, &kept.headers["location"]),
        (StatusCode::SEE_OTHER, &"/limits/me".parse().unwrap())
    );
    let cookie = kept.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with(&format!("tidegate_token={ann}; Path=/limits;")),
        "{cookie}"
    );
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(
        seen(&gate, "/limits/me", Some(&ann))
            .await
            .text()
            .contains("<bdi>ann</bdi>")
    );
    let api = gate
        .send(Ask::get(STATIONS).header("cookie", &format!("tidegate_token={ann}")))
        .await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED, "the API does not read it");
    let gone = sent(&gate, "/limits/me/session/end", &ann, "").await;
    assert!(
        gone.headers["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("tidegate_token=; Path=/limits; Max-Age=0")
    );
    let bad = seen(&gate, "/limits/me", Some("tg_pat_nonsense")).await;
    assert_eq!(bad.status, StatusCode::UNAUTHORIZED);
    assert!(
        bad.text().contains("not in the form of a token") && bad.text().contains("<form"),
        "and may try again"
    );
    assert!(bad.text().contains("name=\"token\""), "{}", bad.text());
    let injected = sent(&gate, "/limits/me/session", "", "token=a%3B+Domain%3Devil%0d%0aX: y").await;
    assert_eq!(injected.status, StatusCode::BAD_REQUEST);
}

// fault 71
#[tokio::test(flavor = "multi_thread")]
async fn another_sites_form_changes_nothing() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let before = gate.get("/limits/me/tokens", &ann).await.json();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
    ] {
        let ask = Ask::new(Method::POST, "/limits/me/tokens").header(name, value);
        let ask = ask.header("cookie", &format!("tidegate_token={ann}"));
        assert_eq!(gate.send(ask).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(gate.get("/limits/me/tokens", &ann).await.json(), before);
    let login = Ask::new(Method::POST, "/limits/me/session").header("origin", "https://evil.example");
    let login = gate.send(
        login
            .header("content-type", "application/x-www-form-urlencoded")
            .text("token=theirs"),
    );
    assert_eq!(
        login.await.status,
        StatusCode::FORBIDDEN,
        "nor does it make the browser keep a token of theirs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_makes_names_and_revokes_own_tokens() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let made = sent(
        &gate,
        "/limits/me/tokens",
        &ann,
        "name=%3Cscript%3Ealert(1)%3C%2Fscript%3E&expires_days=30",
    )
    .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let text = made.text();
    let token = text.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    assert_eq!(gate.get(STATIONS, token).await.status, StatusCode::OK);

    let page = seen(&gate, "/limits/me", Some(&ann)).await.text();
    assert!(!page.contains("<script>alert"), "a name is text");
    assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
    assert!(!page.contains(token), "the token is shown once");

    let listed = gate.get("/limits/me/tokens", token).await.json();
    let row = listed.as_array().unwrap().iter().find(|row| row["name"] != "").unwrap();
    assert_eq!(row["expires"], "2026-12-22T12:00:00.000Z");
    let id = row["id"].as_str().unwrap();
    let revoke = |by: String| {
        let ask = Ask::new(Method::DELETE, &format!("/limits/me/tokens/{id}"));
        gate.send(ask.token(&by))
    };
    assert_eq!(
        revoke(bob).await.status,
        StatusCode::NOT_FOUND,
        "somebody else's is as unknown as none"
    );
    assert_eq!(revoke(ann.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(gate.get(STATIONS, token).await.status, StatusCode::UNAUTHORIZED);
    let trail = gate.admin(Ask::get("/audit")).await.text();
    assert!(trail.contains("token.revoke") && trail.contains("\"ann\""), "{trail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_none_that_outlives_it_and_one_for_some_stations_makes_none() {
    let gate = Gate::start().await;
    gate.user("ann");
    let (station, _) = gate.station("ann", "ST-1");
    let short = gate.token("ann", &["--expires", "1h"]);
    let ask = Ask::new(Method::POST, "/limits/me/tokens").token(&short);
    let made = gate
        .send(
            ask.header("content-type", "application/json")
                .text(r#"{"expires_s": 86400}"#),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let listed = gate.get("/limits/me/tokens", &short).await.json();
    let ends: Vec<&Value> = listed.as_array().unwrap().iter().map(|row| &row["expires"]).collect();
    assert_eq!(
        ends.iter().filter(|end| ***end == "2026-11-22T13:00:00.000Z").count(),
        2,
        "{listed}"
    );

    let narrow = gate.token("ann", &["--stations", &station.to_string()]);
    for (method, path) in [
        (Method::POST, "/limits/me/tokens".to_owned()),
        (Method::PUT, format!("/limits/me/stations/{station}/shares/ann")),
    ] {
        let answer = gate.send(Ask::new(method, &path).token(&narrow)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text());
    }
    let app = gate.token("ann", &["--kind", "enterprise", "--stations", "all"]);
    assert_eq!(gate.get("/limits/me/tokens", &app).await.status, StatusCode::FORBIDDEN);
}

// docs/platforms/tempest.md T13
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_shares_a_station_and_ends_the_share() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let (station, _) = gate.station("ann", "ST-1");
    let path = format!("/limits/me/stations/{station}/shares/bob");
    let change = |method: Method, by: &str| gate.send(Ask::new(method, &path).token(by));
    assert_eq!(
        change(Method::PUT, &bob).await.status,
        StatusCode::NOT_FOUND,
        "bob cannot even read it"
    );
    assert_eq!(change(Method::PUT, &ann).await.status, StatusCode::NO_CONTENT);
    let theirs = gate.get("/limits/me/stations", &bob).await.json();
    assert_eq!(
        (&theirs[0]["station_id"], &theirs[0]["own"]),
        (&station.into(), &false.into()),
        "{theirs}"
    );
    assert_eq!(
        theirs[0]["shared_with"],
        Value::Array(Vec::new()),
        "whom else is the owner's to know"
    );
    assert_eq!(
        change(Method::DELETE, &bob).await.status,
        StatusCode::FORBIDDEN,
        "now he can read it, not share it"
    );
    assert_eq!(change(Method::DELETE, &ann).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        gate.get("/limits/me/stations", &bob).await.json(),
        Value::Array(Vec::new())
    );
    let by_form = sent(
        &gate,
        &format!("/limits/me/stations/{station}/shares"),
        &ann,
        "user=bob",
    )
    .await;
    assert_eq!(by_form.status, StatusCode::SEE_OTHER);
    assert!(
        seen(&gate, "/limits/me", Some(&ann))
            .await
            .text()
            .contains("<bdi>bob</bdi>")
    );
    let nobody = sent(
        &gate,
        &format!("/limits/me/stations/{station}/shares"),
        &ann,
        "user=carol",
    )
    .await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

// fault 70
#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_listed_and_explained_to_whoever_was_refused() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let (_, refused) = gate.until_refused("/swd/rest/stations?x=%3Cb%3E", &ann).await;
    let id = refused.headers["tidegate-decision"].to_str().unwrap().to_owned();
    let page = seen(&gate, "/limits/me", Some(&ann)).await.text();
    assert!(
        page.contains(&id) && page.contains("`rest-per-user` allows 100 per minute"),
        "{page}"
    );
    let decision = seen(&gate, &format!("/limits/decisions/{id}"), Some(&ann)).await;
    assert_eq!(decision.status, StatusCode::OK);
    assert!(decision.text().contains("Admitted again from"));
    let other = seen(&gate, &format!("/limits/decisions/{id}"), Some(&bob)).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    assert!(
        other.headers["content-type"].to_str().unwrap().starts_with("text/html"),
        "people read why not"
    );
    let listed = gate.get("/limits/me/decisions", &ann).await.json();
    assert_eq!(listed[0]["decision"], id.as_str());
    gate.pass(std::time::Duration::from_secs(86_401));
    assert_eq!(
        gate.get("/limits/me/decisions", &ann).await.json(),
        Value::Array(Vec::new()),
        "of the last day"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_too_large_or_no_form_says_what_would_be_right() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let send = |body: String| {
        let ask = Ask::new(Method::POST, "/limits/me/tokens").token(&ann);
        gate.send(ask.header("content-type", "application/json").text(&body))
    };
    let large = send(format!(r#"{{"name":"{}"}}"#, "a".repeat(16 * 1024))).await;
    assert_eq!(large.status, StatusCode::BAD_REQUEST);
    assert!(large.text().contains("16384 bytes"), "{}", large.text());
    assert_eq!(send("{".to_owned()).await.status, StatusCode::BAD_REQUEST);
    let named = send(format!(r#"{{"name":"{}"}}"#, "a".repeat(61))).await;
    assert_eq!(named.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        named.text().contains("1 to 60 printable characters"),
        "{}",
        named.text()
    );
    let secret = send(format!(r#"{{"name":"{ann}"}}"#)).await;
    assert_eq!(secret.status, StatusCode::UNPROCESSABLE_ENTITY, "a name holds no token");
}
