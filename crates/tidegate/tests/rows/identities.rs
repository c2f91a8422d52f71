//! docs/platforms/tempest.md T8 and docs/semantics.md rules 1 to 3: each kind of token exists, and does what its kind
//! does.

use std::time::Duration;

use http::StatusCode;

use crate::gate::{Ask, Gate};

const STATIONS: &str = "/swd/rest/stations";

fn station_ids(answer: &crate::gate::Answer) -> Vec<i64> {
    answer.json()["stations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|station| station["station_id"].as_i64().unwrap())
        .collect()
}

// docs/platforms/tempest.md T8
#[tokio::test(flavor = "multi_thread")]
async fn a_personal_token_reads_own_and_shared_stations_and_no_others() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let (own, _) = gate.station("ann", "ST-00000001");
    let (others, _) = gate.station("bob", "ST-00000002");
    assert_eq!(station_ids(&gate.get(STATIONS, &ann).await), [own]);
    assert_eq!(
        gate.get(&format!("{STATIONS}/{others}"), &ann).await.status,
        StatusCode::FORBIDDEN
    );

    gate.run(&["station", "share", &others.to_string(), "--with", "ann"]);
    assert_eq!(station_ids(&gate.get(STATIONS, &ann).await), [own, others]);
    gate.run(&["station", "unshare", &others.to_string(), "--with", "ann"]);
    assert_eq!(
        gate.get(&format!("{STATIONS}/{others}"), &ann).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(station_ids(&gate.get(STATIONS, &bob).await), [others]);
}

// docs/platforms/tempest.md T8, docs/semantics.md rule 16
#[tokio::test(flavor = "multi_thread")]
async fn an_app_key_reads_nothing_by_itself_on_tempest_routes_and_acts_for_its_tenant_on_grovestreams() {
    let gate = Gate::start().await;
    gate.user("ann");
    let app = gate.token("ann", &["--kind", "app"]);
    let alone = gate.send(Ask::get(&format!("{STATIONS}?api_key={app}"))).await;
    assert_eq!(alone.status, StatusCode::UNAUTHORIZED);
    assert!(alone.text().contains("names the application"), "{}", alone.text());
    assert!(alone.field("ratelimit").unwrap().contains("anonymous-per-ip"));
    let put = gate
        .send(Ask::put(&format!("/api/feed?compId=kitchen&temp=1&api_key={app}")))
        .await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
}

// docs/semantics.md rule 2: the role comes from the token's kind, not from the parameter that carried it.
#[tokio::test(flavor = "multi_thread")]
async fn a_personal_token_works_in_every_place_a_page_reads() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    for ask in [
        Ask::get(STATIONS).token(&ann),
        Ask::get(&format!("{STATIONS}?token={ann}")),
        Ask::get(&format!("{STATIONS}/?token={ann}")),
        Ask::get(&format!("{STATIONS}?api_key={ann}")),
        Ask::get(&format!("{STATIONS}?token={ann}&api_key={ann}")).token(&ann),
        Ask::get("/api/comp/c/stream/s/feed").token(&ann),
        Ask::get("/api/comp/c/stream/s/feed").header("cookie", &format!("a=b; api_key={ann}")),
    ] {
        let answer = gate.send(ask).await;
        assert!(
            ![401, 403, 429].contains(&answer.status.as_u16()),
            "{}: {}",
            answer.status,
            answer.text()
        );
    }
}

// docs/semantics.md rule 2
#[tokio::test(flavor = "multi_thread")]
async fn two_different_user_credentials_are_400_and_cost_the_address_one_unit() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let both = gate
        .send(Ask::get(&format!("{STATIONS}?token={bob}")).token(&ann))
        .await;
    assert_eq!(both.status, StatusCode::BAD_REQUEST);
    assert!(
        both.field("ratelimit")
            .unwrap()
            .starts_with("\"anonymous-per-ip\";r=149"),
        "{:?}",
        both.headers
    );
}

