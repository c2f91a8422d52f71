//! The console in a real browser, over the real program.

use http::StatusCode;

use crate::{
    browser::Browser,
    gate::Gate,
    socket::{opened, until_used},
};

// T11: log in, find the limited caller, read why, raise the limit until tomorrow with a reason, see the next request
// pass, close a ghost socket.
#[tokio::test(flavor = "multi_thread")]
async fn while_the_customer_is_on_the_phone() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let (_, refused) = gate.until_refused("/swd/rest/stations", &token).await;
    let ghost = opened(&gate, &token).await;
    let link = gate.run(&["console", "link", "--role", "support", "--name", "anna"]);

    browser.go(&link).await;
    browser.follow("button").await;
    assert!(browser.text().await.contains("anna (support)"));
    browser.write("#find", "ann").await;
    browser.enter().await;
    let text = browser.text().await;
    assert!(text.contains("Limited now by rest-per-user"), "{text}");
    browser.follow(&format!("[id='d-{}']", refused.decision())).await;
    let why = browser.text().await;
    assert!(
        why.contains("allows 100 per minute for user ann; 100 of 100 are used"),
        "{why}"
    );

    browser.follow("a.button.main").await;
    browser.write("#o-quota", "200").await;
    browser.write("#o-reason", "backfill, ticket 7").await;
    assert_eq!(
        browser.value("document.querySelector('#o-limit').value").await,
        "rest-per-user",
        "the form is about the limit that refused"
    );
    browser.follow("#change button").await;
    let text = browser.text().await;
    assert!(
        text.contains("rest-per-user is 200 for ann from the next request on"),
        "{text}"
    );
    assert!(
        text.contains("backfill, ticket 7") && text.contains("23 Nov 2026, 00:00:00"),
        "{text}"
    );
    assert_eq!(gate.get("/swd/rest/stations", &token).await.status, StatusCode::OK);
    // The page sees it without being loaded again.
    browser.until("#limits", "101 of 200").await;

    browser.follow("[id^='close-']").await;
    until_used(&gate, "ann", 0).await;
    browser.until("#sockets", "None is open").await;
    drop(ghost);
    assert_eq!(browser.value("document.querySelector('#stale').hidden").await, true);
}

// fault 71
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_a_script_runs_nowhere_and_arabic_stands_in_its_place() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    gate.user("ann");
    for name in [
        "<script>window.ran = 1</script>",
        "<img src=x onerror=\"window.ran = 1\">",
        "محطة الحديقة",
    ] {
        gate.run(&["station", "add", "--user", "ann", "--name", name]);
    }
    browser.go(&gate.run(&["console", "link", "--role", "viewer"])).await;
    browser.follow("button").await;
    browser
        .go(&format!("http://{}/console/callers/ann", gate.app.admin))
        .await;
    let text = browser.text().await;
    for name in ["<script>window.ran = 1</script>", "onerror", "محطة الحديقة"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert_eq!(browser.value("typeof window.ran").await, "undefined");
    // Nor does a script that got in all the same: the page's policy has none but its own.
    let inline = "(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; \
                  document.body.append(s); return typeof window.ran; })()";
    assert_eq!(browser.value(inline).await, "undefined");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_a_phone_and_are_walked_by_keyboard() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    let token = gate.user("ann");
    gate.until_refused("/swd/rest/stations", &token).await;
    browser.go(&gate.run(&["console", "link", "--name", "olga"])).await;
    browser.follow("button").await;
    browser.look(390, false).await;
    for path in [
        "/",
        "/console/callers",
        "/console/callers/ann",
        "/console/limits",
        "/console/overrides",
        "/console/audit",
    ] {
        browser.go(&format!("http://{}{path}", gate.app.admin)).await;
        let wide = browser.value("document.documentElement.scrollWidth").await;
        assert!(wide.as_u64().unwrap() <= 390, "{path} is {wide} wide");
        // Everything that can be used has a name, and every picture too.
        let unnamed = "[...document.querySelectorAll('input:not([type=hidden]), select, svg[role=img]')].filter(one => \
                       !(one.labels?.length || one.getAttribute('aria-labelledby'))).map(one => one.outerHTML)";
        assert_eq!(browser.value(unnamed).await, serde_json::json!([]), "{path}");
        // What can be pressed is come to by the tabulator, all of it.
        let pressed = "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')] \
                       .filter(one => one.getClientRects().length && !one.closest('details:not([open]) > :not(summary)'))";
        let count = browser.value(&format!("{pressed}.length")).await.as_u64().unwrap();
        browser.value("window.came = new Set(), 0").await;
        // What scrolls is come to as well.
        for _ in 0..2 * count {
            browser.tab().await;
            browser
                .value("window.came.add(document.activeElement.outerHTML), 0")
                .await;
        }
        let missed = format!("{pressed}.filter(one => !window.came.has(one.outerHTML)).map(one => one.outerHTML)");
        assert_eq!(browser.value(&missed).await, serde_json::json!([]), "{path}");
        let first = "(() => { const all = document.querySelectorAll('h1'); return all.length; })()";
        assert_eq!(
            browser.value(first).await,
            1,
            "{path} has one heading of the first rank"
        );
    }
}
