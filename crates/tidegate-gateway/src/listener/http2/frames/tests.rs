use proptest::prelude::*;

use super::*;

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, 1];
    frame.extend(payload);
    frame
}

fn counted(frames: &[Vec<u8>]) -> u32 {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frames.concat());
    Frames::new().see(&bytes)
}

#[test]
fn frames_that_carry_nothing_are_counted_and_others_are_not() {
    let idle = [
        frame(0, 0, b""),
        frame(2, 0, &[0; 5]),
        frame(3, 0, &[0; 4]),
        frame(4, 0, b""),
        frame(6, 0, &[0; 8]),
        frame(9, 4, b""),
        frame(77, 0, b"what?"),
    ];
    assert_eq!(counted(&idle), 7);
    let useful = [
        frame(0, 0, b"data"),
        frame(0, 1, b""),
        frame(1, 5, b"head"),
        frame(4, 1, b""),
        frame(6, 1, &[0; 8]),
        frame(8, 0, &[0, 0, 1, 0]),
        frame(9, 4, b"more"),
    ];
    assert_eq!(counted(&useful), 0);
}

proptest! {
    #[test]
    fn the_count_does_not_depend_on_how_the_bytes_were_parted(
        kinds in prop::collection::vec((0_u8..12, 0_u8..2, 0_usize..40), 0..40),
        part in 1_usize..60,
    ) {
        let frames: Vec<Vec<u8>> = kinds.iter().map(|(kind, flags, length)| frame(*kind, *flags, &vec![7; *length])).collect();
        let mut bytes = vec![b'P'; 24];
        bytes.extend(frames.concat());
        let mut parted = Frames::new();
        let sum: u32 = bytes.chunks(part).map(|chunk| parted.see(chunk)).sum();
        prop_assert_eq!(sum, counted(&frames));
    }
}
