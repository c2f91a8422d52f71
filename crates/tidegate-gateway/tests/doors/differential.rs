//! The same bytes, read by the gate and by the letter: what goes up is what the letter says, or nothing does
//! (fault 49).
//!
//! Behind the gate stands an upstream that reads to the letter and understands nothing else. A failure names its seed;
//! `TIDEGATE_SEED=` runs that one again.

mod corpus;

use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt::Write as _,
    hash::{BuildHasher, Hasher},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use tidegate_gateway::Bounds;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    letter,
    strict::{self, Ending, Request},
    support::{Door, Setup, Upstream},
};
use corpus::{BENDS, Draft, Random};

/// How long a request may stay unfinished here; the corpus has some that never end.
const SHORT: Duration = Duration::from_millis(300);

/// Cases with several bends, drawn from the seed.
const DRAWN: usize = 500;

/// Connections at a time.
const AT_ONCE: usize = 32;

/// What the upstream read, and what it could not.
#[derive(Default)]
struct Record {
    requests: HashMap<usize, Vec<Request>>,
    bad: Vec<String>,
}

struct Answer {
    status: u16,
    has_decision: bool,
    /// It is about the bytes, not about who asks for what.
    is_of_framing: bool,
}

impl Record {
    fn keep(&mut self, request: Request) {
        let case = match request.values("x-case").as_slice() {
            [case] => String::from_utf8_lossy(case).parse().ok(),
            _ => None,
        };
        self.bad.extend(not_normal(&request));
        match case {
            Some(case) => self.requests.entry(case).or_default().push(request),
            None => self.bad.push(format!("of no case: {request:?}")),
        }
    }
}

async fn recording(record: Arc<Mutex<Record>>) -> Upstream {
    Upstream::speaking(move |stream, _| {
        let record = record.clone();
        async move {
            let mut bytes = Vec::new();
            record_all(stream, &record, &mut bytes).await;
        }
    })
    .await
}

/// Answers each request once it is whole, and keeps it.
async fn record_all(mut stream: TcpStream, record: &Mutex<Record>, bytes: &mut Vec<u8>) {
    loop {
        let (requests, ending, whole) = strict::requests(bytes);
        bytes.drain(..whole);
        for request in requests {
            record.lock().keep(request);
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nup";
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
        if ending == Ending::Bad {
            record
                .lock()
                .bad
                .push(format!("no request: {:?}", String::from_utf8_lossy(bytes)));
            return;
        }
        if stream.read_buf(bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

/// What no request may have that goes up, however it came (faults 45 to 47).
fn not_normal(request: &Request) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |is_good: bool, what: &str| {
        if !is_good {
            found.push(format!("{what}: {request:?}"));
        }
    };
    let path = request.target.split('?').next().unwrap_or_default();
    check(path.starts_with('/'), "the target is in origin form");
    check(
        !path.contains("//") && !path.contains("/.") && !path.contains([';', '\\']),
        "the path is normal",
    );
    check(request.values("host").len() == 1, "one Host");
    check(
        request.values("host")[0].starts_with(b"127.0.0.1:"),
        "the upstream's Host",
    );
    check(request.values("x-forwarded-host").len() <= 1, "one client's Host");
    check(
        request
            .values("x-forwarded-for")
            .iter()
            .all(|chain| chain.ends_with(b"127.0.0.1")),
        "the client's address is on the right",
    );
    check(
        matches!(
            request.values("authorization").as_slice(),
            [b"Bearer ann" | b"Bearer bob"]
        ),
        "one credential",
    );
    for gone in [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "http2-settings",
    ] {
        check(request.values(gone).is_empty(), gone);
    }
    check(
        !request.fields.iter().any(|(name, _)| name.contains('_')),
        "no underscores",
    );
    found
}

/// The bytes of a case, and how they are cut.
fn case(number: usize, seed: u64) -> (Vec<u8>, Vec<usize>) {
    let mut random = Random(seed ^ (number as u64) << 32);
    let single = BENDS * 3;
    let mut requests = vec![Draft::plain(number % 3, number, 0)];
    let bent = if number < single {
        requests[0].bend(number / 3, &mut random);
        0
    } else {
        requests.insert(0, Draft::plain(random.below(3), number, 1));
        1
    };
    for _ in 0..if number < single { 0 } else { 1 + random.below(3) } {
        let bend = random.below(BENDS);
        requests[bent].bend(bend, &mut random);
    }
    requests.push(Draft::plain(0, number, 2));
    let mut bytes = Vec::new();
    for request in &requests {
        request.write(&mut bytes);
    }
    // The last one closes the connection, wherever the others end.
    bytes.truncate(bytes.len() - 2);
    bytes.extend(b"Connection: close\r\n\r\n");
    let mut cuts = Vec::new();
    if random.below(3) > 0 {
        cuts = (0..1 + random.below(12)).map(|_| random.below(bytes.len())).collect();
        cuts.sort_unstable();
    }
    (bytes, cuts)
}

/// Writes the bytes in pieces and reads until the gate closes.
async fn played(door: &Door, bytes: &[u8], cuts: &[usize]) -> Vec<u8> {
    let (mut reader, mut writer) = TcpStream::connect(door.address).await.unwrap().into_split();
    let writing = async {
        let mut from = 0;
        for to in cuts.iter().copied().chain([bytes.len()]) {
            if writer.write_all(&bytes[from..to]).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
            from = to;
        }
    };
    let mut answers = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(20), reader.read_to_end(&mut answers));
    let (read, ()) = tokio::join!(reading, writing);
    // A reset is a close too.
    let _ = read.expect("the connection ends, whatever was sent");
    answers
}

/// Answers as they were written; `None` where they are none.
fn answers(mut bytes: &[u8]) -> Option<Vec<Answer>> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&bytes[..end]).ok()?.to_ascii_lowercase();
        let status: u16 = head.strip_prefix("http/1.")?.get(2..5)?.parse().ok()?;
        bytes = &bytes[end..];
        if status == 100 {
            continue;
        }
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let length = field("content-length: ").and_then(|length| length.parse().ok())?;
        let body;
        (body, bytes) = bytes.split_at_checked(length)?;
        let body = String::from_utf8_lossy(body);
        answers.push(Answer {
            status,
            has_decision: field("tidegate-decision: ").is_some(),
            is_of_framing: status != 200
                && ["two readings", "did not arrive", "too large"]
                    .iter()
                    .any(|title| body.contains(title)),
        });
    }
    Some(answers)
}

