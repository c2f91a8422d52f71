use proptest::prelude::*;

use super::*;

const MARK: Mark = *b"test";

fn file_of(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    payloads.iter().for_each(|payload| seal(MARK, payload, &mut file));
    file
}

/// The payloads read, the damaged and the torn bytes.
fn read(file: &[u8]) -> (Vec<Vec<u8>>, u64, u64) {
    let mut chunks = Chunks::new(file, MARK);
    let mut read = Vec::new();
    while let Some(payload) = chunks.read().unwrap() {
        read.push(payload.to_vec());
    }
    (read, chunks.damaged_bytes(), chunks.torn_bytes())
}

#[test]
fn torn_off_at_any_byte_the_chunks_before_are_read() {
    let payloads: Vec<Vec<u8>> = (0..5_u8).map(|n| vec![n; 20 + usize::from(n)]).collect();
    let file = file_of(&payloads);
    let mut end = 0;
    let ends: Vec<usize> = payloads
        .iter()
        .map(|payload| {
            end += HEAD_BYTES + payload.len();
            end
        })
        .collect();
    for cut in 0..=file.len() {
        let (found, damaged, torn) = read(&file[..cut]);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let last = whole.checked_sub(1).map_or(0, |last| ends[last]);
        assert_eq!((&found[..], damaged), (&payloads[..whole], 0), "cut at {cut}");
        assert_eq!(torn, (cut - last) as u64, "cut at {cut}");
    }
}

#[test]
fn large_chunks_are_read_over_the_end_of_the_buffer() {
    let payloads: Vec<Vec<u8>> = (0..9)
        .map(|n| vec![n; PAYLOAD_BYTES_MAX - usize::from(n) * 999])
        .collect();
    assert_eq!(read(&file_of(&payloads)), (payloads, 0, 0));
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_is_read_to_its_end(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let (found, damaged, torn) = read(&bytes);
        prop_assert!(found.is_empty());
        prop_assert_eq!((damaged, torn), (0, bytes.len() as u64));
    }

    // One damaged place costs the chunks it is in, and it is said.
    #[test]
    fn damage_costs_only_the_chunk_it_is_in(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..60), 2..12),
        at in any::<prop::sample::Index>(), other in 1..=255_u8,
    ) {
        let mut file = file_of(&payloads);
        let at = at.index(file.len());
        file[at] ^= other;
        let (found, damaged, torn) = read(&file);
        let mut end = 0;
        let hit = payloads.iter().position(|payload| { end += HEAD_BYTES + payload.len(); at < end }).unwrap();
        let mut left = payloads.clone();
        left.remove(hit);
        prop_assert_eq!(found, left);
        prop_assert_eq!((damaged > 0, torn > 0), (hit + 1 < payloads.len(), hit + 1 == payloads.len()));
    }
}
