use super::*;

#[test]
fn csv_is_read_back_as_it_was_meant() {
    let row = |tenant: &str| Row {
        tenant: Some(tenant.to_owned()),
        user: None,
        route: None,
        month: "2026-11".to_owned(),
        sums: SumsRow::default(),
    };
    let text = csv(&[row("a,b"), row("say \"hi\""), row("plain")]);
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("tenant,user,route,month,transactions,cached,refused,"));
    assert!(lines[1].starts_with("\"a,b\",,,2026-11,0,"));
    assert!(lines[2].starts_with("\"say \"\"hi\"\"\",,,"));
    assert!(lines[3].starts_with("plain,,,"));
}