/// Of this run.
fn seed() -> u64 {
    match std::env::var("TIDEGATE_SEED") {
        Ok(seed) => seed.parse().expect("TIDEGATE_SEED is a number"),
        Err(_) => RandomState::new().build_hasher().finish() >> 32,
    }
}

/// What a request is, as far as both readers must agree.
fn essence(request: &Request) -> (String, String, String) {
    let target = match request.target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |path| &rest[path..]),
        _ => &request.target,
    };
    let body = String::from_utf8_lossy(&request.body).into_owned();
    (request.method.clone(), target.to_owned(), body)
}

/// What is wrong with one case, if anything is.
fn judged(bytes: &[u8], came_back: &[u8], went_up: &[Request]) -> Option<String> {
    let Some(answers) = answers(came_back) else {
        return Some("the answers are no answers".into());
    };
    let (letter, ending, _) = strict::requests(bytes);
    if answers
        .iter()
        .any(|answer| answer.status != 200 && !answer.has_decision)
    {
        return Some("a refusal has no decision".into());
    }
    if answers.len() > letter.len() + 1 {
        return Some("there are more answers than requests".into());
    }
    let last = answers.len().saturating_sub(1);
    if answers
        .iter()
        .enumerate()
        .any(|(at, answer)| answer.is_of_framing && at < last)
    {
        return Some("the connection goes on after a refusal of framing".into());
    }
    let beyond = answers.get(letter.len()).map(|answer| answer.status);
    if beyond == Some(200) {
        return Some("what is no request was answered as one".into());
    }
    let all_were_answered = answers.len() >= letter.len();
    if ending == Ending::Bad
        && all_were_answered
        && beyond.is_none()
        && answers.last().is_none_or(|last| !last.is_of_framing)
        && !closes(&letter)
    {
        return Some("what is no request was not refused".into());
    }
    let admitted = letter.iter().zip(&answers).filter(|(_, answer)| answer.status == 200);
    let expected: Vec<_> = admitted.map(|(request, _)| essence(request)).collect();
    let found: Vec<_> = went_up.iter().map(essence).collect();
    (expected != found).then(|| format!("by the letter {expected:?}, but up went {found:?}"))
}

/// Whether a request that was read asked for the connection's end, so that nobody reads what is behind it.
fn closes(requests: &[Request]) -> bool {
    requests.iter().any(|request| {
        let mut options = request.values("connection").into_iter();
        request.is_http_10 || options.any(|value| value.eq_ignore_ascii_case(b"close"))
    })
}

// fault 38, fault 39, fault 41, fault 42, fault 49
#[test]
fn the_gate_reads_what_the_letter_reads() {
    let seed = seed();
    for number in 0..BENDS * 3 + DRAWN * 20 {
        let (bytes, cuts) = case(number, seed);
        let piece = cuts.first().copied().unwrap_or(bytes.len()).max(1);
        let agree = std::panic::catch_unwind(|| letter::compare(&bytes, piece));
        assert!(
            agree.is_ok(),
            "TIDEGATE_SEED={seed} case {number}: {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_are_read_as_by_the_letter() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/strict_reader");
    let mut found = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds stand in fuzz/seeds/strict_reader") {
        letter::judge(&std::fs::read(seed.unwrap().path()).unwrap());
        found += 1;
    }
    assert!(found > 20, "{found} seeds");
}

// fault 38, fault 39, fault 40, fault 41, fault 42, fault 43, fault 44, fault 45, fault 46, fault 47, fault 49
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_up_is_what_the_letter_says_or_nothing() {
    let seed = seed();
    let record = Arc::new(Mutex::new(Record::default()));
    let upstream = recording(record.clone()).await;
    let bounds = Bounds {
        header_timeout: SHORT,
        body_progress_timeout: SHORT,
        unread_body_timeout: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    let door = &door;
    let played: Vec<(usize, Vec<u8>, Vec<u8>)> = stream::iter(0..BENDS * 3 + DRAWN)
        .map(|number| async move {
            let (bytes, cuts) = case(number, seed);
            let came_back = played(door, &bytes, &cuts).await;
            (number, bytes, came_back)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let record = record.lock();
    let mut failures = String::new();
    let mut admitted = 0;
    for (number, bytes, came_back) in &played {
        let went_up = record.requests.get(number).map_or(&[][..], Vec::as_slice);
        admitted += went_up.len();
        if let Some(why) = judged(bytes, came_back, went_up) {
            let (bytes, came_back) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(came_back));
            let _ = writeln!(
                failures,
                "case {number}: {why}\n  sent {bytes:?}\n  answered {came_back:?}"
            );
        }
    }
    for bad in &record.bad {
        let _ = writeln!(failures, "upstream: {bad}");
    }
    assert!(failures.is_empty(), "TIDEGATE_SEED={seed}\n{failures}");
    assert!(
        admitted > played.len() / 2,
        "{admitted} of {} cases went up: the corpus is all bad",
        played.len()
    );
}
