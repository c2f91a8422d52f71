//! The console's pages over HTTP: what staff see and do on them.

use http::StatusCode;
use serde_json::json;

use crate::{
    browsing::{Browsing, admin, between, posted},
    gate::{Ask, Gate},
    socket::opened,
};

// docs/platforms/tempest.md T11: staff look up who is limited and why, and lift it.
#[tokio::test(flavor = "multi_thread")]
async fn staff_see_why_a_caller_is_refused_and_lift_it() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let (_, refused) = gate.until_refused("/swd/rest/stations", &token).await;
    let decision = refused.decision().to_owned();
    let owner = Browsing::by_link(&gate, "owner", "olga").await;

    let found = owner.get(&format!("/console/find?find={decision}")).await;
    assert_eq!(
        found.field("location"),
        Some(format!("/console/decisions/{decision}").as_str())
    );
    let why = owner.page(&format!("/console/decisions/{decision}")).await;
    assert!(
        why.contains("rest-per-user") && why.contains("GET /swd/rest/stations"),
        "{why}"
    );
    let page = owner.page("/console/callers/ann").await;
    assert!(page.contains("Limited now by <strong>rest-per-user</strong>"), "{page}");
    assert!(page.contains(&decision), "{page}");

    let until = "2026-11-23";
    owner
        .post(
            "/console/callers/ann/override",
            &format!("limit=rest-per-user&quota=200&until=&day={until}&reason=backfill"),
        )
        .await;
    assert_eq!(gate.get("/swd/rest/stations", &token).await.status, StatusCode::OK);
    let page = owner.page("/console/callers/ann").await;
    assert!(page.contains("rest-per-user is 200 for ann"), "{page}");
    assert!(
        page.contains(">override for user ann</span>") && page.contains(">limits file</span>"),
        "{page}"
    );
    assert!(
        page.contains("Not limited now") && page.contains("23 Nov 2026, 00:00:00"),
        "{page}"
    );
    assert!(
        !owner
            .page("/console/callers/ann")
            .await
            .contains("is 200 for ann from the next"),
        "said once"
    );

    owner
        .post(
            "/console/overrides/end",
            "limit=rest-per-user&scope=user%20ann&back=%2F",
        )
        .await;
    assert_eq!(gate.admin(Ask::get("/overrides")).await.json(), json!([]));
}

