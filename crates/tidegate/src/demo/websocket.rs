//! WebSockets as simulated clients open them.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{TRY_AGAIN, accounts::Player, http_client::Endpoints, pause::pause};

/// An open socket.
pub type OpenSocket = WebSocketStream<TcpStream>;

/// Opens one.
///
/// # Errors
/// The network's, or the gate's refusal.
pub async fn open(endpoints: &Endpoints, player: &Player) -> anyhow::Result<OpenSocket> {
    let address = format!("ws://{}/swd/data?token={}", endpoints.host(), player.token.0);
    let request = address.into_client_request()?;
    let (socket, _) = client_async(request, endpoints.connect().await?).await?;
    Ok(socket)
}

/// Listens to a device.
///
/// # Errors
/// The socket's.
pub async fn ask(socket: &mut OpenSocket, device_id: i64) -> anyhow::Result<()> {
    let command = json!({ "type": "listen_start", "device_id": device_id, "id": "demo" });
    Ok(socket.send(Message::text(command.to_string())).await?)
}

/// Keeps one socket open and reads what comes, for ever.
pub async fn listen(endpoints: Endpoints, player: Player) {
    loop {
        if let Ok(mut socket) = open(&endpoints, &player).await
            && ask(&mut socket, player.device_id).await.is_ok()
        {
            while let Some(Ok(_)) = socket.next().await {}
        }
        pause(TRY_AGAIN).await;
    }
}
