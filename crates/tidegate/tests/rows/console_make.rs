//! What owners make on the console's pages: users, tokens, stations.

use http::StatusCode;
use serde_json::json;

use crate::{
    browsing::{Browsing, admin, between, posted},
    gate::{Ask, Gate},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_makes_a_user_a_token_and_a_station_and_the_trail_names_them() {
    let gate = Gate::start().await;
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    let empty = owner.page("/console/callers").await;
    assert!(
        empty.contains("No callers yet") && empty.contains("id=\"make-user\" open"),
        "{empty}"
    );

    let made = owner.post("/console/callers", "user=ann&tenant=acme&plan=").await;
    let to = made.field("location").unwrap().to_owned();
    assert_eq!(to, "/console/callers/ann?make=token#make-token");
    let page = owner.page("/console/callers/ann?make=token").await;
    assert!(
        page.contains("ann is added") && page.contains("id=\"make-token\" open"),
        "{page}"
    );
    let row = gate.admin(Ask::get("/users/ann")).await.json();
    assert_eq!((&row["tenant"], &row["plan"]), (&json!("acme"), &json!(null)));

    let station = "name=Pier&serial=ST-00000001&latitude=51,5&longitude=-0.1&elevation_m=3&timezone=Europe/London";
    let added = owner.post("/console/callers/ann?make=station", station).await;
    assert_eq!(added.field("location"), Some("/console/callers/ann#stations"));
    assert!(owner.page("/console/callers/ann").await.contains("Pier"));

    let form = "kind=personal&name=wall&ends=7d&day=&stations=1";
    let shown = owner.post("/console/callers/ann?make=token", form).await;
    assert_eq!(shown.status, StatusCode::CREATED);
    assert_eq!(shown.field("cache-control"), Some("no-store"));
    let secret = between(&shown.text(), "aria-label=\"The token\">", "<").to_owned();
    assert_eq!(gate.get("/swd/rest/stations", &secret).await.status, StatusCode::OK);
    let listed = gate.admin(Ask::get("/tokens?user=ann")).await.json();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["stations"]),
        (&json!("wall"), &json!("1"))
    );
    assert_eq!(listed[0]["expires"], "2026-11-29T12:00:00.000Z");
    for path in ["/console/callers/ann", "/console/audit", "/console/callers"] {
        assert!(
            !owner.page(path).await.contains(&secret),
            "{path} shows the token again"
        );
    }

    let acts = gate.admin(Ask::get("/audit")).await.json();
    let by_olga = acts
        .as_array()
        .unwrap()
        .iter()
        .filter(|act| act["actor"] == "olga (owner)");
    let actions: Vec<&str> = by_olga.map(|act| act["action"].as_str().unwrap()).collect();
    for action in ["user.add", "token.create", "station.add"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_on_the_day_that_was_named_and_without_one_never() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    for (fields, expires) in [
        ("ends=7d&day=2026-12-01", json!("2026-12-01T00:00:00.000Z")),
        ("ends=&day=", json!(null)),
    ] {
        let form = format!("kind=app&name=&stations=&{fields}");
        let made = owner.post("/console/callers/ann?make=token", &form).await;
        assert_eq!(made.status, StatusCode::CREATED, "{fields}");
        let id = between(&made.text(), "<dt>Id</dt><dd class=\"code\">", "<").to_owned();
        let listed = gate.admin(Ask::get("/tokens?user=ann")).await.json();
        let own = listed
            .as_array()
            .unwrap()
            .iter()
            .find(|token| token["id"] == id)
            .unwrap();
        assert_eq!(own["expires"], expires, "{fields}");
    }
}

