//! No answer of one caller reaches another: the upstream says whom it answered, and the cache may only repeat that to
//! them.

use super::*;

/// Pairs of requests that are tried.
const PAIRS: usize = 100_000;

#[derive(Clone, Debug)]
struct Caller {
    token: Option<usize>,
    host: usize,
    path: usize,
    query: usize,
    language: usize,
    cookie: usize,
    is_head: bool,
}

const TOKENS: [(&str, &str); 4] = [("t1", "ann"), ("t2", "ann"), ("t3", "bob"), ("t", "1ann")];
const HOSTS: [&str; 3] = ["gate", "acme.example", "ACME.example"];
const PATHS: [&str; 2] = ["/a", "/a/b"];
const QUERIES: [&str; 4] = ["", "?", "?x=1", "?x=1&y=2"];
const LANGUAGES: [&[&str]; 4] = [&[], &["de"], &["de, en"], &["de", "en"]];
const COOKIES: [&str; 3] = ["", "s=1", "s=2"];
/// The fields with which the upstream answers.
const SAYS: [&[(&str, &str)]; 5] = [
    &[("vary", "accept-language")],
    &[("vary", "Accept-Language, Cookie")],
    &[("vary", "accept-language"), ("cache-control", "private")],
    &[("vary", "accept-language"), ("cache-control", "max-age=3")],
    &[("vary", "*")],
];

/// A caller by chance: numbers by Knuth's MMIX generator, whose lower bits are no use.
fn caller(roll: &mut impl FnMut(usize) -> usize) -> Caller {
    Caller {
        token: roll(TOKENS.len() + 1).checked_sub(1),
        host: roll(HOSTS.len()),
        path: roll(PATHS.len()),
        query: roll(QUERIES.len()),
        language: roll(LANGUAGES.len()),
        cookie: roll(COOKIES.len()),
        is_head: roll(5) == 0,
    }
}

impl Caller {
    fn head(&self) -> Parts {
        let method = if self.is_head { "HEAD" } else { "GET" };
        let mut fields = vec![("host", HOSTS[self.host])];
        fields.extend(
            LANGUAGES[self.language]
                .iter()
                .map(|language| ("accept-language", *language)),
        );
        if self.cookie > 0 {
            fields.push(("cookie", COOKIES[self.cookie]));
        }
        head(method, &format!("{}{}", PATHS[self.path], QUERIES[self.query]), &fields)
    }

    fn context(&self) -> RequestContext {
        context("read", self.token.map(|token| TOKENS[token]))
    }

    /// All that an answer to this request may depend on.
    fn name(&self) -> String {
        let host = HOSTS[self.host].to_lowercase();
        let (target, cookie) = ((PATHS[self.path], QUERIES[self.query]), COOKIES[self.cookie]);
        let token = self.token.map(|token| TOKENS[token]);
        format!("{token:?} {host} {target:?} {:?} {cookie}", LANGUAGES[self.language])
    }
}

// fault 72
#[tokio::test]
async fn of_a_hundred_thousand_pairs_none_is_given_the_others_answer() {
    let mut random = 72_u64;
    let mut roll = |of: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % of
    };
    let cache = cache_of(|bounds| bounds.cache_answers_max = 1_000);
    let (mut now_ms, mut hits, mut told_whom) = (0, 0, HashMap::<String, usize>::new());
    for _ in 0..PAIRS {
        for _ in 0..2 {
            let (caller, says) = (caller(&mut roll), roll(SAYS.len()));
            now_ms += roll(20) as u64;
            let name = caller.name();
            let upstream = |head: &Parts| match head.method {
                Method::HEAD => answer("", SAYS[says]),
                _ => answer(&name, SAYS[says]),
            };
            let seen = caller.context();
            let (told, outcome) = ask(&cache, &plan(), &seen, caller.head(), after(now_ms), upstream).await;
            assert_eq!(told, if caller.is_head { "" } else { &*name }, "{outcome:?}");
            if let Outcome::Hit { .. } = outcome {
                hits += 1;
                *told_whom.entry(name).or_default() += 1;
            }
        }
    }
    let kinds = told_whom.len();
    assert!(
        hits > PAIRS / 50 && kinds > 500,
        "{hits} hits of {kinds} kinds try too little"
    );
}
