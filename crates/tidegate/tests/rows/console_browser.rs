//! The console in a real browser, over the real program.

use http::StatusCode;
use serde_json::json;

use crate::{
    browser::Browser,
    gate::{Ask, Gate},
    socket::{opened, until_used},
};

// docs/platforms/tempest.md T11: log in, find the limited caller, read why, raise the limit until tomorrow with a
// reason, see the next request pass, close a ghost socket.
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
    browser.until("#sockets", "No open sockets").await;
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
        assert_eq!(browser.value(unnamed).await, json!([]), "{path}");
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
        assert_eq!(browser.value(&missed).await, json!([]), "{path}");
        let first = "(() => { const all = document.querySelectorAll('h1'); return all.length; })()";
        assert_eq!(
            browser.value(first).await,
            1,
            "{path} has one heading of the first rank"
        );
    }
}

// A page that keeps itself up to date takes nothing from whoever is at it: no form, no focus, no marked text.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_is_at_stays_while_the_page_keeps_itself_up_to_date() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    let token = gate.user("ann");
    gate.get("/swd/rest/stations", &token).await;
    browser.go(&gate.run(&["console", "link", "--name", "olga"])).await;
    browser.follow("button").await;
    browser
        .go(&format!("http://{}/console/callers/ann", gate.app.admin))
        .await;
    // A form that is open and half filled in, a list that was opened, a button somebody stands on.
    browser
        .value("document.querySelector('#make-token').open = true, 0")
        .await;
    browser.write("#t-name", "half a na").await;
    browser
        .value("document.querySelector('#other-limits').open = true, 0")
        .await;
    browser
        .value("document.querySelector('#to-rest-per-user').focus(), 0")
        .await;
    gate.get("/swd/rest/stations", &token).await;
    browser.until("#limits", "2 of 100").await;
    for (is_kept, what) in [
        ("document.activeElement.id == 'to-rest-per-user'", "the focus"),
        ("document.querySelector('#other-limits').open", "what was opened"),
        ("document.querySelector('#make-token').open", "the form"),
        (
            "document.querySelector('#t-name').value == 'half a na'",
            "what was written",
        ),
    ] {
        assert_eq!(browser.value(is_kept).await, true, "{what}");
    }
    // Text that is marked, to be copied, is let be until it is no more.
    let mark = "getSelection().selectAllChildren(document.querySelector('#limits tbody')), 0";
    browser.value(mark).await;
    gate.get("/swd/rest/stations", &token).await;
    browser.until("#months", "3").await;
    let kept = "getSelection().toString().includes('rest-per-user') && \
                document.querySelector('#limits').innerText.includes('2 of 100')";
    assert_eq!(browser.value(kept).await, true);
    browser.value("getSelection().removeAllRanges(), 0").await;
    browser.until("#limits", "3 of 100").await;
    // A socket that somebody stands on and that ends leaves them in its part of the page.
    let socket = opened(&gate, &token).await;
    browser.until("#sockets", "Close").await;
    browser.value("document.querySelector('[id^=close-]').focus(), 0").await;
    drop(socket);
    browser.until("#sockets", "No open sockets").await;
    assert_eq!(browser.value("document.activeElement.id").await, "sockets");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_matters_is_told_to_whoever_hears_the_page() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    let token = gate.user("ann");
    browser.go(&gate.run(&["console", "link", "--name", "olga"])).await;
    browser.follow("button").await;
    browser
        .go(&format!("http://{}/console/callers/ann", gate.app.admin))
        .await;
    assert_eq!(browser.value("document.querySelector('#said').textContent").await, "");
    gate.until_refused("/swd/rest/stations", &token).await;
    browser.until("#limits", "Limited now").await;
    let told = "document.querySelector('#said').textContent";
    assert_eq!(browser.value(told).await, "Limited now by rest-per-user");
}

// WCAG 2.2 AA: 1.4.3 text against what is behind it, 2.5.8 what can be pressed is 24 pixels high, 1.3.1 landmarks and
// tables that say what they are.
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_read_by_all_eyes_and_hit_by_all_fingers() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    let token = gate.user("ann");
    gate.station("ann", "ST-00000001");
    let (_, refused) = gate.until_refused("/swd/rest/stations", &token).await;
    let _socket = opened(&gate, &token).await;
    let quota = Ask::put("/limits/rest-per-user/overrides").json(&json!({ "user": "ann", "quota": 50 }));
    gate.admin(quota).await;
    browser.go(&gate.run(&["console", "link", "--name", "olga"])).await;
    browser.follow("button").await;
    let decision = format!("/console/decisions/{}", refused.decision());
    let paths = [
        "/",
        "/console/callers",
        "/console/callers/ann?make=token",
        &decision,
        "/console/limits",
        "/console/overrides",
        "/console/usage",
        "/console/audit",
        "/console/nothing",
        "/login",
    ];
    for (width, is_dark) in [(1_120, false), (390, false), (390, true)] {
        browser.look(width, is_dark).await;
        for path in paths {
            browser.go(&format!("http://{}{path}", gate.app.admin)).await;
            let faint = browser.value(&format!("({FAINT})()")).await;
            assert_eq!(faint, json!([]), "{path} at {width}, dark {is_dark}");
            let small = browser.value(&format!("({SMALL})()")).await;
            assert_eq!(small, json!([]), "{path} at {width}");
            let bare = browser.value(&format!("({BARE})()")).await;
            assert_eq!(bare, json!([]), "{path}");
        }
    }
}

/// Texts whose colour is too near to what is behind them.
const FAINT: &str = r"() => {
    const rgb = text => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = one => {
        for (let at = one; at; at = at.parentElement) {
            const [r, g, b, a = 1] = rgb(getComputedStyle(at).backgroundColor);
            if (a > 0) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const one of document.querySelectorAll('body *')) {
        const text = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
        if (!text || !one.getClientRects().length || one.closest('svg, option, .unseen')) continue;
        const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) faint.push(`${one.tagName} ${one.className} ${ratio.toFixed(2)} ${one.textContent.trim().slice(0, 30)}`);
    }
    return faint;
}";

/// What can be pressed and is too small: links within a line of text may be.
const SMALL: &str = r"() => [...document.querySelectorAll('button, .button, input:not([type=hidden]), select, summary, nav a')]
    .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < 24).map(one => one.outerHTML)";

/// Pages without their landmarks, tables without a caption, headings of columns without a scope, fields without a label.
const BARE: &str = r"() => [
    ...['main', 'h1'].filter(name => document.querySelectorAll(name).length !== 1),
    ...[...document.querySelectorAll('table')].filter(one => !one.caption?.textContent.trim()).map(one => one.outerHTML),
    ...[...document.querySelectorAll('th')].filter(one => !one.scope).map(one => one.outerHTML),
    ...[...document.querySelectorAll('section, nav')].filter(one => !one.ariaLabel && !one.getAttribute('aria-labelledby')).map(one => one.outerHTML),
    ...[...document.querySelectorAll('input:not([type=hidden]), select')].filter(one => !one.labels.length).map(one => one.outerHTML),
    ...[...document.querySelectorAll('[id]')].filter(one => document.querySelectorAll('#' + CSS.escape(one.id)).length > 1).map(one => one.id),
    ...[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')]
        .flatMap(one => ((one.getAttribute('aria-labelledby') ?? '') + ' ' + (one.getAttribute('aria-describedby') ?? '')).trim().split(/ +/))
        .filter(id => !document.getElementById(id)),
]";
