use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn a_hub_record_of_eighteen_values_is_answered_with_all_twenty_two() {
    let record = json!([
        1700000000, 0.1, 0.5, 1.2, 200, 3, 1013.2, 18.5, 60, 1000, 0.4, 80, 0.2, 1, 0, 0, 2.6, 1
    ]);
    let reading = Reading::from_record(RecordKind::St, record.as_array().unwrap()).unwrap();
    let back = reading.to_record(RecordKind::St);
    assert_eq!(back.len(), FIELDS);
    assert_eq!(back[..18], record.as_array().unwrap()[..]);
    assert!(back[18..].iter().all(Value::is_null));
}

#[test]
fn a_value_that_is_no_number_is_named_by_its_place() {
    let record = json!([1700000000, 835.0, "warm", 45, 0, 0, 3.46, 1]);
    let error = Reading::from_record(RecordKind::Air, record.as_array().unwrap()).unwrap_err();
    assert_eq!(error, "value 2: found \"warm\", expected a number or null");
}

#[test]
fn a_short_record_is_refused_with_both_lengths() {
    let error = Reading::from_record(RecordKind::Sky, &[json!(1)]).unwrap_err();
    assert_eq!(error, "found 1 values, obs_sky has 14 or more");
}

#[test]
fn an_air_and_a_sky_make_one_reading() {
    let mut air = Reading::at(5);
    air.set(Field::Pressure, Some(1000.0));
    let mut sky = Reading::at(6);
    sky.set(Field::Pressure, Some(1.0));
    sky.set(Field::WindAvg, Some(2.0));
    air.fill_from(&sky);
    assert_eq!(
        (air.get(Field::Pressure), air.get(Field::WindAvg)),
        (Some(1000.0), Some(2.0))
    );
}

fn kinds() -> impl Strategy<Value = RecordKind> {
    prop_oneof![Just(RecordKind::St), Just(RecordKind::Air), Just(RecordKind::Sky)]
}

proptest! {
    #[test]
    fn every_record_survives_the_store(
        kind in kinds(),
        epoch in 1i64..4_000_000_000,
        values in prop::collection::vec(prop::option::of(-1e6f64..1e6), FIELDS),
    ) {
        let mut record = vec![json!(epoch)];
        record.extend(kind.fields().iter().zip(&values).map(|(_, value)| number(*value)));
        let reading = Reading::from_record(kind, &record).unwrap();
        let stored: Vec<Value> = serde_json::from_str(&Value::from(reading.to_record(kind)).to_string()).unwrap();
        prop_assert_eq!(stored, record);
    }
}
