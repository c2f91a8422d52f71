//! Whatever stands in the fields and headers that name a client, the address that counts is one that somebody believed
//! said (fault 62, fault 64).

#[path = "addresses/client.rs"]
mod client;
#[path = "addresses/proxy_protocol.rs"]
mod proxy_protocol;

use std::path::Path;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(target);
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("fuzz/seeds/{target}: {error}"));
    entries
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

// fault 62
#[test]
fn the_seeds_of_the_fuzz_target_name_the_client_that_the_slow_way_finds() {
    let seeds = seeds("client");
    assert!(seeds.len() >= 10, "{} seeds", seeds.len());
    for seed in seeds {
        client::judge(&seed);
    }
}

// fault 64
#[test]
fn the_seeds_of_the_fuzz_target_announce_what_the_letter_says() {
    let seeds = seeds("proxy_protocol");
    assert!(seeds.len() >= 10, "{} seeds", seeds.len());
    for seed in seeds {
        proxy_protocol::judge(&seed);
    }
}