/// Sends forms that are refused: each page has the form open, one field said to be wrong, and beside it what would be right.
async fn are_refused(owner: &Browsing<'_>, path: &str, forms: &[(&str, &str, &str)]) {
    for (fields, id, right) in forms {
        let answer = owner.post(path, fields).await;
        let page = answer.text();
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path} {fields}: {page}"
        );
        let why = between(&page, &format!("id=\"{id}-why\">"), "</p>");
        assert!(why.contains(right), "{path} {fields}: {why}");
        let described = format!("aria-invalid=\"true\" aria-describedby=\"{id}-why\"");
        assert!(page.contains(&described), "{path} {fields}");
        let open = page
            .split("<details class=\"make\"")
            .filter(|form| form.split('>').next().unwrap().ends_with(" open"));
        assert_eq!(open.count(), 1, "{path} {fields}");
        assert_eq!(page.matches("class=\"why-not\"").count(), 1, "{path} {fields}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_user_stands_beside_its_field() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    gate.run(&["user", "add", "bob", "--tenant", "acme"]);
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    let forms = [
        ("user=a%20b", "u-user", "1 to 64 of"),
        ("user=", "u-user", "1 to 64 of"),
        ("user=ann", "u-user", "is taken"),
        ("user=acme", "u-tenant", "Enter it here to add the user to it"),
        ("user=cid&tenant=%3A", "u-tenant", "1 to 64 of"),
        ("user=cid&plan=%3A", "u-plan", "1 to 64 of"),
    ];
    are_refused(&owner, "/console/callers", &forms).await;
    let users = gate.admin(Ask::get("/users")).await.json();
    assert_eq!(users.as_array().unwrap().len(), 2, "{users}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_token_stands_beside_its_field() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    let forms = [
        ("kind=golden", "t-kind", "personal, app, development or enterprise"),
        ("kind=development&ends=", "t-ends", "choose one"),
        ("kind=enterprise&ends=7d", "t-stations", "write their ids, or all"),
        ("kind=personal&stations=pier", "t-stations", "write ids with commas"),
        ("kind=personal&stations=99", "t-stations", "no station 99"),
        ("kind=personal&day=2020-01-01", "t-day", "name a later day"),
        ("kind=personal&day=soon", "t-day", "write `2026-12-01`"),
        ("kind=personal&ends=later", "t-ends", "write `90s`"),
        ("kind=personal&name=%20%09x%00", "t-name", "1 to 60 printable"),
    ];
    are_refused(&owner, "/console/callers/ann?make=token", &forms).await;
    assert_eq!(gate.admin(Ask::get("/tokens?user=ann")).await.json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_station_stands_beside_its_field_and_what_was_written_stays() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    gate.station("ann", "ST-00000001");
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    let path = "/console/callers/ann?make=station";
    let forms = [
        ("name=", "st-name", "1 to 100 printable"),
        ("name=Pier&serial=ST-00000001", "st-serial", "exists already"),
        ("name=Pier&latitude=north", "st-latitude", "as 51.5"),
        ("name=Pier&latitude=91", "st-latitude", "degrees from -90 to 90"),
        ("name=Pier&longitude=181", "st-longitude", "degrees from -180 to 180"),
        (
            "name=Pier&elevation_m=10000",
            "st-elevation_m",
            "metres from -500 to 9000",
        ),
        ("name=Pier&timezone=Moon%2FBase", "st-timezone", "as America/Denver"),
    ];
    are_refused(&owner, path, &forms).await;
    let page = owner.post(path, "name=Pier&serial=ST-9&latitude=north").await.text();
    assert!(
        page.contains("value=\"Pier\"") && page.contains("value=\"north\""),
        "{page}"
    );
    let stations = gate.admin(Ask::get("/users/ann/stations")).await.json();
    assert_eq!(stations.as_array().unwrap().len(), 1, "{stations}");
}

// fault 71: a page elsewhere makes an owner's browser send a form.
#[tokio::test(flavor = "multi_thread")]
async fn only_owners_make_anything_and_only_by_a_page_of_their_session() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    let forms = [
        ("/console/callers", "user=eve"),
        ("/console/callers/ann?make=token", "kind=personal&ends=&stations="),
        ("/console/callers/ann?make=station", "name=Pier"),
    ];
    for role in ["viewer", "support"] {
        let who = Browsing::by_link(&gate, role, "pat").await;
        for path in ["/console/callers", "/console/callers/ann?make=token"] {
            assert!(!who.page(path).await.contains("class=\"make\""), "{role}");
        }
        for (path, form) in forms {
            let answer = who.post(path, form).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{role} {path}");
            let said = who.page("/").await;
            assert!(said.contains("This requires the role owner"), "{role} {path}: {said}");
        }
    }
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    for (path, form) in forms {
        let bare = posted(path, form).header("cookie", &owner.cookie);
        assert_eq!(admin(&gate, bare).await.status, StatusCode::SEE_OTHER, "{path}");
        let elsewhere = posted(path, &format!("csrf={}&{form}", owner.csrf))
            .header("cookie", &owner.cookie)
            .header("origin", "http://evil.example");
        assert_eq!(admin(&gate, elsewhere).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let unknown = owner.post("/console/callers/ann?make=crown", "").await;
    assert_eq!(unknown.status, StatusCode::SEE_OTHER);
    assert!(owner.page("/").await.contains("There is no such form."));
    assert_eq!(gate.admin(Ask::get("/users")).await.json().as_array().unwrap().len(), 1);
    assert_eq!(gate.admin(Ask::get("/tokens?user=ann")).await.json(), json!([]));
    assert_eq!(gate.admin(Ask::get("/users/ann/stations")).await.json(), json!([]));
}

// fault 71, fault 70
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_into_a_form_comes_back_as_text() {
    let gate = Gate::start().await;
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    let script = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%E2%80%AE";
    let page = owner
        .post("/console/callers", &format!("user={script}&tenant={script}"))
        .await
        .text();
    assert!(!page.contains("<script>alert") && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("alert(1)"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_which_field_is_wrong() {
    let gate = Gate::start().await;
    let refused = gate.admin(Ask::post("/users").json(&json!({ "user": "a b" }))).await;
    assert_eq!(refused.json()["field"], "user");
    let missing = gate.admin(Ask::get("/decisions/1a2b3c4d-1")).await;
    assert_eq!(missing.json().get("field"), None);
}
