use tokio::net::TcpListener;

use super::*;

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
    (client.unwrap(), accepted.unwrap().0)
}

// fault 30
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_kernel_gives_up_a_peer_that_acknowledges_nothing_for_the_bound() {
    let (_client, accepted) = pair().await;
    let bound = Duration::from_secs(40);
    assert_eq!(SockRef::from(&accepted).tcp_user_timeout().unwrap(), None);
    bound_silence(&accepted, bound);
    assert_eq!(SockRef::from(&accepted).tcp_user_timeout().unwrap(), Some(bound));
    assert!(SockRef::from(&accepted).tcp_nodelay().unwrap());

    let (_client, accepted) = pair().await;
    let upgraded = Upgraded {
        stream: Stream::Tcp(accepted),
        early: Bytes::new(),
    };
    bound_silence(&upgraded, bound);
    assert_eq!(upgraded.socket().unwrap().tcp_user_timeout().unwrap(), Some(bound));
}
