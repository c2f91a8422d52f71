//! A real WebSocket client for the tests of sockets.

use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

use crate::gate::{Answer, Gate};

/// An open socket.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Longest a test waits for something that is to come.
pub const SOON: std::time::Duration = std::time::Duration::from_secs(10);

/// Opens one at a path, or says how the handshake was refused.
pub async fn open_at(gate: &Gate, path: &str, token: &str) -> Result<Socket, Answer> {
    let mut request = format!("ws://{}{path}", gate.address()).into_client_request().unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    match tokio_tungstenite::connect_async(request).await {
        Ok((stream, _)) => Ok(Socket(stream)),
        Err(Error::Http(refusal)) => {
            let (head, body) = refusal.into_parts();
            Err(Answer {
                status: head.status,
                headers: head.headers,
                body: body.unwrap_or_default().into(),
            })
        }
        Err(error) => panic!("{error}"),
    }
}

/// Opens one of the Tempest API.
pub async fn open(gate: &Gate, token: &str) -> Result<Socket, Answer> {
    open_at(gate, "/swd/data", token).await
}

/// The same, which must work.
pub async fn opened(gate: &Gate, token: &str) -> Socket {
    open(gate, token)
        .await
        .unwrap_or_else(|refused| panic!("{}: {}", refused.status, refused.text()))
}

/// The same, which must be refused.
pub async fn refused(gate: &Gate, token: &str) -> Answer {
    match open(gate, token).await {
        Ok(_) => panic!("it opened"),
        Err(refused) => refused,
    }
}

/// How many slots a user has left, as `limit show` says.
pub fn slots_used(gate: &Gate, user: &str) -> u64 {
    let shown = gate.run_json(&["limit", "show", "--user", user]);
    let rows = shown.as_array().unwrap();
    let row = rows.iter().find(|row| row["limit"] == "websockets-per-user").unwrap();
    row["used"].as_u64().unwrap()
}

/// Waits until so many slots are used; slots are given back by tasks of the server.
pub async fn until_used(gate: &Gate, user: &str, slots: usize) {
    let waiting = async {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(5));
        while gate.app.engine.sockets.of_user(user, gate.app.engine.clock.now()).len() != slots {
            tick.tick().await;
        }
    };
    let waited = tokio::time::timeout(SOON, waiting).await;
    let open = gate.app.engine.sockets.of_user(user, gate.app.engine.clock.now()).len();
    assert!(waited.is_ok(), "{open} open, not {slots}");
}

impl Socket {
    /// Sends a JSON message.
    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next JSON message.
    pub async fn heard(&mut self) -> Value {
        loop {
            match self.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Reads to the close; its code.
    pub async fn closed(&mut self) -> CloseCode {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code,
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Reads to the end, however long a drain takes.
    pub async fn drained(mut self) {
        while let Some(Ok(_)) = self.0.next().await {}
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(SOON, self.0.next()).await.expect("nothing came")
    }

    /// Closes and reads to the end.
    pub async fn close(mut self) {
        self.0.close(None).await.unwrap();
        while let Some(Ok(_)) = self.next().await {}
    }

    /// Resets the connection.
    pub fn reset(self) {
        if let MaybeTlsStream::Plain(stream) = self.0.get_ref() {
            stream.set_zero_linger().unwrap();
        }
    }
}

/// What the handshake of a socket over the cap is answered.
pub fn assert_over_the_cap(refused: &Answer) {
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.field("retry-after"), Some("5"));
    let body = refused.json();
    assert_eq!(body["limit"], "websockets-per-user");
    let text = body["detail"].as_str().unwrap();
    assert!(text.contains("One socket carries many devices"), "{text}");
}
