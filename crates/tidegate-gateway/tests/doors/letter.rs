//! The strict reader beside the letter of RFC 9112, on the same bytes. The fuzz target uses this file too.

use tidegate_core::{facts::Ambiguous, refusal::Refusal};
use tidegate_gateway::strict_reader::{Shut, StrictReader, head::HeadBounds};

use crate::strict::{self, Ending, Request};

/// Longest input. The reader's own bounds lie beyond it: the letter knows none.
const INPUT_BYTES_MAX: usize = 4000;

const BOUNDS: HeadBounds = HeadBounds {
    bytes_max: INPUT_BYTES_MAX,
    fields_max: INPUT_BYTES_MAX,
};

/// What the reader made of bytes.
struct Seen {
    passed: Vec<u8>,
    fault: Option<Refusal>,
    shut: Option<Shut>,
    is_in_head: bool,
}

/// One input of the fuzz target: the size of its pieces, and the bytes.
pub fn judge(input: &[u8]) {
    let [piece, bytes @ ..] = input else { return };
    if bytes.len() <= INPUT_BYTES_MAX {
        compare(bytes, usize::from(*piece) + 1);
    }
}

/// Both must read the same requests, and where the letter reads none, nothing goes on.
pub fn compare(bytes: &[u8], piece: usize) {
    let seen = seen(bytes, piece);
    let (letter, ending, _) = strict::requests(bytes);
    let (mut passed, passed_ending, _) = strict::requests(&seen.passed);
    assert!(
        matches!(passed_ending, Ending::Clean | Ending::InBody),
        "what goes on is whole heads: {passed_ending:?}"
    );
    match (&seen.fault, seen.shut) {
        (None, None) => {
            assert!(bytes.starts_with(&seen.passed), "what goes on is what came");
            assert!(
                ending != Ending::Bad || seen.is_in_head,
                "what is no request is refused once its head is whole"
            );
        }
        (Some(Refusal::Ambiguous(why)), Some(Shut::Refused)) => {
            // An address that the letter splits and no URI has.
            let is_split_by_letter = *why == Ambiguous::Target && letter.iter().any(is_absolute);
            assert!(
                ending == Ending::Bad || is_split_by_letter,
                "{why} is what the letter says too"
            );
            let stand_in = passed.pop();
            assert!(stand_in.is_some_and(|request| request.target.starts_with('/') && request.body.is_empty()));
            if is_split_by_letter {
                assert!(
                    letter.starts_with(&passed),
                    "requests before the refused one are the same"
                );
                return;
            }
        }
        (Some(Refusal::Ambiguous(Ambiguous::Chunks)), Some(Shut::Broken)) => {
            assert!(ending == Ending::Bad, "the letter follows the body on");
            assert!(bytes.starts_with(&seen.passed), "what goes on is what came");
        }
        other => panic!("{other:?}"),
    }
    assert!(passed == letter, "the same requests are read");
}

fn is_absolute(request: &Request) -> bool {
    !request.target.starts_with('/')
}

/// What goes on of bytes that come in pieces, each request being answered at once.
fn seen(bytes: &[u8], piece: usize) -> Seen {
    let mut reader = StrictReader::new(BOUNDS);
    let mut seen = Seen {
        passed: Vec::new(),
        fault: None,
        shut: None,
        is_in_head: false,
    };
    for part in bytes.chunks(piece) {
        let at_once = reader.see(part, true);
        seen.passed.extend_from_slice(&part[..at_once]);
        loop {
            seen.fault = seen.fault.or(reader.take_fault());
            if reader.hand_on(&mut seen.passed) {
                continue;
            }
            if !reader.is_owed_a_look() {
                break;
            }
            reader.look();
        }
        seen.shut = reader.shut();
        if seen.shut.is_some() {
            break;
        }
    }
    seen.is_in_head = reader.has_held();
    seen
}
