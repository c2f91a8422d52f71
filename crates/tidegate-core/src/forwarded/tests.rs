use http::HeaderValue;
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::trust::Proxies;

mod forms;

fn trust(source: AddressSource) -> Trust {
    let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
    Trust {
        proxies: Proxies::new(networks, false),
        source,
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn fields(name: &HeaderName, lines: &[impl AsRef<[u8]>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, HeaderValue::from_bytes(line.as_ref()).unwrap());
    }
    headers
}

const PROXY: Peer = Peer::Ip(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)));

/// Generates text that a client may write into a field, quotes, backslashes and commas most of all.
fn written() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => proptest::sample::select(&b",\"\\;= ff:or[]0.1_"[..]),
        1 => (0x20_u8..0x7f).boxed(),
        1 => (0x80_u8..=0xff).boxed(),
    ];
    vec(byte, 0..40)
}

fn stranger() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(bits.into())),
        any::<u128>().prop_map(|bits| IpAddr::V6(bits.into()))
    ]
    .prop_map(address::unwrap)
    .prop_filter("no proxy", |ip| {
        !trust(AddressSource::Forwarded).proxies.lists_address(*ip)
    })
}

/// The fields as the proxies behind a client make them of what it wrote: each appends the address it was reached from.
fn chain(source: AddressSource, written: &[u8], hops: &[IpAddr]) -> HeaderMap {
    let (name, entry): (_, fn(&IpAddr) -> String) = match source {
        AddressSource::Forwarded => (FORWARDED, |hop| format!("by=_gate;for=\"[{hop}]:443\";proto=https")),
        _ => (X_FORWARDED_FOR, IpAddr::to_string),
    };
    let entry = |hop: &IpAddr| match hop {
        IpAddr::V4(v4) if source == AddressSource::Forwarded => format!("For={v4};host=\"a,b\""),
        _ => entry(hop),
    };
    let mut line = written.to_vec();
    for hop in hops {
        line.extend_from_slice(format!(", {}", entry(hop)).as_bytes());
    }
    fields(&name, &[line])
}

proptest! {
    // fault 62
    #[test]
    fn whatever_a_client_writes_the_address_it_comes_from_counts(
        written in written(),
        from in stranger(),
        proxies in vec((0_u8..4).prop_map(|last| IpAddr::from([10, 0, 0, last])), 0..6),
    ) {
        let hops: Vec<IpAddr> = std::iter::once(from).chain(proxies).collect();
        for source in [AddressSource::XForwardedFor, AddressSource::Forwarded] {
            let headers = chain(source, &written, &hops);
            let found = client(PROXY, Some(&trust(source)), &headers);
            prop_assert_eq!(found.address, from);
            prop_assert_eq!(found.doubt, None);
            if source == AddressSource::XForwardedFor {
                prop_assert_eq!(found.left.as_deref(), Some(written.trim_ascii()));
            }
        }
    }

    // fault 62
    #[test]
    fn a_peer_that_is_not_listed_says_nothing(written in written(), from in stranger()) {
        for source in [AddressSource::XForwardedFor, AddressSource::Forwarded, AddressSource::ProxyProtocol] {
            for peer in [Peer::Ip(from), Peer::Announced(ip("10.0.0.1")), Peer::Unix] {
                for name in [X_FORWARDED_FOR, FORWARDED] {
                    let headers = fields(&name, &[&written]);
                    let alone = Client { address: peer.address(), left: None, doubt: None };
                    prop_assert_eq!(&client(peer, Some(&trust(source)), &headers), &alone);
                    prop_assert_eq!(&client(peer, None, &headers), &alone);
                }
            }
        }
    }

    #[test]
    fn where_a_list_is_parted_into_lines_changes_nothing(
        hops in vec(prop_oneof![stranger(), Just(ip("10.0.0.9"))], 1..8),
        cut in 0_usize..8,
    ) {
        let trust = trust(AddressSource::XForwardedFor);
        let text: Vec<String> = hops.iter().map(IpAddr::to_string).collect();
        let (early, late) = text.split_at(cut.min(text.len()));
        let parts: Vec<String> = [early, late].iter().filter(|part| !part.is_empty()).map(|part| part.join(",")).collect();
        let (one, two) = (fields(&X_FORWARDED_FOR, &[text.join(", ")]), fields(&X_FORWARDED_FOR, &parts));
        let (one, two) = (client(PROXY, Some(&trust), &one), client(PROXY, Some(&trust), &two));
        prop_assert_eq!(one.address, two.address);
        prop_assert_eq!(one.address, *hops.iter().rev().find(|hop| !trust.proxies.lists_address(**hop)).unwrap_or(&hops[0]));
        let spaceless = |left: Option<Cow<'_, [u8]>>| left.map(|left| left.iter().copied().filter(|byte| *byte != b' ').collect::<Vec<u8>>());
        prop_assert_eq!(spaceless(one.left), spaceless(two.left));
    }
}

#[test]
fn at_the_bound_of_entries_the_farthest_one_looked_at_counts() {
    let trust = trust(AddressSource::XForwardedFor);
    let hops = |proxies: usize| {
        let proxies = std::iter::repeat_n("10.0.0.2".to_owned(), proxies);
        let line: Vec<String> = std::iter::once("192.0.2.1".to_owned()).chain(proxies).collect();
        fields(&X_FORWARDED_FOR, &[line.join(", ")])
    };
    let within = hops(ENTRIES_MAX - 1);
    assert_eq!(client(PROXY, Some(&trust), &within).address, ip("192.0.2.1"));
    let beyond = hops(ENTRIES_MAX);
    let found = client(PROXY, Some(&trust), &beyond);
    assert_eq!((found.address, found.doubt), (ip("10.0.0.2"), Some(Doubt::TooMany)));
    assert_eq!(found.left.as_deref(), Some(&b"192.0.2.1"[..]));
}
