use super::*;

fn listed(networks: &[&str]) -> Proxies {
    Proxies::new(networks.iter().map(|network| network.parse().unwrap()), false)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_network_lists_its_addresses_and_no_other() {
    let proxies = listed(&["10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32"]);
    for address in ["10.0.0.0", "10.255.255.255", "2001:db8::1", "192.0.2.1"] {
        assert!(proxies.lists_address(ip(address)), "{address}");
    }
    for address in ["9.255.255.255", "11.0.0.0", "2001:db9::1", "192.0.2.2", "::1"] {
        assert!(!proxies.lists_address(ip(address)), "{address}");
    }
}

#[test]
fn an_address_and_a_network_are_the_same_in_all_their_forms() {
    for network in ["10.0.0.0/8", "::ffff:10.0.0.0/104", "64:ff9b::10.0.0.0/104"] {
        let proxies = listed(&[network]);
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3"] {
            assert!(proxies.lists(Peer::Ip(ip(address))), "{address} in {network}");
        }
        assert!(!proxies.lists(Peer::Ip(ip("::ffff:11.1.2.3"))));
    }
}

#[test]
fn a_unix_peer_is_listed_by_its_word_and_not_by_the_address_it_counts_as() {
    assert!(!listed(&["127.0.0.0/8"]).lists(Peer::Unix));
    assert!(Proxies::new([], true).lists(Peer::Unix));
    assert!(!Proxies::new([], true).lists(Peer::Ip(ip("127.0.0.1"))));
}

#[test]
fn who_was_announced_is_a_client_also_with_a_proxys_address() {
    assert!(!listed(&["10.0.0.0/8"]).lists(Peer::Announced(ip("10.0.0.1"))));
}

// fault 63
#[test]
fn a_list_that_leaves_nobody_out_is_found_also_in_pieces() {
    for all in [
        &["0.0.0.0/0"][..],
        &["::/0"],
        &["0.0.0.0/1", "10.0.0.0/8", "128.0.0.0/1"],
        &["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"],
        &["2000::/3"],
        &["2000::/4", "3000::/4"],
        &["::/1"],
        &["::ffff:0.0.0.0/96"],
    ] {
        assert!(listed(all).everybody().is_some(), "{all:?}");
    }
    for some in [
        &["10.0.0.0/8", "172.16.0.0/12"][..],
        &["0.0.0.0/1"],
        &["2001:db8::/32", "fc00::/7", "fe80::/10"],
        &["8000::/1"],
        &[],
    ] {
        assert_eq!(listed(some).everybody(), None, "{some:?}");
    }
}