// docs/platforms/tempest.md T11: they close, revoke, pardon and share, and the trail names them.
#[tokio::test(flavor = "multi_thread")]
async fn what_staff_do_for_a_caller_is_done_and_the_trail_names_them() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    gate.user("bob");
    let (station, _) = gate.station("ann", "ST-00000001");
    let owner = Browsing::by_link(&gate, "owner", "olga").await;
    gate.until_refused("/swd/rest/stations", &token).await;
    owner.post("/console/callers/ann/pardon", "limit=rest-per-user").await;
    assert_eq!(gate.get("/swd/rest/stations", &token).await.status, StatusCode::OK);
    owner
        .post(&format!("/console/stations/{station}/share"), "with=bob&back=%2F")
        .await;
    assert!(owner.page("/console/callers/ann").await.contains("with bob"));

    let _socket = opened(&gate, &token).await;
    let page = owner.page("/console/callers/ann").await;
    let id = between(&page, "id=\"close-", "\"").to_owned();
    owner
        .post(
            &format!("/console/sockets/{id}/close"),
            "back=%2Fconsole%2Fcallers%2Fann",
        )
        .await;
    let token_id = gate.run_json(&["token", "list", "--user", "ann"])[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    owner
        .post(&format!("/console/tokens/{token_id}/revoke"), "back=%2F")
        .await;
    assert_eq!(
        gate.get("/swd/rest/stations", &token).await.status,
        StatusCode::UNAUTHORIZED
    );
    let trail = owner.page("/console/audit").await;
    for said in [
        "olga (owner)",
        "pardon",
        "station.share",
        "socket.close",
        "token.revoke",
        "console.link",
    ] {
        assert!(trail.contains(said), "{said}: {trail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_said_on_the_page_it_was_asked_from() {
    let gate = Gate::start().await;
    gate.user("ann");
    let support = Browsing::by_link(&gate, "support", "anna").await;
    let form = |fields: &str| {
        let form = format!("csrf={}&{fields}", support.csrf);
        let from = format!("http://{}/console/callers/ann?limit=x", gate.app.admin);
        posted("/console/callers/ann/override", &form)
            .header("cookie", &support.cookie)
            .header("referer", &from)
    };
    for (fields, said) in [
        ("limit=rest-per-user&quota=0", "A quota is at least 1"),
        ("limit=rest-per-user&quota=many", "is not a quota"),
        ("limit=rest-per-usr&quota=5", "There is no limit"),
        ("limit=rest-per-user&quota=5&day=2020-01-01", "is in the past"),
        ("limit=rest-per-user&quota=5&until=soon", "is not a date"),
    ] {
        let answer = admin(&gate, form(fields)).await;
        assert_eq!(
            answer.field("location"),
            Some("/console/callers/ann?limit=x"),
            "{fields}"
        );
        let page = support.page("/console/callers/ann").await;
        assert!(page.contains(said) && page.contains("flash bad"), "{fields}: {page}");
    }
    let none = support.get("/console/callers/nobody").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert!(
        none.text().contains("There is no user") && none.text().contains("<h1>"),
        "{}",
        none.text()
    );
}

// fault 71, fault 70: names and paths of callers are text on a page, and turn no other text around.
#[tokio::test(flavor = "multi_thread")]
async fn what_callers_write_stays_text() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let script = "<script>alert(1)</script>";
    let turned = "\u{202e}moc.live";
    for name in [script, "\" onmouseover=\"x", turned, "محطة الحديقة"] {
        gate.run(&["station", "add", "--user", "ann", "--name", name]);
    }
    let refused = gate
        .get("/swd/rest/%3Cscript%3Ealert(1)%3C/script%3E/\u{202e}", &token)
        .await;
    let support = Browsing::by_link(&gate, "support", "anna").await;
    support
        .post(
            "/console/callers/ann/override",
            "limit=rest-per-user&quota=5&reason=%3Cscript%3Ealert(1)%3C%2Fscript%3E%E2%80%AEx",
        )
        .await;
    let paths = [
        "/console/callers/ann",
        "/console/overrides",
        "/console/audit",
        &format!("/console/decisions/{}", refused.decision()),
        "/console/callers?find=%3Cscript%3Ealert(1)%3C%2Fscript%3E%E2%80%AE",
    ];
    for path in paths {
        let page = support.page(path).await;
        assert!(!page.contains(script), "{path}: {page}");
        assert!(!page.contains('\u{202e}'), "{path}: {page}");
        assert!(!page.contains("\" onmouseover"), "{path}: {page}");
    }
    let page = support.page("/console/callers/ann").await;
    assert!(page.contains("<bdi>محطة الحديقة</bdi>"), "{page}");
    let missing = support.get("/console/callers/%3Cscript%3E").await;
    assert!(!missing.text().contains("<script>&quot;") && !missing.text().contains("user \"<script>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_pages_say_what_would_be_there() {
    let gate = Gate::start().await;
    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    for (path, said) in [
        ("/", "No open sockets"),
        ("/console/callers", "No callers yet"),
        ("/console/callers?find=zz", "No name or tenant contains"),
        ("/console/overrides", "No overrides"),
        ("/console/audit?before=1", "No older entries"),
    ] {
        assert!(viewer.page(path).await.contains(said), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_says_what_came_what_was_refused_by_which_limit_and_whose() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let (admitted, _) = gate.until_refused("/swd/rest/stations", &token).await;
    let _socket = opened(&gate, &token).await;
    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    for path in ["/", "/?span=day", "/?span=nonsense"] {
        let page = viewer.page(path).await;
        // The refused one, and the handshake.
        let requests = between(&page, "<span>Requests</span><b>", "</b>");
        assert_eq!(requests, (admitted + 2).to_string(), "{path}");
        assert_eq!(between(&page, "<span>Refused</span><b>", "</b>"), "1", "{path}");
        assert_eq!(
            between(&page, "<span>Sockets open now</span><b>", "</b>"),
            "1",
            "{path}"
        );
        let by_limit = between(&page, "<section id=\"by-limit\"", "</section>");
        assert!(by_limit.contains("rest-per-user"), "{path}: {by_limit}");
        for section in ["most-refused", "most-requests", "most-open"] {
            let rows = between(&page, &format!("<section id=\"{section}\""), "</section>");
            assert!(rows.contains("href=\"/console/callers/ann\""), "{path}: {rows}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_says_that_requests_fail_and_which_server_gets_none() {
    // Where nobody listens any more.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let text = format!(
        "upstream = \"http://{closed}\"\n[identity]\nrequired = false\n[route.all]\nmatch = \"* /**\"\n\
         [limit.calls-per-ip]\nper = \"ip\"\nrate = \"100 per minute\"\n"
    );
    let gate = Gate::of_text(&text).await;
    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    assert!(!viewer.page("/").await.contains("<span>Failed</span>"));
    for _ in 0..3 {
        assert_eq!(gate.get("/a", "").await.status, StatusCode::BAD_GATEWAY);
    }
    let page = viewer.page("/").await;
    assert_eq!(between(&page, "<span>Failed</span><b>", "</b>"), "3");
    assert!(
        page.contains(&format!("http://{closed} is down and receives no requests")),
        "{page}"
    );
}
