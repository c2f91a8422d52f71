use super::*;

#[test]
fn a_uid_is_a_version_5_uuid_and_always_the_same() {
    let one = component("acme", "kitchen");
    assert_eq!(one, component("acme", "kitchen"));
    assert_eq!(one.len(), 36);
    let parts: Vec<&str> = one.split('-').collect();
    assert_eq!(
        parts.iter().map(|part| part.len()).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );
    assert!(parts[2].starts_with('5'), "{one}");
    assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{one}");
}

#[test]
fn two_objects_never_share_a_uid() {
    let uids = [
        component("acme", "kitchen"),
        component("evil", "kitchen"),
        component("acmek", "itchen"),
        cycle("acme", "kitchen"),
        stream(&component("acme", "kitchen"), "temp"),
        stream(&component("evil", "kitchen"), "temp"),
    ];
    for (place, uid) in uids.iter().enumerate() {
        assert!(!uids[..place].contains(uid), "{place}");
    }
}
