use crate::{parse, testing::EXTENSIONS};

const PAGE: &str =
    "upstream = \"http://127.0.0.1:9000\"\n[route.any]\nmatch = \"* /**\"\n[limit.a]\nrate = \"5 per second\"\n";

fn needs_restart(server: &str) -> Vec<&'static str> {
    let server_of = |text: &str| {
        parse("page.toml", text, &EXTENSIONS)
            .unwrap_or_else(|errors| panic!("{errors}"))
            .server
    };
    server_of(PAGE).needs_restart(&server_of(&format!("{PAGE}[server]\n{server}\n")))
}

#[test]
fn bounds_that_differ_are_named_and_what_the_policy_holds_is_none_of_them() {
    assert_eq!(needs_restart(""), [""; 0]);
    assert_eq!(
        needs_restart("cells_max = 1_000_000\npages_prefix = \"/quota\""),
        [""; 0]
    );
    assert_eq!(
        needs_restart("trusted_proxies = \"10.0.0.1\"\nclient_address_from = \"forwarded\""),
        [""; 0]
    );
    assert_eq!(
        needs_restart("cache_wait_ms = 4\ncells_max = 2_000"),
        ["cells_max", "cache_wait_ms"]
    );
}
