use super::*;

crate::bounds! {
    /// Bounds of a part.
    pub struct Bounds {
        /// Seats at one time.
        /// Standing callers are not among them.
        seats_max: u32 = 4 in 1..=1_000,
        /// Seconds a seat is kept.
        seat_timeout: Duration = 10 in 1..=3_600 as seat_timeout_s,
        /// Milliseconds of a wait for one.
        wait_max: Duration = 250 in 0..=60_000 as wait_ms,
        derived {
            /// Feet at one time.
            feet_max: u32 = seats_max * 2,
        }
    }
}

#[test]
fn a_declaration_gives_defaults_keys_and_the_operators_words() {
    let (seats_max, seat_timeout, wait_max) = (4, Duration::from_secs(10), Duration::from_millis(250));
    let expected = Bounds {
        seats_max,
        seat_timeout,
        wait_max,
        feet_max: 8,
    };
    assert_eq!(Bounds::default(), expected);
    let keys: Vec<&str> = Bounds::BOUNDS.iter().map(|bound| bound.key).collect();
    assert_eq!(keys, ["seats_max", "seat_timeout_s", "wait_ms"]);
    assert_eq!(Bounds::BOUNDS[0].doc.trim(), "Seats at one time.");
}

#[test]
fn a_number_that_is_set_counts_and_is_named_as_a_difference() {
    let before = Numbers::defaults(Bounds::BOUNDS);
    let mut after = before.clone();
    after.set("wait_ms", 7);
    after.set("of_nobody", 7);
    assert_eq!(Bounds::of(&after).wait_max, Duration::from_millis(7));
    assert_eq!(Bounds::of(&after).seats_max, 4);
    assert_eq!(before.differing(&after), ["wait_ms"]);
    assert_eq!(before.differing(&before.clone()), [""; 0]);
}
