use super::*;

fn tenants() -> Tenants {
    let mut tenants = Tenants::default();
    for (name, hosts) in [
        ("acme", vec!["acme.example.com", "limits.acme.example"]),
        ("bolt", vec![]),
        ("six", vec!["[::1]"]),
    ] {
        tenants.add(Tenant {
            name: name.into(),
            hosts: hosts.into_iter().map(Into::into).collect(),
            plan: None,
        });
    }
    tenants
}

#[test]
fn host_is_compared_without_case_port_and_final_dot() {
    let tenants = tenants();
    let at = |host: &str| tenants.at_host(host).map(|tenant| tenant.name.to_string());
    for host in [
        "acme.example.com",
        "ACME.Example.COM",
        "acme.example.com:8443",
        "acme.example.com.",
        "Acme.example.com.:80",
        "limits.acme.example",
    ] {
        assert_eq!(at(host).as_deref(), Some("acme"), "{host}");
    }
    assert_eq!(at("[::1]:8080").as_deref(), Some("six"));
    assert_eq!(at("[::1]").as_deref(), Some("six"));
}

#[test]
fn host_that_only_looks_like_one_is_nobodys() {
    let tenants = tenants();
    for host in [
        "example.com",
        "x.acme.example.com",
        "acme.example.com.evil.example",
        "acme.example.com..",
        "acme",
        "",
        ":80",
        "bolt",
    ] {
        assert_eq!(tenants.at_host(host), None, "{host}");
    }
    assert_eq!(tenants.named("bolt").map(|tenant| tenant.hosts.len()), Some(0));
    assert_eq!(Tenants::default().at_host("acme.example.com"), None);
}
