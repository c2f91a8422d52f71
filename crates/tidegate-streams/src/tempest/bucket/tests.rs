use super::*;
use proptest::prelude::*;

fn reading(epoch_s: i64, values: &[(Field, f64)]) -> Reading {
    let mut reading = Reading::at(epoch_s);
    for (field, value) in values {
        reading.set(*field, Some(*value));
    }
    reading
}

fn bucketed(bucket: Bucket, readings: &[Reading]) -> Vec<Reading> {
    let mut buckets = Buckets::new(bucket, LocalDays::in_zone("UTC"), |full, _| full.reading());
    readings.iter().for_each(|reading| buckets.push(reading));
    buckets.finish()
}

#[test]
fn rain_adds_up_gusts_peak_lulls_bottom_and_the_rest_averages() {
    let full = bucketed(
        Bucket::Minutes(5),
        &[
            reading(
                300,
                &[
                    (Field::Rain, 0.2),
                    (Field::WindGust, 5.0),
                    (Field::WindLull, 1.0),
                    (Field::AirTemperature, 10.0),
                ],
            ),
            reading(
                360,
                &[
                    (Field::Rain, 0.3),
                    (Field::WindGust, 9.0),
                    (Field::WindLull, 0.5),
                    (Field::AirTemperature, 11.0),
                ],
            ),
            reading(600, &[(Field::Rain, 0.1)]),
        ],
    );
    assert_eq!(full.len(), 2);
    assert_eq!((full[0].epoch_s, full[1].epoch_s), (300, 600));
    let get = |field| full[0].get(field).unwrap();
    assert_eq!(get(Field::Rain), 0.5);
    assert_eq!(get(Field::WindGust), 9.0);
    assert_eq!(get(Field::WindLull), 0.5);
    assert_eq!(get(Field::AirTemperature), 10.5);
    assert_eq!(full[0].get(Field::Pressure), None);
}

#[test]
fn directions_either_side_of_north_average_to_north() {
    let full = bucketed(
        Bucket::Minutes(5),
        &[
            reading(0, &[(Field::WindDirection, 350.0), (Field::WindAvg, 2.0)]),
            reading(60, &[(Field::WindDirection, 10.0), (Field::WindAvg, 2.0)]),
        ],
    );
    assert_eq!(full[0].get(Field::WindDirection), Some(0.0));
}

#[test]
fn strike_distance_is_weighted_by_strikes() {
    let full = bucketed(
        Bucket::Minutes(5),
        &[
            reading(0, &[(Field::StrikeCount, 3.0), (Field::StrikeDistance, 10.0)]),
            reading(60, &[(Field::StrikeCount, 0.0), (Field::StrikeDistance, 0.0)]),
            reading(120, &[(Field::StrikeCount, 1.0), (Field::StrikeDistance, 30.0)]),
        ],
    );
    assert_eq!(full[0].get(Field::StrikeCount), Some(4.0));
    assert_eq!(full[0].get(Field::StrikeDistance), Some(15.0));
}

fn check_bucket(query: &str, range_s: i64, expected: Option<Bucket>) {
    let found = Bucket::from_query(&Query::parse(Some(query)).unwrap(), range_s);
    assert_eq!(found.ok(), expected, "{query} over {range_s}");
}

#[test]
fn minutes_letters_and_ranges_choose_the_same_buckets() {
    check_bucket("bucket=1", 0, Some(Bucket::Raw));
    check_bucket("bucket=c", 0, Some(Bucket::Minutes(30)));
    check_bucket("bucket=e", 0, Some(Bucket::Day));
    check_bucket("bucket=7", 0, None);
    check_bucket("", DAY_S, Some(Bucket::Raw));
    check_bucket("", DAY_S + 1, Some(Bucket::Minutes(5)));
    check_bucket("", 30 * DAY_S, Some(Bucket::Minutes(30)));
    check_bucket("", 180 * DAY_S, Some(Bucket::Minutes(180)));
    check_bucket("", 181 * DAY_S, Some(Bucket::Day));
}

proptest! {
    #[test]
    fn no_bucket_loses_or_invents_rain(rains in prop::collection::vec(0u32..100, 1..300)) {
        let readings: Vec<_> = rains.iter().enumerate()
            .map(|(minute, rain)| reading(minute as i64 * 60, &[(Field::Rain, f64::from(*rain) / 10.0)]))
            .collect();
        let total: f64 = bucketed(Bucket::Minutes(30), &readings).iter().filter_map(|r| r.get(Field::Rain)).sum();
        let expected = f64::from(rains.iter().sum::<u32>()) / 10.0;
        prop_assert!((total - expected).abs() < 1e-6);
        prop_assert_eq!(bucketed(Bucket::Raw, &readings), readings);
    }
}