// docs/semantics.md rule 2: on GroveStreams routes the parameter wins over the cookie.
#[tokio::test(flavor = "multi_thread")]
async fn the_parameter_wins_over_the_cookie_on_grovestreams_routes() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    gate.send(Ask::put(&format!("/api/feed?compId=c&s=5&api_key={ann}")))
        .await;
    let read = gate
        .send(
            Ask::get(&format!("/api/comp/c/stream/s/last_value?api_key={ann}"))
                .header("cookie", &format!("api_key={bob}")),
        )
        .await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text());
}

// docs/platforms/tempest.md T8: a shared key with its own limit and an end date.
#[tokio::test(flavor = "multi_thread")]
async fn a_development_key_counts_by_itself_and_ends_on_its_day() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let endless = gate.try_run(&["token", "create", "--user", "ann", "--kind", "development"]);
    assert_eq!(endless.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&endless.stderr).contains("--expires"));

    let shared = gate.token("ann", &["--kind", "development", "--expires", "90d"]);
    gate.until_refused(STATIONS, &shared).await;
    assert_eq!(
        gate.get(STATIONS, &ann).await.status,
        StatusCode::OK,
        "the key's count is not its maker's"
    );
    gate.pass(Duration::from_secs(90 * 86_400));
    let ended = gate.get(STATIONS, &shared).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    assert!(ended.text().contains("expired"), "{}", ended.text());
}

// docs/platforms/tempest.md T8: named stations or all.
#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_key_reads_the_stations_it_names_or_all() {
    let gate = Gate::start().await;
    gate.user("ann");
    gate.user("bob");
    let (first, _) = gate.station("ann", "ST-00000001");
    let (second, _) = gate.station("bob", "ST-00000002");
    let named = gate.token("ann", &["--kind", "enterprise", "--stations", &second.to_string()]);
    assert_eq!(station_ids(&gate.get(STATIONS, &named).await), [second]);
    assert_eq!(
        gate.get(&format!("{STATIONS}/{first}"), &named).await.status,
        StatusCode::FORBIDDEN
    );
    let all = gate.token("ann", &["--kind", "enterprise", "--stations", "all"]);
    assert_eq!(station_ids(&gate.get(STATIONS, &all).await), [first, second]);
}

// fault 69
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_at_the_next_request() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    let made = gate.run_json(&["token", "create", "--user", "ann"]);
    let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert_eq!(gate.get(STATIONS, token).await.status, StatusCode::OK);
    gate.run(&["token", "revoke", id]);
    let refused = gate.get(STATIONS, token).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.text().contains("revoked"), "{}", refused.text());
    let listed = gate.run_json(&["token", "list", "--user", "ann"]);
    assert_eq!((&listed[0]["id"], &listed[0]["state"]), (&id.into(), &"revoked".into()));
}

// docs/semantics.md rule 2: an app key has its own, large limit.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_key_beside_a_token_counts_in_the_apps_limit_too() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let app = gate.token("ann", &["--kind", "app"]);
    let answer = gate
        .send(Ask::get(&format!("{STATIONS}?api_key={app}")).token(&ann))
        .await;
    let fields = answer.field("ratelimit").unwrap();
    assert!(
        fields.contains("\"rest-per-user\";r=99") && fields.contains("\"rest-per-app\";r=9999"),
        "{fields}"
    );
}

// fault 66: the token stands in no file, log or answer.
#[tokio::test(flavor = "multi_thread")]
async fn no_token_stands_in_the_data_directory_or_in_a_refusal() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (_, refused) = gate.until_refused(&format!("{STATIONS}?token={ann}"), "").await;
    assert!(!refused.text().contains(&ann));
    let explained = gate.run(&["explain", refused.decision()]);
    assert!(!explained.contains(&ann), "{explained}");
    let dir = gate.stop().await;
    let mut left = vec![dir.path().join("data")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            !bytes.windows(ann.len()).any(|window| window == ann.as_bytes()),
            "{}",
            path.display()
        );
    }
}
