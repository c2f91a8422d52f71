use super::*;

/// Whole and byte by byte; both must come to the same end.
fn step(bytes: &str) -> Step {
    let whole = Chunks::strict(3).follow(bytes.as_bytes());
    let mut single = Chunks::strict(3);
    let at_end = bytes
        .bytes()
        .enumerate()
        .find_map(|(at, byte)| match single.follow(&[byte]) {
            Step::More => None,
            Step::End(passed) => Some(Step::End(at + passed)),
            Step::Fault(passed) => Some(Step::Fault(at + passed)),
        });
    assert_eq!(at_end.unwrap_or(Step::More), whole, "{bytes:?}");
    whole
}

// fault 42
#[test]
fn well_formed_chunks_are_followed_to_their_end() {
    for good in [
        "0\r\n\r\n",
        "000\r\n\r\n",
        "3\r\nabc\r\n0\r\n\r\n",
        "A\r\n0\r\n\r\n0\r\n\r\n\r\n00\r\n\r\n",
        "3;a=\"b c\"\t;d\r\nabc\r\n0;x\r\nX: y\r\nZ:\r\n\r\n",
    ] {
        assert_eq!(step(good), Step::End(good.len()), "{good:?}");
        assert_eq!(step(&format!("{good}GET /")), Step::End(good.len()));
        assert_eq!(step(&good[..good.len() - 1]), Step::More);
    }
}

// fault 42
#[test]
fn a_chunk_of_two_readings_is_a_fault_where_it_begins_to_be_one() {
    for (bad, at) in [
        ("\r\n", 0),
        ("x\r\n", 0),
        ("+3\r\nabc", 0),
        ("-1\r\n", 0),
        (" 3\r\nabc", 0),
        ("0x3\r\nabc", 1),
        ("3 \r\nabc", 1),
        ("3 ;a\r\nabc", 1),
        ("3\t\r\n", 1),
        ("3\nabc", 1),
        ("3\r\r\n", 2),
        ("3\rabc", 2),
        ("3;a\nb\r\n", 3),
        ("3;\0\r\n", 2),
        ("3;é\r\n", 2),
        ("3_0\r\n", 1),
        ("3\r\nabcd\r\n", 6),
        ("3\r\nabc\n0\r\n\r\n", 6),
        ("3\r\nabc\r0\r\n\r\n", 7),
        ("0\r\n\n", 3),
        ("0\r\n\rx", 4),
        ("0\r\nX : y\r\n\r\n", 4),
        ("0\r\n folded\r\n\r\n", 3),
        ("0\r\nX: y\r\n folded\r\n\r\n", 9),
        ("0\r\nX: y\n\r\n", 7),
        ("0\r\nX: \0\r\n\r\n", 6),
        ("0\r\nX\r\n\r\n", 4),
        ("10000000000000000\r\n", 15),
        ("0000000000000003\r\n", 15),
    ] {
        assert_eq!(step(bad), Step::Fault(at), "{bad:?}");
    }
}

// fault 42
#[test]
fn extensions_and_trailers_end_at_their_bounds() {
    let extension = |bytes: usize| format!("0;{}\r\n\r\n", "x".repeat(bytes - 1));
    assert!(matches!(step(&extension(EXTENSION_BYTES_MAX)), Step::End(_)));
    assert!(matches!(step(&extension(EXTENSION_BYTES_MAX + 1)), Step::Fault(_)));
    let spread = "1;xxx\r\na\r\n".repeat(EXTENSION_BYTES_MAX / 4);
    assert!(matches!(step(&format!("{spread}0\r\n\r\n")), Step::End(_)));
    assert!(matches!(step(&format!("{spread}1;\r\n")), Step::Fault(_)));
    let trailers = |count: usize| format!("0\r\n{}\r\n", "a: b\r\n".repeat(count));
    assert!(matches!(step(&trailers(3)), Step::End(_)));
    assert!(matches!(step(&trailers(4)), Step::Fault(_)));
    // The colon, CR and LF count too.
    let trailer = |bytes: usize| format!("0\r\nX:{}\r\n\r\n", "y".repeat(bytes - 4));
    assert!(matches!(step(&trailer(TRAILER_BYTES_MAX)), Step::End(_)));
    assert!(matches!(step(&trailer(TRAILER_BYTES_MAX + 1)), Step::Fault(_)));
}

/// The body of chunks read leniently, and whether they ended.
fn lenient(bytes: &str) -> Option<String> {
    let mut chunks = Chunks::new(ChunkRules {
        is_lenient: true,
        line_bytes_max: 20,
        extension_bytes_max: 20,
        trailer_bytes_max: 20,
        trailers_max: 1,
    });
    let (mut rest, mut body) = (bytes, String::new());
    loop {
        rest = match chunks.piece(rest.as_bytes()) {
            Piece::Data { behind, bytes } => {
                body.push_str(&rest[behind..behind + bytes]);
                &rest[behind + bytes..]
            }
            Piece::Trailers(behind) => &rest[behind..],
            Piece::End(behind) => return (behind == rest.len()).then_some(body),
            Piece::More | Piece::Fault(_) => return None,
        }
    }
}

#[test]
fn what_is_read_leniently_has_blanks_behind_sizes_and_any_extension_and_the_same_bounds() {
    for good in [
        "3\r\nabc\r\n0\r\n\r\n",
        "3 \t\r\nabc\r\n0 \r\n\r\n",
        "1 ;\0\u{e9}\r\na\r\n2\r\nbc\r\n0\r\nX: y\r\n\r\n",
    ] {
        assert_eq!(lenient(good).as_deref(), Some("abc"), "{good:?}");
    }
    for bad in [
        " 3\r\nabc\r\n0\r\n\r\n",
        "3 3\r\nabc\r\n0\r\n\r\n",
        "3\nabc\r\n0\r\n\r\n",
        "3;\rx\r\nabc\r\n0\r\n\r\n",
        "3;\n\r\nabc\r\n0\r\n\r\n",
        "3                     \r\nabc\r\n0\r\n\r\n",
        "3;x\r\nabc\r\n0;xxxxxxxxxxxxxxxxxx\r\n\r\n",
        "3\r\nabc\r\n0\r\nX: y\r\nX: y\r\n\r\n",
    ] {
        assert_eq!(lenient(bad), None, "{bad:?}");
    }
}
