//! A text is a token to the letter or not at all (fault 67).

#[path = "tokens/oracle.rs"]
mod oracle;

use std::path::Path;

#[test]
fn the_seeds_of_the_fuzz_target_are_tokens_to_the_letter_or_not_at_all() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/token");
    let mut tokens = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds stand in fuzz/seeds/token") {
        let bytes = std::fs::read(seed.unwrap().path()).unwrap();
        oracle::judge(&bytes);
        tokens += u32::from(std::str::from_utf8(&bytes).is_ok_and(tidegate_accounts::is_well_formed));
    }
    assert_eq!(tokens, 4, "one of each kind");
}
