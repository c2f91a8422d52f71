//! The checker's rules, one table each.

use super::*;

const OWN: [u8; TAG_BYTES] = *b"our ping";

fn rules() -> FrameRules {
    FrameRules {
        message_bytes_max: 1000,
        message_frames_max: 3,
        ..FrameRules::default()
    }
}

fn client(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [7, 0, 9, 200];
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0xfe);
            frame.extend((length as u16).to_be_bytes());
        }
    }
    frame.extend(mask);
    let begin = frame.len();
    frame.extend(payload);
    masking::apply(mask, &mut frame[begin..]);
    frame
}

/// Returns the outcome of each step, until a refusal, a Close or the end.
fn steps(rules: &FrameRules, mut bytes: &[u8]) -> Result<Vec<Step>, Violation> {
    let mut checker = Checker::new(Side::Client);
    let mut steps = Vec::new();
    loop {
        let step = checker.step(rules, OWN, bytes)?;
        let taken = match step {
            Step::More => return Ok(steps),
            Step::Data(Data { bytes, .. }) | Step::Control { bytes } | Step::OwnPong { bytes } => bytes,
            Step::Close { .. } => {
                steps.push(step);
                return Ok(steps);
            }
        };
        steps.push(step);
        bytes = &bytes[taken..];
    }
}

fn refused(bytes: &[u8]) -> Violation {
    steps(&rules(), bytes).expect_err("it is refused")
}

