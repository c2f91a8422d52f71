//! What a caller used, by month, as a page for people.

use http::StatusCode;

use crate::gate::{Answer, Ask, Gate};

const STATIONS: &str = "/swd/rest/stations";
const USAGE: &str = "/limits/me/usage";

async fn seen(gate: &Gate, path: &str, token: &str) -> Answer {
    let ask = Ask::get(path).header("accept", "text/html");
    gate.send(ask.header("cookie", &format!("tidegate_token={token}")))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_sees_a_year_of_usage_and_each_month_by_operation() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let (admitted, _) = gate.until_refused(STATIONS, &ann).await;
    assert_eq!(admitted, 100);
    gate.get("/swd/rest/stations/7", &ann).await;
    gate.get(STATIONS, &bob).await;

    let me = seen(&gate, "/limits/me", &ann).await.text();
    let november = "November 2026: 102, 2 refused";
    assert!(me.contains(november), "{me}");
    assert!(me.contains("December 2025: 0, 0 refused"), "{me}");
    assert!(me.contains("href=\"/limits/me/usage?month=2026-11\""), "{me}");

    let page = seen(&gate, USAGE, &ann).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    for part in [
        "Your usage in November 2026",
        november,
        "<b>100</b>",
        "<th scope=\"row\">stations</th><td>100</td><td>0</td><td>1</td>",
        "<th scope=\"row\">station</th><td>0</td><td>0</td><td>1</td>",
        "href=\"/limits/me/usage?month=2026-10\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("2026-12"), "a month that has not begun is not offered");
    // The same as programs read.
    let json = gate.get(USAGE, &ann).await.json();
    assert_eq!((&json["transactions"], &json["refused"]), (&100.into(), &2.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_nothing_says_so_and_what_is_no_month_is_refused() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let me = seen(&gate, "/limits/me", &ann).await.text();
    assert!(me.contains("No usage yet."), "{me}");
    let page = seen(&gate, &format!("{USAGE}?month=2025-01"), &ann).await.text();
    assert!(page.contains("Nothing was used in January 2025."), "{page}");
    assert!(
        page.contains("month=2024-12") && page.contains("month=2025-02"),
        "{page}"
    );
    for month in ["now", "2026-13", "", "2026-11%3Cscript%3E"] {
        let bad = seen(&gate, &format!("{USAGE}?month={month}"), &ann).await;
        assert_eq!(bad.status, StatusCode::BAD_REQUEST, "{month}");
        assert!(!bad.text().contains("<script"), "{month}");
    }
    let nobody = gate.send(Ask::get(USAGE).header("accept", "text/html")).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}
