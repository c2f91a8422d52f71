use proptest::prelude::*;

use super::*;
use crate::token_format::{CHECKSUM_DIGITS, is_well_formed, is_within};

const ISSUED: [TokenKind; 4] = [
    TokenKind::Personal,
    TokenKind::App,
    TokenKind::Development,
    TokenKind::Enterprise,
];

fn minted(kind: TokenKind) -> Secret {
    Secret::mint(kind).unwrap().unwrap()
}

#[test]
fn every_kind_has_a_readable_prefix_and_one_length() {
    for (kind, prefix) in ISSUED.into_iter().zip(["tg_pat_", "tg_app_", "tg_dev_", "tg_ent_"]) {
        let secret = minted(kind);
        assert!(secret.reveal().starts_with(prefix));
        assert_eq!(secret.reveal().len(), SECRET_CHARS);
        assert!(is_well_formed(secret.reveal()));
    }
}

#[test]
fn an_opaque_credential_is_never_minted() {
    assert!(Secret::mint(TokenKind::Opaque).unwrap().is_none());
}

#[test]
fn two_secrets_are_never_the_same() {
    assert_ne!(
        minted(TokenKind::Personal).reveal(),
        minted(TokenKind::Personal).reveal()
    );
}

#[test]
fn debug_shows_nothing_of_a_secret() {
    assert_eq!(format!("{:?}", minted(TokenKind::App)), "Secret(…)");
}

#[test]
fn a_hint_is_four_characters_of_the_checksum() {
    let secret = minted(TokenKind::Personal);
    assert_eq!(secret.hint().len(), 4);
    assert!(secret.reveal().ends_with(secret.hint()));
    const { assert!(HINT_CHARS <= CHECKSUM_DIGITS) };
}

#[test]
fn a_whole_token_is_found_within_a_text_and_a_part_is_not() {
    let secret = minted(TokenKind::Enterprise);
    let text = secret.reveal();
    assert!(is_within(&format!("tg_é for {text}, thanks")));
    assert!(is_within(text));
    assert!(!is_within(&text[..SECRET_CHARS - 1]));
    assert!(!is_within("tg_pat_ is our prefix"));
}

#[test]
fn a_public_id_says_what_it_is() {
    let id = mint_id().unwrap();
    assert_eq!(id.len(), 14);
    assert!(id.starts_with("t_"));
}

proptest! {
    #[test]
    fn any_other_character_at_any_place_is_refused(
        kind in 0_usize..4, place in 0..SECRET_CHARS, other in any::<char>(),
    ) {
        let secret = minted(ISSUED[kind]);
        let mut chars: Vec<char> = secret.reveal().chars().collect();
        prop_assume!(chars[place] != other);
        chars[place] = other;
        let mutated: String = chars.into_iter().collect();
        prop_assert!(!is_well_formed(&mutated));
    }

    #[test]
    fn two_neighbours_exchanged_are_refused(kind in 0_usize..4, place in 0..SECRET_CHARS - 1) {
        let secret = minted(ISSUED[kind]);
        let mut bytes = secret.reveal().as_bytes().to_vec();
        prop_assume!(bytes[place] != bytes[place + 1]);
        bytes.swap(place, place + 1);
        prop_assert!(!is_well_formed(std::str::from_utf8(&bytes).unwrap()));
    }

    #[test]
    fn no_text_makes_the_check_fail_over(text in ".{0,80}") {
        prop_assert!(!is_well_formed(&text));
        let _ = is_within(&format!("tg_{text}"));
    }
}
