//! The console's pages of usage.

use http::StatusCode;

use crate::{browsing::Browsing, gate::Gate};

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_shown_by_tenant_user_and_route_and_exported() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    for _ in 0..3 {
        assert_eq!(gate.get("/swd/rest/stations", &token).await.status, StatusCode::OK);
    }
    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    for (by, named) in [
        ("tenant", "<bdi>ann</bdi>"),
        ("user", "href=\"/console/callers/ann\""),
        ("route", "stations"),
    ] {
        let page = viewer.page(&format!("/console/usage?by={by}")).await;
        assert!(
            page.contains("Usage of 2026-11") && page.contains(named),
            "{by}: {page}"
        );
        assert!(
            page.contains("<span>Billed</span><b>3</b><small>100 %</small>"),
            "{by}: {page}"
        );
        let export = viewer.get(&format!("/usage?month=2026-11&by={by}&format=csv")).await;
        assert!(export.field("content-type").unwrap().starts_with("text/csv"), "{by}");
        assert!(
            page.contains(&format!("/usage?month=2026-11&amp;by={by}&amp;format=csv")),
            "{by}: {page}"
        );
    }
    let before = viewer.page("/console/usage?month=2026-10").await;
    assert!(
        before.contains("Nothing was used in 2026-10") && before.contains("month=2026-11"),
        "{before}"
    );
    let caller = viewer.page("/console/callers/ann").await;
    assert!(
        caller.contains(">2026-11</a><small>so far</small>") && caller.contains(">2026-09</a>"),
        "{caller}"
    );
    let none = viewer.get("/console/usage?month=soon").await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
}
