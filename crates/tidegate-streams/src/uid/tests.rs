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

/// They stand in databases and in what callers wrote down.
#[test]
fn uids_stay_what_they_were_from_the_first_release_on() {
    let kitchen = component("acme", "kitchen");
    assert_eq!(kitchen, "f7c6483d-756e-587d-a1c7-2067fc25bed3");
    assert_eq!(stream(&kitchen, "temp"), "062415fc-2d9a-5bbb-96aa-12925dd0bbb5");
    assert_eq!(cycle("acme", "day"), "e8ae09ed-5595-5770-9139-46fcf19cd974");
    assert_eq!(organization_uid("acme"), "7fedb1ec-9f88-5256-a7fd-eeb27592158d");
    assert_eq!(user_uid("acme", "ann"), "d9338a9d-5174-5f13-ac56-ab1d28f3f5af");
}
