//! The callers' pages in a real browser, over the real program.

use http::StatusCode;

use crate::{browser::Browser, gate::Gate};

// docs/platforms/tempest.md T10. Plain HTTP at a name that is not this machine's: there a browser says less about where
// a form comes from.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_shows_a_token_once_and_makes_and_revokes_another_without_tls() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let page = format!("http://api.test:{}/limits/me", gate.address().port());

    browser.go(&page).await;
    browser.write("#token", "tg_pat_nonsense").await;
    browser.follow(".enter button").await;
    assert!(browser.text().await.contains("not in the form of a token"));
    browser.write("#token", &ann).await;
    browser.follow(".enter button").await;
    let text = browser.text().await;
    assert!(text.contains("You are ann"), "{text}");

    browser.write("#token-name", "attic").await;
    browser.follow(".fields button").await;
    let made = browser.value("document.querySelector('.secret').innerText").await;
    let made = made.as_str().expect("the new token");
    let stations = "/swd/rest/stations";
    assert_eq!(gate.get(stations, made).await.status, StatusCode::OK);
    // The page sees it without being loaded again.
    browser.go(&page).await;
    browser.until("[data-live=limits]", "1 of 100").await;

    let attic = "[...document.querySelectorAll('tr')].find(row => row.innerText.includes('attic')) \
                 .querySelector('button').id = 'attic'";
    browser.value(attic).await;
    browser.follow("#attic").await;
    assert_eq!(gate.get(stations, made).await.status, StatusCode::UNAUTHORIZED);
    assert!(browser.text().await.contains("revoked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_pages_fit_a_phone() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    gate.station("ann", "ST-1");
    let (_, refused) = gate.until_refused("/swd/rest/stations", &ann).await;
    browser.look(390, false).await;
    for path in [
        "/limits".to_owned(),
        "/limits/me".to_owned(),
        format!("/limits/me?token={ann}"),
        format!("/limits/me/usage?token={ann}"),
        format!("/limits/me/usage?token={ann}&month=2025-01"),
        format!("/limits/decisions/{}?token={ann}", refused.decision()),
    ] {
        browser.go(&format!("http://{}{path}", gate.address())).await;
        let wide = browser.value("document.documentElement.scrollWidth").await;
        let over = "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > 390 && \
                    !one.closest('.wide')).map(one => one.outerHTML.slice(0, 200))";
        let over = browser.value(over).await;
        assert!(wide.as_u64().unwrap() <= 390, "{path} is {wide} wide: {over}");
        assert_eq!(
            browser.value("document.querySelectorAll('h1').length").await,
            1,
            "{path}"
        );
    }
}
