use super::*;
use crate::live::{Fact, Origin};

fn batch(device_id: i64, epochs: std::ops::Range<i64>) -> Batch {
    let mut batch = Batch::default();
    let origin = Arc::new(Origin {
        serial: "ST-1".into(),
        hub_sn: None,
        firmware: None,
    });
    for epoch_s in epochs {
        let origin = Arc::clone(&origin);
        let fact = Fact::Precip { epoch_s };
        batch.push(
            Note {
                device_id,
                origin,
                fact,
            },
            0,
        );
    }
    batch
}

fn told(inbox: &Inbox) -> Vec<String> {
    std::iter::from_fn(|| inbox.next())
        .map(|delivery| match delivery {
            Delivery::Dropped { device_id, count } => format!("{device_id} lost {count}"),
            Delivery::Event(event) => match event.note.fact {
                Fact::Precip { epoch_s } => format!("{}@{epoch_s}", event.note.device_id),
                _ => panic!("only rain is told here"),
            },
        })
        .collect()
}

#[test]
fn devices_take_turns_and_each_keeps_its_order() {
    let inbox = Inbox::default();
    inbox.open(1);
    inbox.open(2);
    inbox.put(1, &batch(1, 0..3));
    inbox.put(2, &batch(2, 7..8));
    assert_eq!(told(&inbox), ["1@0", "2@7", "1@1", "1@2"]);
    assert!(inbox.next().is_none());
}

#[test]
fn a_full_queue_keeps_the_newest_and_says_once_what_is_lost() {
    let inbox = Inbox::default();
    inbox.open(1);
    let max = MAILBOX_EVENTS_MAX as i64;
    inbox.put(1, &batch(1, 0..max));
    inbox.put(1, &batch(1, max..max + 5));
    let told = told(&inbox);
    assert_eq!(told.len(), MAILBOX_EVENTS_MAX + 1);
    assert_eq!(&told[..2], ["1 lost 5", "1@5"]);
    assert_eq!(told.last().unwrap(), &format!("1@{}", max + 4));
}

#[test]
fn a_write_of_more_than_a_queue_is_counted_without_being_made_into_events() {
    let inbox = Inbox::default();
    inbox.open(1);
    let large = batch(1, 0..10_000);
    assert_eq!(large.events.len(), MAILBOX_EVENTS_MAX);
    inbox.put(1, &large);
    assert_eq!(told(&inbox)[..2], ["1 lost 9936".to_owned(), "1@9936".to_owned()]);
}

#[test]
fn what_waits_of_a_device_goes_with_it() {
    let inbox = Inbox::default();
    inbox.open(1);
    inbox.open(2);
    inbox.put(1, &batch(1, 0..3));
    inbox.put(2, &batch(2, 0..1));
    inbox.close(1);
    inbox.put(1, &batch(1, 3..4));
    inbox.open(1);
    inbox.put(1, &batch(1, 4..5));
    assert_eq!(told(&inbox), ["2@0", "1@4"]);
}

#[test]
fn an_idle_mailbox_is_small() {
    let inbox = Inbox::default();
    inbox.open(1);
    inbox.put(1, &batch(1, 0..64));
    told(&inbox);
    let mail = inbox.mail.lock();
    assert_eq!(mail.by_device[&1].events.capacity(), 0, "its memory is given back");
    let bytes = size_of::<Inbox>() + mail.by_device.capacity() * size_of::<(i64, Queue)>();
    assert!(bytes <= 400, "{bytes} bytes");
}
