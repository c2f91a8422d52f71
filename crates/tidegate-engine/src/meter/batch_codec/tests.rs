use proptest::prelude::*;

use super::*;

const ID: BatchId = BatchId {
    node: 1,
    epoch: 2,
    seq: 3,
};

fn entry() -> impl Strategy<Value = Entry> {
    let name = || prop::option::of("[a-zé ]{0,40}".prop_map(|name| Arc::from(name.as_str())));
    let values = prop::array::uniform9(any::<u64>());
    // Records of an earlier version name a month alone.
    let when = prop_oneof![
        (0_u32..120_000).prop_map(|month| When::Month(Month::numbered(month).unwrap())),
        (0_u32..3_652_425).prop_map(|day| When::Day(Day::numbered(day).unwrap())),
    ];
    (name(), name(), name(), when, values).prop_map(|(tenant, user, route, when, values)| Entry {
        payer: Payer { tenant, user, route },
        when,
        sums: Sums::from_values(values),
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(entries in prop::collection::vec(entry(), 0..30)) {
        let mut bytes = Vec::new();
        prop_assert_eq!(write(ID, &entries, &mut bytes), entries.len());
        prop_assert_eq!(read(&bytes), Some(Batch { id: ID, entries }));
    }

    #[test]
    fn whatever_bytes_come_they_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }
}

#[test]
fn names_of_any_length_fit_and_a_batch_fits_a_chunk() {
    let long: Arc<str> = "é".repeat(100_000).into();
    let entry = Entry {
        payer: Payer {
            tenant: Some(long.clone()),
            user: Some(long.clone()),
            route: Some(long),
        },
        when: When::Day(Day::of(0)),
        sums: Sums::default(),
    };
    let entries = vec![entry; 100];
    let mut bytes = Vec::new();
    let written = write(ID, &entries, &mut bytes);
    assert!(
        written > 10 && written < 100 && bytes.len() <= PAYLOAD_BYTES_MAX,
        "{written} in {} bytes",
        bytes.len()
    );
    let read = read(&bytes).unwrap();
    assert_eq!(read.entries.len(), written);
    assert_eq!(read.entries[0].payer.user.as_ref().unwrap().len(), NAME_BYTES_MAX);
}
