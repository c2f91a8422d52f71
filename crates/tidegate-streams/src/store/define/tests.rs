use super::*;
use crate::intervals::CycleUnit;
use crate::store::{Store, Write};

fn wanted(tenant: &str, id: i64, units: u32) -> Write {
    Write::DefineCycle(CycleDefinition {
        tenant: tenant.into(),
        cycle_id: id.to_string(),
        name: id.to_string(),
        description: String::new(),
        text: CycleText {
            unit: CycleUnit::Second,
            units,
            reference: "2018-01-01T00:00:00".parse().unwrap(),
            timezone: None,
        },
    })
}

#[tokio::test]
async fn a_tenants_cycles_are_bounded_and_those_it_has_may_still_change() {
    let directory = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(Store::open(&directory.path().join("s.db"), u64::MAX).await.unwrap());
    let mut writes = tokio::task::JoinSet::new();
    for id in 0..CYCLES_PER_TENANT_MAX {
        let store = std::sync::Arc::clone(&store);
        writes.spawn(async move { store.write(wanted("acme", id, 1)).await });
    }
    while let Some(written) = writes.join_next().await {
        assert_eq!(written.unwrap(), Ok(1));
    }
    let refused = store.write(wanted("acme", CYCLES_PER_TENANT_MAX, 1)).await.unwrap_err();
    assert!(refused.to_string().contains("at most 1000 cycles"), "{refused}");
    assert_eq!(store.write(wanted("acme", 0, 2)).await, Ok(1));
    assert_eq!(store.write(wanted("other", 0, 1)).await, Ok(1));
}
