//! Staff with a browser, as the tests of the console are: cookies and forms over HTTP.

use http::StatusCode;

use crate::gate::{Answer, Ask, Gate, send};

/// Somebody logged in, as their browser: a cookie, and the token of the pages.
pub struct Browsing<'g> {
    gate: &'g Gate,
    pub cookie: String,
    pub csrf: String,
}

impl Browsing<'_> {
    /// By a link of this role.
    pub async fn by_link<'g>(gate: &'g Gate, role: &str, name: &str) -> Browsing<'g> {
        let made = gate.run_json(&["console", "link", "--role", role, "--name", name]);
        let url = made["url"].as_str().unwrap();
        let key = url.split_once("?key=").unwrap().1;
        Browsing::begun(gate, logged_in(gate, &format!("key={key}")).await).await
    }

    pub async fn begun(gate: &Gate, answer: Answer) -> Browsing<'_> {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let cookie = answer
            .field("set-cookie")
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let mut browsing = Browsing {
            gate,
            cookie,
            csrf: String::new(),
        };
        let page = browsing.page("/console/limits").await;
        browsing.csrf = between(&page, "name=\"csrf\" value=\"", "\"").to_owned();
        browsing
    }

    pub async fn get(&self, path: &str) -> Answer {
        admin(self.gate, Ask::get(path).header("cookie", &self.cookie)).await
    }

    /// A page that is there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.text()
    }

    /// Sends a form with the token of the pages.
    pub async fn post(&self, path: &str, fields: &str) -> Answer {
        let form = format!("csrf={}&{fields}", self.csrf);
        admin(self.gate, posted(path, &form).header("cookie", &self.cookie)).await
    }
}

/// Sends to the admin listener without its token.
pub async fn admin(gate: &Gate, ask: Ask) -> Answer {
    send(gate.app.admin, &gate.app.admin.to_string(), ask).await
}

/// A form that is sent.
pub fn posted(path: &str, form: &str) -> Ask {
    Ask::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .text(form)
}

/// The answer to a login.
pub async fn logged_in(gate: &Gate, form: &str) -> Answer {
    admin(gate, posted("/login", form)).await
}

/// What stands between two texts.
pub fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let rest = text.split_once(begin).unwrap_or_else(|| panic!("{begin} in {text}")).1;
    rest.split_once(end).unwrap().0
}
