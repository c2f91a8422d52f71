//! A socket whose upstream is a session inside the program.

use futures_util::{SinkExt, StreamExt};
use tidegate_gateway::relay::{Cause, EmbeddedSocket, End, RelayHandle, Side, embedded_socket, relay};
use tokio::task::JoinHandle;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use crate::support::{Socket, code, connected, masked, plain, read_frame, rules, soon, write};

async fn opened(texts_max: usize) -> (tokio::net::TcpStream, EmbeddedSocket, JoinHandle<End>) {
    let (client, downstream) = connected().await;
    let (session, end) = embedded_socket::pair(texts_max);
    let rules = rules();
    let ending = tokio::spawn(async move { relay(downstream, end, (), &rules, RelayHandle::new(), None).await });
    (client, session, ending)
}

async fn speaking(client: tokio::net::TcpStream) -> Socket {
    WebSocketStream::from_raw_socket(client, Role::Client, None).await
}

#[tokio::test]
async fn a_session_speaks_texts() {
    let (client, session, ending) = opened(4).await;
    let mut client = speaking(client).await;
    let running = tokio::spawn(async move {
        session
            .send("{\"type\":\"connection_opened\"}".to_owned())
            .await
            .unwrap();
        while let Some(text) = session.recv().await {
            session.send(format!("ack {text}")).await.unwrap();
        }
    });
    assert_eq!(
        soon(client.next()).await.unwrap().unwrap(),
        Message::text("{\"type\":\"connection_opened\"}")
    );
    for size in [0, 1, 200, 70_000, 1_000_000] {
        let text = "é".repeat(size / 2);
        soon(client.send(Message::text(text.clone()))).await.unwrap();
        assert_eq!(
            soon(client.next()).await.unwrap().unwrap(),
            Message::text(format!("ack {text}"))
        );
    }
    soon(client.send(Message::Ping("here".into()))).await.unwrap();
    assert_eq!(
        soon(client.next()).await.unwrap().unwrap(),
        Message::Pong("here".into())
    );
    soon(client.close(None)).await.unwrap();
    assert!(matches!(soon(client.next()).await, Some(Ok(Message::Close(None)))));
    soon(running).await.unwrap();
    drop(client);
    let end = soon(ending).await.unwrap();
    assert_eq!((end.cause, end.is_clean), (Cause::Closed(Side::Client), true));
}

#[tokio::test]
async fn fragments_are_put_together() {
    let (mut client, session, _ending) = opened(4).await;
    let fragments = [
        masked(0x01, b"a"),
        masked(0x00, b""),
        masked(0x89, b"x"),
        masked(0x00, b"b"),
        masked(0x80, b"c"),
    ];
    for part in fragments.concat().chunks(3) {
        write(&mut client, part).await;
    }
    assert_eq!(soon(session.recv()).await.as_deref(), Some("abc"));
    assert_eq!(read_frame(&mut client).await, (0x8a, b"x".to_vec()));
}

#[tokio::test]
async fn a_session_that_ends_closes_the_socket_behind_its_texts() {
    let (mut client, session, ending) = opened(4).await;
    session.try_send("last".to_owned()).unwrap();
    session.close(4000, "done");
    assert_eq!(read_frame(&mut client).await, (0x81, b"last".to_vec()));
    assert_eq!(
        read_frame(&mut client).await,
        (0x88, [&code(4000)[..], b"done"].concat())
    );
    write(&mut client, &masked(0x88, &code(4000))).await;
    drop(client);
    let end = soon(ending).await.unwrap();
    assert_eq!((end.cause, end.code), (Cause::Closed(Side::Upstream), Some(4000)));

    let (mut client, session, _ending) = opened(4).await;
    drop(session);
    assert_eq!(read_frame(&mut client).await, (0x88, code(1000)));
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_session() {
    let (client, session, _ending) = opened(4).await;
    drop(client);
    assert_eq!(soon(session.recv()).await, None);
    assert!(session.send("late".to_owned()).await.is_err());
}

#[tokio::test]
async fn a_session_that_is_slow_holds_the_client_back() {
    let (mut client, session, _ending) = opened(2).await;
    for number in 0..100 {
        write(&mut client, &masked(0x81, format!("{number}").as_bytes())).await;
    }
    for number in 0..100 {
        assert_eq!(soon(session.recv()).await, Some(format!("{number}")));
    }
    session.try_send("1".to_owned()).unwrap();
    assert_eq!(read_frame(&mut client).await, plain_text("1"));
    write(&mut client, &masked(0x82, b"bytes")).await;
    assert_eq!(read_frame(&mut client).await.1[..2], code(1003));
    assert_eq!(soon(session.recv()).await, None);
}

fn plain_text(text: &str) -> (u8, Vec<u8>) {
    let frame = plain(0x81, text.as_bytes());
    (frame[0], text.as_bytes().to_vec())
}
