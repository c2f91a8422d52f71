use super::*;

fn wind(device_id: i64, epoch_s: i64) -> Note {
    note(
        device_id,
        Fact::RapidWind {
            epoch_s,
            speed_mps: 1.0,
            direction: 2.0,
        },
    )
}

fn rain(device_id: i64, epoch_s: i64) -> Note {
    note(device_id, Fact::Precip { epoch_s })
}

fn note(device_id: i64, fact: Fact) -> Note {
    let origin = Arc::new(Origin {
        serial: "ST-1".into(),
        hub_sn: None,
        firmware: None,
    });
    Note {
        device_id,
        origin,
        fact,
    }
}

fn epochs(seat: &Seat) -> Vec<i64> {
    let told = std::iter::from_fn(|| seat.next()).map(|delivery| match delivery {
        Delivery::Event(event) => match event.note.fact {
            Fact::Precip { epoch_s } | Fact::RapidWind { epoch_s, .. } => epoch_s,
            _ => panic!("only wind and rain are told here"),
        },
        Delivery::Dropped { count, .. } => -(count as i64),
    });
    told.collect()
}

#[test]
fn a_thousand_listeners_of_one_device_hear_everything_once_and_in_order() {
    let live = Arc::<Live>::default();
    let seats: Vec<Seat> = (0..1_000).map(|_| live.seat()).collect();
    for seat in &seats {
        seat.listen(1, Feed::Observations).unwrap();
        seat.listen(1, Feed::Observations).unwrap();
    }
    for epoch_s in 0..50 {
        live.publish(vec![rain(1, epoch_s), rain(2, epoch_s)], 0);
    }
    for seat in &seats {
        assert_eq!(epochs(seat), (0..50).collect::<Vec<i64>>());
    }
    assert_eq!(live.listeners(1), 1_000);
    drop(seats);
    assert!(!live.has_listeners(), "dropped listeners give their places back");
}

#[test]
fn a_listener_hears_the_feeds_it_chose_and_no_others() {
    let live = Arc::<Live>::default();
    let (rain_only, both) = (live.seat(), live.seat());
    rain_only.listen(1, Feed::Observations).unwrap();
    both.listen(1, Feed::Observations).unwrap();
    both.listen(1, Feed::RapidWind).unwrap();
    live.publish(vec![rain(1, 10)], 0);
    live.publish(vec![wind(1, 11)], 0);
    both.leave(1, Feed::RapidWind);
    live.publish(vec![wind(1, 12)], 0);
    live.publish(vec![rain(1, 13)], 0);
    assert_eq!(epochs(&rain_only), [10, 13]);
    assert_eq!(epochs(&both), [10, 11, 13]);
    both.leave(1, Feed::Observations);
    both.leave(1, Feed::Observations);
    assert_eq!(live.listeners(1), 1);
}

#[test]
fn a_slow_listener_delays_no_other() {
    let live = Arc::<Live>::default();
    let (slow, quick) = (live.seat(), live.seat());
    slow.listen(1, Feed::Observations).unwrap();
    quick.listen(1, Feed::Observations).unwrap();
    for epoch_s in 0..100 {
        live.publish(vec![rain(1, epoch_s)], 0);
        assert_eq!(epochs(&quick), [epoch_s]);
    }
    let told = epochs(&slow);
    assert_eq!((told[0], told[1], told.len()), (-36, 36, MAILBOX_EVENTS_MAX + 1));
    live.publish(vec![rain(1, 100)], 0);
    assert_eq!(epochs(&slow), [100], "what was lost is said once");
}

#[test]
fn a_devices_listeners_are_bounded_and_a_place_that_is_left_is_free() {
    let live = Arc::<Live>::default();
    let mut seats: Vec<Seat> = (0..LISTENERS_PER_DEVICE_MAX).map(|_| live.seat()).collect();
    for seat in &seats {
        seat.listen(1, Feed::RapidWind).unwrap();
    }
    let late = live.seat();
    assert_eq!(late.listen(1, Feed::RapidWind), Err(Crowded));
    assert_eq!(
        seats[0].listen(1, Feed::Observations),
        Ok(()),
        "who is in may hear more"
    );
    assert_eq!(late.listen(2, Feed::RapidWind), Ok(()));
    seats.pop();
    assert_eq!(late.listen(1, Feed::RapidWind), Ok(()));
}

#[tokio::test]
async fn what_arrives_between_looking_and_waiting_is_not_missed() {
    let live = Arc::<Live>::default();
    let seat = live.seat();
    seat.listen(1, Feed::Observations).unwrap();
    assert!(seat.next().is_none());
    live.publish(vec![rain(1, 5)], 0);
    seat.ready().await;
    assert_eq!(epochs(&seat), [5]);
}
