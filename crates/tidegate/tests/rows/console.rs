//! The console's door: who comes in, what each may do, and what a page elsewhere cannot.

use http::StatusCode;
use serde_json::json;

use crate::{
    browsing::{Browsing, admin, between, logged_in, posted},
    gate::{Ask, Gate},
    process::{Server, free_ports},
};

/// The paths of all pages.
const PAGES: [&str; 7] = [
    "/",
    "/console/callers",
    "/console/callers/ann",
    "/console/limits",
    "/console/overrides",
    "/console/audit",
    "/console/find?find=ann",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_first_start_logs_in_once_and_looking_at_it_does_not_use_it_up() {
    let gate = Gate::start().await;
    let path = gate.app.login_path.clone().expect("a first start makes a link");
    for _ in 0..2 {
        let looked = admin(&gate, Ask::get(&path)).await;
        assert!(looked.text().contains("Log in"), "{}", looked.text());
        assert_eq!(looked.field("set-cookie"), None);
    }
    let form = path.split_once('?').unwrap().1;
    let in_by_it = logged_in(&gate, form).await;
    assert_eq!(in_by_it.field("location"), Some("/"));
    let cookie = in_by_it.field("set-cookie").unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax; Max-Age=43200"), "{cookie}");
    let again = logged_in(&gate, form).await;
    assert_eq!((again.status, again.field("set-cookie")), (StatusCode::FORBIDDEN, None));

    let dir = gate.stop().await;
    let second = Gate::in_dir(tidegate_config::Source::Default, None, dir).await;
    assert_eq!(second.app.login_path, None, "a link is made at the first start alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_token_logs_in_and_another_one_does_not() {
    let gate = Gate::start().await;
    let wrong = logged_in(&gate, "token=tg_adm_wrong").await;
    assert_eq!((wrong.status, wrong.field("set-cookie")), (StatusCode::FORBIDDEN, None));
    assert_eq!(logged_in(&gate, "token=").await.status, StatusCode::FORBIDDEN);
    let owner = Browsing::begun(&gate, logged_in(&gate, &format!("token={}", gate.admin_token)).await).await;
    assert!(owner.page("/").await.contains("Overview"));
    let out = owner.post("/logout", "").await;
    assert_eq!(out.field("location"), Some("/login"));
    assert_eq!(owner.get("/").await.field("location"), Some("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_every_page_leads_to_the_login_and_from_there_back() {
    let gate = Gate::start().await;
    for path in PAGES {
        let answer = admin(&gate, Ask::get(path)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.field("location").unwrap().starts_with("/login"), "{path}");
    }
    let asked = admin(&gate, Ask::get("/console/callers?find=an")).await;
    let login = asked.field("location").unwrap().to_owned();
    assert_eq!(login, "/login?to=%2Fconsole%2Fcallers%3Ffind%3Dan");
    let page = admin(&gate, Ask::get(&login)).await.text();
    assert_eq!(between(&page, "name=\"to\" value=\"", "\""), "/console/callers?find=an");
    let form = format!("token={}&to=%2Fconsole%2Fcallers%3Ffind%3Dan", gate.admin_token);
    let in_again = logged_in(&gate, &form).await;
    assert_eq!(in_again.field("location"), Some("/console/callers?find=an"));
}

// fault 71: an open redirect.
#[tokio::test(flavor = "multi_thread")]
async fn the_login_sends_nobody_elsewhere() {
    let gate = Gate::start().await;
    for to in [
        "//evil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "javascript:alert(1)",
    ] {
        let page = admin(&gate, Ask::get(&format!("/login?to={to}"))).await.text();
        assert_eq!(between(&page, "name=\"to\" value=\"", "\""), "/", "{to}");
        let answer = logged_in(&gate, &format!("token={}&to={to}", gate.admin_token)).await;
        assert_eq!(answer.field("location"), Some("/"), "{to}");
    }
}

// fault 71: a session that was there before the login is not the one after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_takes_no_session_that_a_browser_brings() {
    let gate = Gate::start().await;
    let name = format!("tidegate_session_{}", gate.app.admin.port());
    let planted = format!("{name}={}", "0".repeat(64));
    let form = format!("token={}", gate.admin_token);
    let answer = admin(&gate, posted("/login", &form).header("cookie", &planted)).await;
    let given = answer.field("set-cookie").unwrap();
    assert!(given.starts_with(&name) && !given.starts_with(&planted), "{given}");
    let by_planted = admin(&gate, Ask::get("/").header("cookie", &planted)).await;
    assert_eq!(by_planted.status, StatusCode::SEE_OTHER);
}

// fault 71: a page elsewhere makes a browser send a form.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let gate = Gate::start().await;
    gate.user("ann");
    let support = Browsing::by_link(&gate, "support", "anna").await;
    let other = Browsing::by_link(&gate, "support", "otto").await;
    let fields = "limit=rest-per-user&quota=7&reason=r";
    let path = "/console/callers/ann/override";
    for form in [
        fields.to_owned(),
        format!("csrf=&{fields}"),
        format!("csrf={}&{fields}", other.csrf),
        format!("csrf={}&csrf=x&{fields}", "0".repeat(64)),
    ] {
        let answer = admin(&gate, posted(path, &form).header("cookie", &support.cookie)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}");
        let said = support.page("/console/overrides").await;
        assert!(said.contains("does not belong to your session"), "{form}: {said}");
    }
    let elsewhere = posted(path, &format!("csrf={}&{fields}", support.csrf))
        .header("cookie", &support.cookie)
        .header("origin", "http://evil.example");
    assert_eq!(admin(&gate, elsewhere).await.status, StatusCode::FORBIDDEN);
    assert_eq!(gate.admin(Ask::get("/overrides")).await.json(), json!([]));

    let done = support.post(path, fields).await;
    assert_eq!(done.field("location"), Some("/console/callers/ann"));
    assert_eq!(gate.admin(Ask::get("/overrides")).await.json()[0]["quota"], 7);
}

// fault 71: clickjacking, and scripts of others.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_console_says_how_little_a_page_may_do() {
    let gate = Gate::start().await;
    gate.user("ann");
    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    for path in PAGES
        .into_iter()
        .chain(["/login", "/assets/console.js", "/assets/console.css", "/console/no"])
    {
        let answer = viewer.get(path).await;
        let policy = answer
            .field("content-security-policy")
            .unwrap_or_else(|| panic!("{path}"));
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(answer.field("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.field("cache-control"), Some("no-store"), "{path}");
        let text = answer.text();
        // What the policy forbids is not there either, so that no page is broken by it.
        assert!(
            !text.contains("<style") && !text.contains(" style=") && !text.contains("onclick="),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_what_it_says_by_pages_and_by_the_api() {
    let gate = Gate::start().await;
    gate.user("ann");
    let change = |who: &Browsing<'_>, ask: Ask| {
        let ask = ask.header("cookie", &who.cookie).header("x-csrf-token", &who.csrf);
        admin(&gate, ask)
    };
    let pardon = || Ask::post("/users/ann/pardon").json(&json!({}));
    let user = |name: &str| Ask::post("/users").json(&json!({ "user": name }));
    let expected = [("viewer", 403, 403), ("support", 200, 403), ("owner", 200, 201)];
    for (role, pardoned, added) in expected {
        let who = Browsing::by_link(&gate, role, "pat").await;
        assert_eq!(who.get("/users").await.status, StatusCode::OK, "{role} sees");
        assert_eq!(change(&who, pardon()).await.status.as_u16(), pardoned, "{role}");
        assert_eq!(change(&who, user(role)).await.status.as_u16(), added, "{role}");
        let bare = pardon().header("cookie", &who.cookie);
        assert_eq!(
            admin(&gate, bare).await.status,
            StatusCode::FORBIDDEN,
            "{role} without the page's token"
        );
        let page = who.page("/console/callers/ann").await;
        assert_eq!(page.contains("Change a quota"), role != "viewer", "{role}");
        assert_eq!(page.contains("Revoke token"), role == "owner", "{role}");
        who.post("/console/callers/ann/pardon", "limit=").await;
        let said = who.page("/console/callers/ann").await;
        assert_eq!(
            said.contains("This requires the role support"),
            role == "viewer",
            "{role}: {said}"
        );
    }
    let acts = gate.admin(Ask::get("/audit")).await.json();
    let actors: Vec<&str> = acts
        .as_array()
        .unwrap()
        .iter()
        .map(|act| act["actor"].as_str().unwrap())
        .collect();
    assert!(
        actors.contains(&"pat (support)") && actors.contains(&"pat (owner)"),
        "{actors:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself() {
    let gate = Gate::start().await;
    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    gate.pass(std::time::Duration::from_secs(3_599));
    assert_eq!(viewer.get("/users").await.status, StatusCode::OK);
    gate.pass(std::time::Duration::from_secs(3_600));
    assert_eq!(viewer.get("/users").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(viewer.get("/console/audit").await.status, StatusCode::SEE_OTHER);
}

#[test]
fn the_first_start_prints_the_link_for_people_and_no_other_start_does() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    let arguments = free_ports(data.to_str().unwrap());
    let links = || {
        let text = std::fs::read_to_string(&log).unwrap();
        let links = text.lines().filter_map(|line| line.strip_prefix("console "));
        links.map(str::to_owned).collect::<Vec<_>>()
    };
    let first = Server::start_with_log(std::fs::File::create(&log).unwrap(), &arguments);
    let login = format!("http://{}/login?key=", first.address("admin"));
    assert!(
        matches!(&links()[..], [link] if link.starts_with(&login)),
        "{:?}",
        links()
    );
    drop(first);
    let _second = Server::start_with_log(std::fs::File::create(&log).unwrap(), &arguments);
    assert_eq!(links(), Vec::<String>::new());
}
