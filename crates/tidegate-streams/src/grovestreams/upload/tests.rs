use tidegate_core::{
    payload::{
        Bounded, PayloadKind,
        excess::{Excess, Of, SampleIndex},
    },
    testing,
};

use super::*;

const NOW_MS: i64 = 1_795_348_800_000;

fn limit(kind: PayloadKind, quota: u32) -> Bounded {
    testing::payload_limit(kind, quota).bounded()
}

fn upload() -> Upload {
    Upload::new(vec![
        limit(PayloadKind::StringChars, 255),
        limit(PayloadKind::Subsecond, 5),
        limit(PayloadKind::Samples, 1_000),
        limit(PayloadKind::Streams, 100),
    ])
}

/// Reads a body in parts of this length; the samples it carries.
fn read_in(body: &str, length: usize) -> Result<u64, Stop> {
    let mut upload = upload();
    let mut reader = FeedReader::new(NOW_MS);
    for part in body.as_bytes().chunks(length) {
        reader.read(part, &mut upload)?;
    }
    reader.end(&mut upload)?;
    Ok(upload.samples())
}

fn read(body: &str) -> Result<u64, Stop> {
    let whole = read_in(body, usize::MAX);
    for length in [1, 2, 7] {
        let cut = read_in(body, length);
        assert_eq!(
            whole.is_ok(),
            cut.is_ok(),
            "{body}: {whole:?}, but in parts of {length}: {cut:?}"
        );
    }
    whole
}

fn over(body: &str) -> Box<Excess> {
    match read(body) {
        Err(Stop::TooMuch(excess)) => excess,
        other => panic!("{body}: {other:?}"),
    }
}

fn element(data: &str, time: &str) -> String {
    format!(r#"{{"compId":"kitchen","streamId":"temp","data":{data},"time":{time}}}"#)
}

/// Builds a list of samples, `apart_ms` milliseconds from each to the next.
fn list(samples: i64, apart_ms: i64) -> String {
    let elements: Vec<String> = (0..samples)
        .map(|n| element("1", &(NOW_MS + n * apart_ms).to_string()))
        .collect();
    format!("[{}]", elements.join(","))
}

// docs/platforms/grovestreams.md G10, docs/semantics.md rule 17
#[test]
fn sub_second_samples_are_counted_over_the_seconds_they_touch() {
    assert_eq!(read(&list(50, 200)), Ok(50));
    assert!(read(&list(51, 199)).is_err(), "51 inside less than ten seconds");
    assert_eq!(read(&list(51, 200)), Ok(51), "51 that span exactly ten seconds");
    let over = over(&list(6, 0));
    assert_eq!((&*over.limit, over.asked, over.allowed), ("subsecond", Some(6), 5));
    assert!(over.sentence().contains("`temp` of `kitchen`"), "{}", over.sentence());
}

#[test]
fn lists_of_values_and_times_count_as_their_samples_do() {
    let times: Vec<String> = (0..55).map(|n| (NOW_MS + 10_000 * (n % 2)).to_string()).collect();
    let body = |samples: usize| {
        let data = vec!["1.5"; samples].join(",");
        format!(
            "[{}]",
            element(
                &format!("[{data}]"),
                &format!("[{}]", times[..samples.min(55)].join(","))
            )
        )
    };
    assert_eq!(read(&body(55)), Ok(55));
    assert!(read(&body(56)).is_err());
}

#[test]
fn several_streams_of_one_body_count_by_themselves_in_any_order() {
    let of = |stream: &str, time: i64| format!(r#"{{"data":true,"time":{time}e0,"streamId":"{stream}","compId":"c"}}"#);
    let mut elements: Vec<String> = Vec::new();
    for n in 0..5 {
        elements.extend(["a", "b", "c"].map(|stream| of(stream, 1_000 + n)));
    }
    assert_eq!(read(&format!("[{}]", elements.join(","))), Ok(15));
    elements.insert(0, of("b", 1_999));
    assert!(read(&format!("[{}]", elements.join(","))).is_err());
    elements.push(of("b", 3_000));
    assert!(
        read(&format!("[{}]", elements.join(","))).is_ok(),
        "a later time makes room for all of them"
    );
}

#[test]
fn samples_without_a_time_are_of_now() {
    let body = |samples| {
        format!(
            "[{}]",
            vec![r#"{"compId":"c","streamId":"s","data":1}"#; samples].join(",")
        )
    };
    assert_eq!(read(&body(5)), Ok(5));
    assert!(read(&body(6)).is_err());
}

// docs/platforms/grovestreams.md G9
#[test]
fn a_string_has_at_most_255_characters_whatever_they_are() {
    for character in ["x", "é", "水", "😀", "\\n", "\\u00e9", "\\ud83d\\ude00"] {
        let fits = format!("[{}]", element(&format!("\"{}\"", character.repeat(255)), "1"));
        assert_eq!(read(&fits), Ok(1), "{character}");
        let over = over(&format!(
            "[{},{}]",
            element("1", "1"),
            element(&format!("\"{}\"", character.repeat(256)), "1")
        ));
        assert_eq!(
            (&*over.limit, over.asked, over.allowed),
            ("string_chars", Some(256), 255),
            "{character}"
        );
        let Of::StringChars(Some(label), index) = over.of else {
            panic!("{over:?}")
        };
        assert_eq!(
            (&*label.component, &*label.stream, index),
            ("kitchen", "temp", SampleIndex(1))
        );
    }
}

#[test]
fn a_string_that_is_too_long_is_refused_where_it_is_though_its_end_is_to_come() {
    let mut upload = upload();
    let mut reader = FeedReader::new(NOW_MS);
    let body = format!(r#"[{{"compId":"c","streamId":"s","data":"{}"#, "x".repeat(300));
    let Err(Stop::TooMuch(over)) = reader.read(body.as_bytes(), &mut upload) else {
        panic!("{body} passed")
    };
    assert_eq!((&*over.limit, over.allowed), ("string_chars", 255));
}

#[test]
fn only_samples_are_measured_and_not_the_names_around_them() {
    let long = "y".repeat(300);
    assert_eq!(
        read(&format!(
            r#"[{{"compId":"c","compName":"{long}","{long}":"{long}","streamId":"s","data":1}}]"#
        )),
        Ok(1)
    );
}

const ADVANCED: &str = r#"{"feed":{"component":[{"componentId":"c","defaults":{"name":"C","time":[9]},
    "stream":[{"streamId":"a","data":[DATA]},{"data":[1,null],"streamId":"b","time":[5,6000]}],"time":[TIMES]}]}}"#;

