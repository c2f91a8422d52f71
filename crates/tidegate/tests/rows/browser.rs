//! A headless Chromium, driven by its own protocol (Chrome DevTools Protocol) over a WebSocket.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

/// A browser with one page; ended with the test, whatever happens.
pub struct Browser {
    child: Child,
    _profile: TempDir,
    devtools: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: String,
    asked: u64,
    /// Pages that were loaded.
    loads: u64,
}

/// Longest one question to the browser takes.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// The event of a page that is loaded.
const LOADED: &str = "Page.loadEventFired";

/// Names of the program, the smaller one first.
const PROGRAMS: [&str; 3] = ["chromium-headless-shell", "chromium", "google-chrome"];

impl Browser {
    /// Starts one; `None`, said plainly, where there is none outside of CI.
    #[expect(clippy::print_stderr, reason = "a test that did not run says so")]
    pub async fn start() -> Option<Browser> {
        let found = PROGRAMS.into_iter().find(|program| {
            let version = Command::new(program).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        });
        let Some(program) = found else {
            let missing = "there is no Chromium; ./test installs one";
            assert!(std::env::var_os("CI").is_none(), "{missing}");
            eprintln!("not tested: {missing}");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args([
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--no-first-run",
                "--mute-audio",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // Names that stand for this machine, and are not trusted like it.
            .arg("--host-resolver-rules=MAP *.test 127.0.0.1")
            .arg("about:blank")
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = said
            .find_map(|line| line.ok()?.strip_prefix("DevTools listening on ").map(str::to_owned))
            .expect("where its protocol is spoken");
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || said.count());
        let (devtools, _) = tokio_tungstenite::connect_async(&address).await.unwrap();
        let mut browser = Browser {
            child,
            _profile: profile,
            devtools,
            session: String::new(),
            asked: 0,
            loads: 0,
        };
        let targets = browser.ask("Target.getTargets", json!({})).await;
        let page = targets["targetInfos"]
            .as_array()
            .unwrap()
            .iter()
            .find(|target| target["type"] == "page");
        let id = page.expect("a page")["targetId"].clone();
        let attached = browser
            .ask("Target.attachToTarget", json!({ "targetId": id, "flatten": true }))
            .await;
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        browser.ask("Page.enable", json!({})).await;
        Some(browser)
    }

    /// One command and its answer; events between are passed over.
    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut command = json!({ "id": self.asked, "method": method, "params": params });
        if !self.session.is_empty() {
            command["sessionId"] = self.session.as_str().into();
        }
        self.devtools.send(Message::text(command.to_string())).await.unwrap();
        let asked = self.asked;
        let mut answer = self.next(|message| message["id"] == asked, method).await;
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The next message that is meant.
    async fn next(&mut self, is_meant: impl Fn(&Value) -> bool, what: &str) -> Value {
        let loads = &mut self.loads;
        let waiting = async {
            loop {
                let message = self.devtools.next().await.expect("the browser is there").unwrap();
                let Message::Text(text) = message else { continue };
                let message: Value = serde_json::from_str(&text).unwrap();
                // A page may be there before the answer to the command that led to it.
                *loads += u64::from(message["method"] == LOADED);
                if is_meant(&message) {
                    return message;
                }
            }
        };
        let answer = tokio::time::timeout(ANSWER_MAX, waiting).await;
        answer.unwrap_or_else(|_| panic!("no answer: {what}"))
    }

    /// Goes to a page, and is there when it is loaded.
    pub async fn go(&mut self, url: &str) {
        let before = self.loads;
        self.ask("Page.navigate", json!({ "url": url })).await;
        self.loaded(before).await;
    }

    /// Waits for one more page than there were.
    async fn loaded(&mut self, before: u64) {
        if self.loads == before {
            self.next(|message| message["method"] == LOADED, "the page").await;
        }
    }

    /// The value of an expression of JavaScript; of a promise, what it becomes.
    pub async fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut result = self.ask("Runtime.evaluate", params).await;
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    /// Clicks on what the selector names, as a mouse does, and is there when the page it leads to is loaded.
    pub async fn follow(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const found = document.querySelector({}); found.scrollIntoView({{ block: 'center' }}); \
             const at = found.getClientRects()[0]; return [at.x + at.width / 2, at.y + at.height / 2]; }})()",
            json!(selector)
        );
        let at = self.value(&place).await;
        let before = self.loads;
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", params).await;
        }
        self.loaded(before).await;
    }

    /// Types into what the selector names.
    pub async fn write(&mut self, selector: &str, text: &str) {
        self.value(&format!("document.querySelector({}).focus()", json!(selector)))
            .await;
        self.ask("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses Enter, as in a field of a form, and is there when the next page is loaded.
    pub async fn enter(&mut self) {
        let before = self.loads;
        let key =
            json!({ "type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
        self.ask("Input.dispatchKeyEvent", key).await;
        self.loaded(before).await;
    }

    /// Presses the tabulator, as whoever has no mouse does.
    pub async fn tab(&mut self) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9 });
            self.ask("Input.dispatchKeyEvent", key).await;
        }
    }

    /// What is to be read on the page.
    pub async fn text(&mut self) -> String {
        self.value("document.body.innerText").await.as_str().unwrap().to_owned()
    }

    /// Waits until the page itself, not a load of it, shows a text in what the selector names.
    pub async fn until(&mut self, selector: &str, text: &str) {
        let shown = format!(
            "new Promise(done => {{ const has = () => document.querySelector({0})?.innerText.includes({1}); \
             if (has()) return done(true); \
             new MutationObserver(() => has() && done(true)).observe(document.body, {{ subtree: true, childList: true, \
             characterData: true }}); }})",
            json!(selector),
            json!(text)
        );
        self.value(&shown).await;
    }

    /// How wide the window is, and whether the person likes it dark.
    pub async fn look(&mut self, width: u32, is_dark: bool) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.ask("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if is_dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.ask("Emulation.setEmulatedMedia", media).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The program is a script around the browser, which has processes of its own: all of its group end.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.child.wait();
    }
}