#[test]
fn what_breaks_a_rule_is_refused_by_its_head() {
    let cases: [(&str, &[u8], Violation); 16] = [
        ("unmasked", &[0x81, 0x01, b'x'], Violation::Mask),
        ("reserved 1", &[0xc1, 0x80], Violation::Reserved),
        ("reserved 2", &[0xa2, 0x80], Violation::Reserved),
        ("reserved 3", &[0x99, 0x80], Violation::Reserved),
        ("opcode 3", &[0x83, 0x80], Violation::Opcode),
        ("opcode 7", &[0x87, 0x80], Violation::Opcode),
        ("opcode 11", &[0x8b, 0x80], Violation::Opcode),
        ("opcode 15", &[0x8f, 0x80], Violation::Opcode),
        ("a ping in fragments", &[0x09, 0x80], Violation::Control),
        ("a close in fragments", &[0x08, 0x80], Violation::Control),
        ("a ping of 126 bytes", &[0x89, 0xfe], Violation::Control),
        ("a ping of many bytes", &[0x89, 0xff], Violation::Control),
        ("125 in two bytes", &[0x82, 0xfe, 0, 125], Violation::Length),
        (
            "65,535 in eight",
            &[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
            Violation::Length,
        ),
        ("2^63", &[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], Violation::Length),
        ("a continuation of nothing", &[0x80, 0x80], Violation::Order),
    ];
    for (what, bytes, why) in cases {
        // Masks of zeros, for the heads that would be whole only with one.
        let bytes = [bytes, &[0; 4]].concat();
        assert_eq!(refused(&bytes), why, "{what}");
    }
}

#[test]
fn a_message_has_its_bounds_over_all_fragments() {
    assert!(steps(&rules(), &client(0x82, &[0; 1000])).is_ok());
    assert_eq!(refused(&client(0x82, &[0; 1001])), Violation::TooLarge);
    let fragments = |sizes: &[usize]| {
        let frames = sizes
            .iter()
            .zip(0..)
            .map(|(size, number)| client(if number == 0 { 0x02 } else { 0 }, &vec![0; *size]));
        frames.collect::<Vec<_>>().concat()
    };
    assert!(steps(&rules(), &fragments(&[500, 500])).is_ok());
    assert_eq!(refused(&fragments(&[500, 501])), Violation::TooLarge);
    assert_eq!(refused(&fragments(&[0, 0, 0, 0])), Violation::TooManyFrames);
    assert_eq!(
        refused(&[client(0x01, b"a"), client(0x81, b"b")].concat()),
        Violation::Order
    );
}

#[test]
fn a_close_has_a_code_that_may_be_sent() {
    for (code, is_valid) in [
        (0, false),
        (999, false),
        (1000, true),
        (1003, true),
        (1004, false),
        (1005, false),
        (1006, false),
        (1007, true),
        (1014, true),
        (1015, false),
        (1016, false),
        (2999, false),
        (3000, true),
        (4999, true),
        (5000, false),
        (65535, false),
    ] {
        let close = client(0x88, &u16::to_be_bytes(code));
        let bytes = close.len();
        match steps(&rules(), &close) {
            Ok(steps) => {
                assert!(is_valid, "{code}");
                assert_eq!(
                    steps,
                    [Step::Close {
                        bytes,
                        code: Some(code)
                    }]
                );
            }
            Err(why) => {
                assert!(!is_valid, "{code}");
                assert_eq!(why, Violation::CloseCode);
            }
        }
    }
    assert_eq!(
        steps(&rules(), &client(0x88, b"")).unwrap(),
        [Step::Close { bytes: 6, code: None }]
    );
    assert_eq!(refused(&client(0x88, b"\x03")), Violation::CloseCode);
    assert_eq!(refused(&client(0x88, b"\x03\xe8\xff")), Violation::NotText);
}

#[test]
fn only_the_pong_to_our_own_ping_is_known() {
    let steps = steps(
        &rules(),
        &[client(0x8a, &OWN), client(0x8a, b"another!"), client(0x89, &OWN)].concat(),
    );
    let bytes = 6 + TAG_BYTES;
    assert_eq!(
        steps.unwrap(),
        [
            Step::OwnPong { bytes },
            Step::Control { bytes },
            Step::Control { bytes }
        ]
    );
}

#[test]
fn with_extensions_reserved_bits_are_for_data_alone() {
    let rules = FrameRules {
        extensions: true,
        ..rules()
    };
    let compressed = steps(&rules, &client(0xc1, b"\xff\xff")).unwrap();
    assert!(matches!(
        compressed[..],
        [Step::Data(Data {
            is_text: false,
            ends_message: true,
            ..
        })]
    ));
    assert_eq!(steps(&rules, &client(0xc9, b"")), Err(Violation::Reserved));
}

#[test]
fn a_frame_start_is_found_from_any_place() {
    let frames = [client(0x81, b"one"), client(0x82, &[0; 200]), client(0x89, b"")].concat();
    let second = 9_u64;
    let third = second + 8 + 200;
    for at in 0..=frames.len() {
        let expected = match at as u64 {
            0 => 0,
            at if at <= second => second,
            at if at <= third => third,
            _ => third + 6,
        };
        assert_eq!(head::next_start(&frames, 0, at), expected, "from {at}");
    }
    assert_eq!(
        head::next_start(&frames[..20], 0, 15),
        third,
        "it may lie behind the end"
    );
    assert_eq!(head::next_start(&frames[5..], 4, 2), 4, "and begin within a frame");
}

#[test]
fn own_frames_are_as_others_write_them() {
    assert_eq!(write::ping(*b"12345678", None), b"\x89\x0812345678");
    assert_eq!(write::close(None, "", None), b"\x88\x00");
    assert_eq!(write::close(Some(1001), &"é".repeat(100), None).len(), 2 + 2 + 122);
    for length in [0, 125, 126, 65_535, 65_536] {
        let text = "x".repeat(length);
        for mask in [None, Some([1, 2, 3, 4])] {
            let frame = write::text(&text, mask);
            let head = Head::read(&frame).unwrap().unwrap();
            assert_eq!((head.payload_bytes, head.mask), (length as u64, mask));
            let mut space = vec![0; length];
            let payload = masking::unmasked(mask.unwrap_or_default(), &frame[head.bytes..], &mut space);
            assert_eq!(payload, text.as_bytes());
        }
    }
}
