//! docs/platforms/grovestreams.md G11: "web servers will cache most API call responses for 10 seconds";
//! docs/platforms/grovestreams.md G12: what the cache answers is told apart.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::Semaphore,
};

use crate::gate::{Answer, Ask, Gate};

/// An API that says whom it answers, and how often it was asked.
struct Api {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

/// Each answer waits for a turn of the gate, if there is one, and has these fields.
async fn api(turns: Option<Arc<Semaphore>>, status: &'static str, fields: &'static str) -> Api {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (turns, calls) = (turns.clone(), counted.clone());
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                loop {
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
                    if let Some(turns) = &turns {
                        turns.acquire().await.unwrap().forget();
                    }
                    let of = |name: &str| {
                        let mut lines = head.lines();
                        let line = lines.find(|line| line.to_lowercase().starts_with(name));
                        line.map_or("", |line| line.split_once(": ").unwrap().1).to_owned()
                    };
                    let target = head.split(' ').nth(1).unwrap();
                    let whom = format!("{} {} {target}", of("authorization"), of("x-forwarded-host"));
                    let body = format!("{whom} {} #{call}", of("accept-language"));
                    let length = body.len();
                    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{fields}\r\n{body}");
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Api { address, calls }
}

impl Api {
    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// A gate before it that keeps what `/kept/**` answers, with more of a limits file.
    async fn gate(&self, more: &str) -> Gate {
        self.gate_of("", more).await
    }

    /// The same, with more below `[cache]` too.
    async fn gate_of(&self, cache: &str, more: &str) -> Gate {
        let text = format!(
            r#"
upstream = "http://{}"

[identity]
sources  = ["opaque"]
required = false

[route.kept]
match = "GET /kept/**"

[route.rest]
match = "* /**"
drops = ["kept"]

[cache]
on        = ["kept"]
fresh_for = "10 s"
{cache}

[limit.all]
rate = "100_000 per hour"
{more}"#,
            self.address
        );
        Gate::of_text(&text).await
    }
}

fn status(answer: &Answer) -> &str {
    answer.field("cache-status").unwrap_or("none")
}

const TEMP: &str = "/api/comp/kitchen/stream/temp/last_value";

async fn put(gate: &Gate, token: &str, comp: &str, value: u32) {
    let sample = json!([{ "compId": comp, "streamId": "temp", "data": value }]);
    let put = gate.send(Ask::put("/api/feed").token(token).json(&sample)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
    assert_eq!(status(&put), "none");
}

// fault 77
#[tokio::test(flavor = "multi_thread")]
async fn a_reading_is_given_again_for_ten_seconds_and_counts_all_the_same() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    put(&gate, &ann, "kitchen", 21).await;
    let first = gate.get(TEMP, &ann).await;
    assert_eq!(status(&first), "Tidegate; fwd=uri-miss; stored");
    gate.pass(Duration::from_millis(9_999));
    // A step of the wall clock makes nothing older.
    gate.app.engine.clock.step_wall(3_600_000);
    let hit = gate.get(TEMP, &ann).await;
    assert_eq!((status(&hit), hit.field("age")), ("Tidegate; hit; ttl=0", Some("9")));
    assert_eq!(hit.text(), first.text());
    let left = |answer: &Answer| {
        let limit = answer.field("ratelimit").unwrap().to_owned();
        limit
            .split("r=")
            .nth(1)
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    assert_eq!(
        (left(&first), left(&hit)),
        (349, 348),
        "a hit takes a unit, and none is whole again before 10.3 s"
    );
    gate.pass(Duration::from_millis(2));
    assert_eq!(status(&gate.get(TEMP, &ann).await), "Tidegate; fwd=stale; stored");
    assert_eq!(
        status(&gate.send(Ask::get("/limits")).await),
        "none",
        "the callers' pages are never kept"
    );
}

// docs/semantics.md rule 24
#[tokio::test(flavor = "multi_thread")]
async fn a_put_is_read_back_at_once_and_leaves_other_components_kept() {
    let gate = Gate::start().await;
    let (ann, eve) = (gate.user("ann"), gate.user("eve"));
    let hall = TEMP.replace("kitchen", "hall");
    for token in [&ann, &eve] {
        put(&gate, token, "kitchen", 21).await;
        put(&gate, token, "hall", 18).await;
        for path in [TEMP, &hall, "/api/component"] {
            assert_eq!(gate.get(path, token).await.status, StatusCode::OK);
        }
    }
    put(&gate, &ann, "kitchen", 22).await;
    let seen = async |path: &str, token: &str| {
        let answer = gate.get(path, token).await;
        (
            status(&answer).split(';').nth(1).unwrap().trim().to_owned(),
            answer.text(),
        )
    };
    let (how, told) = seen(TEMP, &ann).await;
    assert!(how == "fwd=stale" && told.contains("22"), "{how} {told}");
    assert_eq!(seen(&hall, &ann).await.0, "hit");
    assert_eq!(
        seen("/api/component", &ann).await.0,
        "fwd=stale",
        "it may be made from any of them"
    );
    let (how, told) = seen(TEMP, &eve).await;
    assert!(
        how == "hit" && told.contains("21"),
        "another tenant's is another: {how} {told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_past_the_cache_says_its_reason() {
    let api = api(None, "200 OK", "ETag: \"a\"\r\n").await;
    let gate = api.gate("").await;
    let ask = async |ask: Ask| {
        let answer = gate.send(ask).await;
        (answer.status.as_u16(), status(&answer).to_owned())
    };
    let get = || Ask::get("/kept/a");
    let says = |text: &str| (200, format!("Tidegate; {text}"));
    assert_eq!(ask(get()).await, says("fwd=uri-miss; stored"));
    assert_eq!(ask(get()).await, says("hit; ttl=10"));
    assert_eq!(
        ask(get().header("if-none-match", "\"a\"")).await,
        (304, "Tidegate; hit; ttl=10".into())
    );
    for (name, value, text) in [
        ("range", "bytes=0-1", "fwd=bypass; detail=range"),
        ("if-match", "\"a\"", "fwd=bypass; detail=precondition"),
        ("cache-control", "no-store", "fwd=bypass; detail=request-no-store"),
        ("cache-control", "no-cache", "fwd=request; stored"),
    ] {
        assert_eq!(ask(get().header(name, value)).await, says(text));
    }
    assert_eq!(ask(get().text("body")).await, says("fwd=bypass; detail=request-body"));
    assert_eq!(
        ask(Ask::get("/else")).await,
        (200, "none".into()),
        "a route that is not named"
    );
}

// fault 75
#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_one_caller_brought_about_is_told_to_no_other() {
    let api = api(None, "400 Bad Request", "Cache-Control: public, max-age=60\r\n").await;
    let gate = api.gate("").await;
    for call in 1..=3 {
        let answer = gate
            .send(Ask::get("/kept/a").header("x-long", &"x".repeat(10_000)))
            .await;
        assert_eq!(
            (answer.status, status(&answer)),
            (StatusCode::BAD_REQUEST, "Tidegate; fwd=uri-miss; detail=status")
        );
        assert_eq!(api.calls(), call);
    }
}

// fault 76
#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_equal_requests_at_once_are_one_call() {
    let turns = Arc::new(Semaphore::new(0));
    let api = api(Some(turns.clone()), "200 OK", "").await;
    let gate = api.gate("").await;
    let asking = (0..300).map(|_| gate.get("/kept/a", "abc"));
    let told = async {
        while api.calls() == 0 || gate.app.engine.occupancy().cells == 0 {
            tokio::task::yield_now().await;
        }
        turns.add_permits(1);
    };
    let (answers, ()) = tokio::join!(futures_util::future::join_all(asking), told);
    assert!(answers.iter().all(|answer| answer.text().ends_with("#1")));
    assert_eq!(api.calls(), 1);
}

// docs/semantics.md rule 7
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_on_misses_counts_no_hit_and_its_refusal_charges_nothing() {
    let api = api(None, "200 OK", "").await;
    let limits = "[limit.misses]\nrate = \"2 per hour\"\ncounts_at = \"miss\"\n[limit.edge]\non = \"kept\"\nquota = \"10 per day\"\n";
    let gate = api.gate(limits).await;
    for n in 0..6 {
        let answer = gate.get(&format!("/kept/{}", n % 2), "").await;
        assert_eq!(
            (answer.status, status(&answer).contains("hit")),
            (StatusCode::OK, n >= 2)
        );
    }
    for _ in 0..20 {
        let refused = gate.get("/kept/another", "").await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.json()["limit"], "misses");
    }
    // Four of ten are left at the edge: what was refused on a miss was given back there.
    for left in (0..4).rev() {
        let answer = gate.get("/kept/0", "").await;
        let fields = answer.field("ratelimit").unwrap();
        assert!(fields.contains(&format!("\"edge\";r={left}")), "{fields}");
    }
    assert_eq!(gate.get("/kept/0", "").await.json()["limit"], "edge");
    assert_eq!(api.calls(), 2);
}

// fault 72
#[tokio::test(flavor = "multi_thread")]
async fn of_four_thousand_requests_each_is_told_what_is_its_own() {
    let api = api(None, "200 OK", "Vary: Accept-Language\r\n").await;
    let gate = api.gate("[limit.many]\nrate = \"1_000_000 per hour\"\n").await;
    // Whoever is anonymous, two credentials, in each place one may stand; and an `Authorization` nobody reads.
    let shown = ["", "Bearer ann", "Bearer bob", "Basic YW5uOmE="];
    let (mut hits, mut random) = (0, 7_u64);
    let mut roll = |of: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % of
    };
    for _ in 0..4_000 {
        let (who, host) = (shown[roll(shown.len())], ["gate", "acme.example"][roll(2)]);
        let target = format!("/kept/{}{}", ["a", "b"][roll(2)], ["", "?x=1", "?token=cid"][roll(3)]);
        let language = ["de", "en"][roll(2)];
        let mut ask = Ask::get(&target).header("accept-language", language);
        if !who.is_empty() {
            ask = ask.header("authorization", who);
        }
        let answer = crate::gate::send(gate.address(), host, ask).await;
        let told = answer.text();
        assert!(
            told.starts_with(&format!("{who} {host} {target} {language} #")),
            "{who} {host} {target}: {told}"
        );
        hits += usize::from(status(&answer).contains("hit"));
        if roll(10) == 0 {
            gate.pass(Duration::from_secs(3));
        }
    }
    assert!(hits > 400, "{hits} hits try too little");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_elsewhere_drops_what_its_route_names_and_its_own_path() {
    let api = api(None, "200 OK", "").await;
    let gate = api.gate("").await;
    for (change, dropped) in [
        (Ask::put("/other"), true),
        (Ask::post("/kept/a"), true),
        (Ask::get("/other"), true),
        (Ask::get("/kept/b"), false),
    ] {
        gate.send(Ask::get("/kept/a")).await;
        assert!(status(&gate.send(Ask::get("/kept/a")).await).contains("hit"));
        gate.send(change).await;
        assert_eq!(status(&gate.send(Ask::get("/kept/a")).await).contains("stale"), dropped);
    }
}

// RFC 9213
#[tokio::test(flavor = "multi_thread")]
async fn what_an_upstream_says_to_this_cache_counts_where_the_operator_lists_the_field() {
    const SAYS: &str = "Cache-Control: no-store\r\nExpires: 0\r\nCDN-Cache-Control: max-age=60\r\n";
    let api = api(None, "200 OK", SAYS).await;
    let plain = api.gate("").await;
    let answer = plain.send(Ask::get("/kept/a")).await;
    assert_eq!(status(&answer), "Tidegate; fwd=uri-miss; detail=no-store");
    let listed = api.gate_of("targets = [\"CDN-Cache-Control\"]", "").await;
    let first = listed.send(Ask::get("/kept/a")).await;
    assert_eq!(status(&first), "Tidegate; fwd=uri-miss; stored");
    listed.pass(Duration::from_secs(59));
    let hit = listed.send(Ask::get("/kept/a")).await;
    assert_eq!(status(&hit), "Tidegate; hit; ttl=1");
    // Other caches on the way hear what they heard before.
    assert_eq!(hit.field("cache-control"), Some("no-store"));
    listed.pass(Duration::from_secs(1));
    assert!(status(&listed.send(Ask::get("/kept/a")).await).starts_with("Tidegate; fwd="));
}
