use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = DataDir::open(dir.path()).unwrap();
    assert!(matches!(DataDir::open(dir.path()), Err(DataDirError::Taken(_))));
    drop(first);
    DataDir::open(dir.path()).unwrap();
}

#[test]
fn key_and_admin_token_are_kept_and_private() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let (key, token) = (data.key().unwrap().bytes(), data.admin_token().unwrap());
    assert_eq!(data.key().unwrap().bytes(), key);
    assert!(token.1, "made at first");
    assert_eq!(data.admin_token().unwrap(), (token.0.clone(), false));
    assert_eq!(read_admin_token(dir.path()).unwrap(), token.0);
    for name in ["key", "admin-token"] {
        assert_eq!(
            fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777,
            0o600,
            "{name}"
        );
    }
}

#[test]
fn a_cut_key_file_is_refused_and_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    fs::write(dir.path().join("key"), b"short").unwrap();
    assert!(matches!(data.key(), Err(DataDirError::NotAKey(_))));
    assert_eq!(fs::read(dir.path().join("key")).unwrap(), b"short");
}

#[test]
fn derived_keys_differ_and_the_key_never_prints() {
    let key = Key([7; 32]);
    assert_ne!(&key.partition()[..], &key.opaque()[..16]);
    assert_eq!(format!("{key:?}"), "Key(redacted)");
}
