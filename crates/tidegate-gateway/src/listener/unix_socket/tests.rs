use super::*;

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn a_socket_serves_owner_and_group_and_its_file_goes_with_it() {
    let dir = scratch();
    let path = dir.path().join("gate.sock");
    let socket = UnixSocket::bind(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, MODE);
    let (client, accepted) = tokio::join!(UnixStream::connect(&path), socket.accept());
    client.unwrap();
    accepted.unwrap();
    drop(socket);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_socket_that_nobody_listens_at_is_replaced() {
    let dir = scratch();
    let path = dir.path().join("gate.sock");
    // A listener of the standard library leaves its file behind, as a killed server does.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let socket = UnixSocket::bind(&path).unwrap();
    let (client, accepted) = tokio::join!(UnixStream::connect(&path), socket.accept());
    client.unwrap();
    accepted.unwrap();
}

#[tokio::test]
async fn a_socket_that_serves_is_left_alone() {
    let dir = scratch();
    let path = dir.path().join("gate.sock");
    let serving = UnixSocket::bind(&path).unwrap();
    let error = UnixSocket::bind(&path).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    serving.accept().await.expect("the look from the other one");
    let (client, accepted) = tokio::join!(UnixStream::connect(&path), serving.accept());
    client.unwrap();
    accepted.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_socket_is_left_alone() {
    let dir = scratch();
    let path = dir.path().join("gate.sock");
    fs::write(&path, "a letter").unwrap();
    assert!(
        UnixSocket::bind(&path)
            .unwrap_err()
            .to_string()
            .contains("not a socket")
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter");
}

#[tokio::test]
async fn the_file_of_another_server_is_not_removed() {
    let dir = scratch();
    let path = dir.path().join("gate.sock");
    let old = UnixSocket::bind(&path).unwrap();
    // Its place is kept, so that the new file cannot get its number.
    fs::rename(&path, dir.path().join("moved.sock")).unwrap();
    let new = UnixSocket::bind(&path).unwrap();
    drop(old);
    assert!(path.exists());
    drop(new);
}