#[test]
fn the_document_of_the_advanced_api_is_read_with_times_of_its_components() {
    let body = |data: &str, times: &str| ADVANCED.replace("DATA", data).replace("TIMES", times);
    assert_eq!(read(&body("1,2,3,4,5", "7,7,7,7,7")), Ok(7));
    let over_one = over(&body("1,2,3,4,5,6", "7,7,7,7,7,7"));
    assert!(over_one.sentence().contains("`a` of `c`"), "{}", over_one.sentence());
    assert_eq!(read(&body("1,2,3,4,5,6", "7,7,7,7,7,1007")), Ok(8));
    let long = format!("\"{}\"", "x".repeat(256));
    assert_eq!(&*over(&body(&long, "1")).limit, "string_chars");
}

#[test]
fn a_key_is_what_it_says_however_it_is_written() {
    let body = r#"[{"c\u006fmpId":"c","streamId":"s","d\u0061ta":["LONG"]}]"#.replace("LONG", &"x".repeat(256));
    assert_eq!(&*over(&body).limit, "string_chars");
}

// Of a member that stands twice one reader takes the first and another one the last.
#[test]
fn a_member_of_meaning_that_stands_twice_is_not_read() {
    for body in [
        r#"[{"compId":"c","streamId":"s","data":1,"data":2}]"#,
        r#"[{"compId":"c","componentId":"d","streamId":"s","data":1}]"#,
        r#"{"feed":{},"feed":{}}"#,
    ] {
        assert_eq!(
            read(body),
            Err(Stop::Unclear("a member that stands twice in its object")),
            "{body}"
        );
    }
    assert_eq!(read(r#"[{"compId":"c","streamId":"s","data":1,"x":1,"x":2}]"#), Ok(1));
}

#[test]
fn what_is_no_document_is_not_read() {
    assert!(matches!(read("[{},"), Err(Stop::Malformed(_))));
    let time = "1".repeat(33);
    assert!(matches!(
        read(&format!("[{}]", element("1", &time))),
        Err(Stop::Unclear(_))
    ));
    let id = "x".repeat(ID_BYTES_MAX);
    assert_eq!(
        read(&format!(r#"[{{"compId":"{id}","streamId":"s","data":1}}]"#)),
        Ok(1)
    );
    assert!(matches!(
        read(&format!(r#"[{{"compId":"{id}x","streamId":"s","data":1}}]"#)),
        Err(Stop::Unclear(_))
    ));
    assert_eq!(read(" \n"), Ok(0));
    assert_eq!(read("7"), Ok(0));
}

#[test]
fn samples_and_streams_are_counted_over_the_whole_body() {
    let body = |streams: usize| {
        let elements: Vec<String> = (0..streams)
            .map(|n| format!(r#"{{"compId":"c","streamId":"s{n}","data":[1,2,3,4,5]}}"#))
            .collect();
        format!("[{}]", elements.join(","))
    };
    assert_eq!(read(&body(100)), Ok(500));
    assert_eq!(
        (&*over(&body(101)).limit, over(&body(101)).asked),
        ("streams", Some(101))
    );
    let many = format!(
        r#"[{{"compId":"c","streamId":"s","data":[{}]}}]"#,
        vec!["1"; 1_001].join(",")
    );
    assert_eq!((&*over(&many).limit, over(&many).asked), ("samples", Some(1_001)));
}

#[test]
fn a_query_carries_samples_too() {
    let told = |query: &str| {
        let mut upload = upload();
        read_query(Some(query), NOW_MS, &mut upload).map(|()| upload.samples())
    };
    assert_eq!(told("api_key=k&compId=c&a=1&b=2&time=5"), Ok(2));
    assert_eq!(told("itemsById=[]&a=1"), Ok(0), "nothing is put without a component");
    assert_eq!(told(&format!("compId=c&s={}", "%F0%9F%98%80".repeat(255))), Ok(1));
    let over = told(&format!("compId=c&a=1&s={}", "x".repeat(256))).unwrap_err();
    let Of::StringChars(Some(label), index) = &over.of else {
        panic!("{over:?}")
    };
    assert_eq!((&*label.stream, *index), ("s", SampleIndex(1)));
    assert_eq!(told(&format!("compId=c{}", "&a=1".repeat(5))), Ok(5));
    assert_eq!(
        &*told(&format!("compId=c{}", "&a=1".repeat(6))).unwrap_err().limit,
        "subsecond"
    );
}
