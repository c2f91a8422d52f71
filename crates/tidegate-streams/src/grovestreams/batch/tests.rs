use super::*;

fn batch() -> Batch {
    Batch::new("t".into(), 1_000)
}

#[test]
fn an_id_at_the_bound_passes_and_one_character_more_does_not() {
    let full = "é".repeat(ID_CHARS_MAX);
    assert!(batch().stream(&full, None, &full).is_ok());
    let over = format!("{full}é");
    let error = batch().stream("c", None, &over).unwrap_err();
    assert!(error.starts_with("streamId: found 513 characters"), "{error}");
    assert_eq!(batch().stream("", None, "s").unwrap_err(), "compId is empty");
}

#[test]
fn streams_are_bounded_and_the_same_one_counts_once() {
    let mut batch = batch();
    for stream in 0..STREAMS_PER_PUT_MAX {
        batch.stream("c", None, &stream.to_string()).unwrap();
    }
    assert_eq!(batch.stream("c", None, "0"), Ok(0));
    assert!(batch.stream("c", None, "more").is_err());
}

#[test]
fn samples_are_bounded() {
    let mut batch = batch();
    let stream = batch.stream("c", None, "s").unwrap();
    for _ in 0..SAMPLES_PER_PUT_MAX {
        batch.add(stream, 0, None, Some(Datum::Boolean(true))).unwrap();
    }
    assert!(batch.add(stream, 0, None, Some(Datum::Boolean(true))).is_err());
}

#[test]
fn a_long_string_is_refused_and_null_is_kept_for_its_stream_to_read() {
    let mut batch = batch();
    let stream = batch.stream("c", None, "s").unwrap();
    let full = "x".repeat(TEXT_BYTES_MAX);
    batch.add(stream, 0, None, Some(Datum::Text(full.clone()))).unwrap();
    assert!(batch.add(stream, 1, None, Some(Datum::Text(full + "x"))).is_err());
    batch.add(stream, 2, None, None).unwrap();
    assert!(batch.add(stream, 3, Some(-1), Some(Datum::Boolean(true))).is_err());
    assert_eq!(batch.into_samples().samples.len(), 2);
}
