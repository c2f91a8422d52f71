use http::{HeaderName, HeaderValue};

use super::*;

/// Makes a rule under which answers are fresh for ten seconds where nothing is said, and which listens to these fields.
fn ten(targets: &[&'static str]) -> CacheRule {
    CacheRule {
        fresh_for: Duration::from_secs(10),
        targets: targets.iter().map(|name| HeaderName::from_static(name)).collect(),
    }
}

fn fields(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn kept(lines: &[(&str, &str)]) -> Result<u64, Unkept> {
    lifetime(StatusCode::OK, &fields(lines), false, &ten(&[])).map(|lifetime| lifetime.fresh_for.as_secs())
}

fn checks(lines: &[(&str, &str)]) -> Result<Wish, Bypass> {
    wish(&Method::GET, &fields(lines), false)
}

#[test]
fn an_answer_that_says_nothing_is_fresh_as_the_route_says_and_else_as_it_says() {
    assert_eq!(kept(&[]), Ok(10));
    for (lines, secs) in [
        (&[("cache-control", "max-age=3")][..], 3),
        (&[("cache-control", "MAX-AGE=\"3\"")], 3),
        (&[("cache-control", "max-age=3, s-maxage=7")], 7),
        (&[("cache-control", "max-age=99999999999999999999")], 1 << 31),
        (&[("cache-control", "max-age=9"), ("cache-control", "max-age=3")], 3),
        (&[("cache-control", "ext=\"max-age=5, no-store\"")], 10),
        (
            &[
                ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                ("expires", "Sun, 06 Nov 1994 08:49:57 GMT"),
            ],
            20,
        ),
        (
            &[
                ("date", "Sunday, 06-Nov-94 08:49:37 GMT"),
                ("expires", "Sun Nov  6 08:49:42 1994"),
            ],
            5,
        ),
        (&[("cache-control", "max-age=4"), ("expires", "0")], 4),
        (&[("age", "1.5")], 10),
        (&[("cdn-cache-control", "max-age=99")], 10),
    ] {
        assert_eq!(kept(lines), Ok(secs), "{lines:?}");
    }
}

// fault 73
#[test]
fn what_a_shared_cache_must_not_keep_is_not_kept_however_it_is_written() {
    for (lines, why) in [
        (&[("cache-control", "no-store")][..], Unkept::NoStore),
        (&[("cache-control", "No-Store")], Unkept::NoStore),
        (
            &[("cache-control", "public"), ("cache-control", " max-age=9 , no-store ")],
            Unkept::NoStore,
        ),
        (&[("cache-control", "private, max-age=60")], Unkept::Private),
        (&[("cache-control", "private=\"set-cookie\"")], Unkept::Private),
        (&[("cache-control", "no-cache, max-age=60")], Unkept::NoCache),
        (&[("pragma", "no-cache")], Unkept::NoCache),
        (
            &[("set-cookie", "a=b"), ("cache-control", "public, max-age=60")],
            Unkept::SetCookie,
        ),
        (&[("vary", "accept, *")], Unkept::Vary),
        (&[("vary", "not a name")], Unkept::Vary),
        (&[("content-range", "bytes 0-1/2")], Unkept::Status),
        (&[("cache-control", "max-age=0")], Unkept::Stale),
        (&[("cache-control", "max-age=-5")], Unkept::Stale),
        (&[("cache-control", "max-age=abc")], Unkept::Stale),
        (&[("cache-control", "max-age")], Unkept::Stale),
        (&[("age", "10")], Unkept::Stale),
        (&[("expires", "0")], Unkept::Stale),
        (
            &[
                ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                ("expires", "Sun, 06  Nov 1994 08:49:57 GMT"),
            ],
            Unkept::Stale,
        ),
        (
            &[("cdn-cache-control", "no-store"), ("cache-control", "max-age=9")],
            Unkept::NoStore,
        ),
        (&[("expires", "Sun, 06 Nov 2994 08:49:37 GMT")], Unkept::Stale),
    ] {
        assert_eq!(kept(lines), Err(why), "{lines:?}");
    }
}

// fault 75
#[test]
fn no_error_and_no_part_is_kept_whatever_it_says() {
    let says = fields(&[("cache-control", "public, max-age=60")]);
    for status in 200..600 {
        let status = StatusCode::from_u16(status).unwrap();
        let is_kept = lifetime(status, &says, false, &ten(&[])).is_ok();
        assert_eq!(
            is_kept,
            [200, 203, 204, 300, 301, 308].contains(&status.as_u16()),
            "{status}"
        );
    }
}

/// Returns the lifetime at a cache that takes these fields as meant for it.
fn kept_at(targets: &[&'static str], lines: &[(&str, &str)]) -> Result<u64, Unkept> {
    let found = lifetime(StatusCode::OK, &fields(lines), false, &ten(targets));
    found.map(|lifetime| lifetime.fresh_for.as_secs())
}

// RFC 9213 2.2 and 3.1
#[test]
fn a_field_that_speaks_to_this_cache_counts_instead_of_what_is_said_to_all() {
    let no_store = ("cache-control", "no-store, private, no-cache");
    let past = ("expires", "0");
    for (line, found) in [
        ("max-age=99", Ok(99)),
        ("MAX-age=99", Err(Unkept::NoStore)),
        ("max-age=99, s-maxage=5", Ok(5)),
        ("max-age=99;why=1, other=(a b), public", Ok(99)),
        ("max-age=99999999999", Ok(1 << 31)),
        ("none", Ok(10)),
        ("", Err(Unkept::NoStore)),
        ("max-age = 99", Err(Unkept::NoStore)),
        ("max-age=99, no-store", Err(Unkept::NoStore)),
        ("max-age=99, no-store=?0", Err(Unkept::NoStore)),
        ("max-age=99, private=\"set-cookie\"", Err(Unkept::Private)),
        ("max-age=99, no-cache", Err(Unkept::NoCache)),
        ("max-age=0", Err(Unkept::Stale)),
        ("max-age=\"99\"", Err(Unkept::Stale)),
        ("max-age=9.5", Err(Unkept::Stale)),
        ("max-age=-5", Err(Unkept::Stale)),
        ("max-age", Err(Unkept::Stale)),
    ] {
        let said = [no_store, past, ("pragma", "no-cache"), ("cdn-cache-control", line)];
        assert_eq!(kept_at(&["cdn-cache-control"], &said), found, "{line:?}");
        // A field that is not taken as meant for this cache allows nothing.
        assert!(kept(&said).is_err(), "{line:?}");
    }
    let two_lines = [
        no_store,
        ("cdn-cache-control", "a=1"),
        ("cdn-cache-control", "max-age=7"),
    ];
    assert_eq!(kept_at(&["cdn-cache-control"], &two_lines), Ok(7));
    let cookie = [("cdn-cache-control", "max-age=7"), ("set-cookie", "a=b")];
    assert_eq!(kept_at(&["cdn-cache-control"], &cookie), Err(Unkept::SetCookie));
}

// RFC 9213 2.2
#[test]
fn of_several_such_fields_the_first_of_the_list_that_can_be_read_counts() {
    let both = ["gate-cache-control", "cdn-cache-control"];
    let said = |gate: &'static str| {
        let lines = [
            ("cdn-cache-control", "max-age=60"),
            ("gate-cache-control", gate),
            ("cache-control", "max-age=1"),
        ];
        kept_at(&both, &lines)
    };
    assert_eq!((said("max-age=5"), said("no-store")), (Ok(5), Err(Unkept::NoStore)));
    assert_eq!((said(""), said("max-age=")), (Ok(60), Ok(60)));
    assert_eq!(kept_at(&both, &[("cache-control", "max-age=1")]), Ok(1));
}

#[test]
fn a_strangers_answer_for_all_is_said_so_to_this_cache_too() {
    let of = |value| {
        let said = fields(&[("cdn-cache-control", value), ("cache-control", "public")]);
        lifetime(StatusCode::OK, &said, true, &ten(&["cdn-cache-control"]))
    };
    assert_eq!(of("max-age=60"), Err(Unkept::Authorization));
    assert_eq!(of("max-age=60, public=?0"), Err(Unkept::Authorization));
    for value in ["max-age=60, public", "max-age=60, must-revalidate", "s-maxage=60"] {
        assert!(of(value).is_ok(), "{value}");
    }
}

#[test]
fn an_answer_to_a_strangers_authorization_is_kept_only_where_it_is_for_all() {
    let of = |value| lifetime(StatusCode::OK, &fields(&[("cache-control", value)]), true, &ten(&[]));
    assert_eq!(of("max-age=60"), Err(Unkept::Authorization));
    for value in ["max-age=60, public", "max-age=60, must-revalidate", "s-maxage=60"] {
        assert!(of(value).is_ok(), "{value}");
    }
}

#[test]
fn requests_that_no_kept_answer_can_serve_go_past() {
    for (lines, why) in [
        (&[("range", "bytes=0-1")][..], Bypass::Range),
        (&[("if-match", "\"a\"")], Bypass::Precondition),
        (&[("if-unmodified-since", "x")], Bypass::Precondition),
        (&[("if-range", "\"a\"")], Bypass::Precondition),
        (&[("cache-control", "no-store")], Bypass::NoStore),
    ] {
        assert_eq!(checks(lines), Err(why), "{lines:?}");
    }
    assert_eq!(wish(&Method::GET, &HeaderMap::new(), true), Err(Bypass::Body));
    assert_eq!(wish(&Method::POST, &HeaderMap::new(), false), Err(Bypass::Method));
    assert!(wish(&Method::HEAD, &HeaderMap::new(), false).is_ok());
}

// fault 77
#[test]
fn an_answer_does_until_its_time_is_over_and_as_the_request_wishes() {
    let ms = Duration::from_millis;
    let any = checks(&[]).unwrap();
    assert!(any.accepts(ms(9_999), ms(10_000)) && !any.accepts(ms(10_000), ms(10_000)));
    for value in ["no-cache", "max-age=0", "MAX-AGE=0"] {
        let anew = checks(&[("cache-control", value)]).unwrap();
        assert!(anew.is_anew() && !anew.accepts(ms(1), ms(10_000)), "{value}");
    }
    assert!(checks(&[("pragma", "no-cache")]).unwrap().is_anew());
    assert!(
        !checks(&[("pragma", "no-cache"), ("cache-control", "max-age=5")])
            .unwrap()
            .is_anew()
    );
    let young = checks(&[("cache-control", "max-age=5")]).unwrap();
    assert!(young.accepts(ms(5_000), ms(10_000)) && !young.accepts(ms(5_001), ms(10_000)));
    let long = checks(&[("cache-control", "min-fresh=4")]).unwrap();
    assert!(long.accepts(ms(5_999), ms(10_000)) && !long.accepts(ms(6_000), ms(10_000)));
}

#[test]
fn a_coded_answer_is_selected_by_what_the_request_accepts_also_unsaid() {
    let names = |lines: &[(&str, &str)]| selecting(&fields(lines)).unwrap();
    assert_eq!(names(&[("content-encoding", "gzip")]), ["accept-encoding"]);
    assert_eq!(names(&[("vary", "X-B, Accept , x-b"), ("vary", "")]), ["accept", "x-b"]);
}

#[test]
fn a_caller_has_an_answer_by_its_tag_and_else_by_its_date() {
    let answer = fields(&[("etag", "\"a,b\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")]);
    let has = |lines: &[(&str, &str)]| is_not_modified(&fields(lines), &answer);
    assert!(has(&[("if-none-match", "\"x\", W/\"a,b\"")]) && has(&[("if-none-match", "*")]));
    assert!(has(&[("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")]));
    assert!(!has(&[("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")]) && !has(&[("if-modified-since", "x")]));
    // The tag alone counts where one is asked for.
    assert!(!has(&[
        ("if-none-match", "\"a\""),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")
    ]));
    assert!(!has(&[]) && !is_not_modified(&fields(&[("if-none-match", "\"a\"")]), &HeaderMap::new()));
}
