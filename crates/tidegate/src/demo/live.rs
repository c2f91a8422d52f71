//! WebSockets as simulated clients open them.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{TRY_AGAIN, caller::Place, cast::Player, pause::pause};

/// An open socket.
pub type Open = WebSocketStream<TcpStream>;

/// Opens one.
///
/// # Errors
/// The network's, or the gate's refusal.
pub async fn open(place: &Place, player: &Player) -> anyhow::Result<Open> {
    let address = format!("ws://{}/swd/data?token={}", place.host(), player.token.0);
    let request = address.into_client_request()?;
    let (socket, _) = client_async(request, place.connect().await?).await?;
    Ok(socket)
}

/// Listens to a device.
///
/// # Errors
/// The socket's.
pub async fn ask(socket: &mut Open, device_id: i64) -> anyhow::Result<()> {
    let command = json!({ "type": "listen_start", "device_id": device_id, "id": "demo" });
    Ok(socket.send(Message::text(command.to_string())).await?)
}

/// Keeps one socket open and reads what comes, for ever.
pub async fn listen(place: Place, player: Player) {
    loop {
        if let Ok(mut socket) = open(&place, &player).await
            && ask(&mut socket, player.device_id).await.is_ok()
        {
            while let Some(Ok(_)) = socket.next().await {}
        }
        pause(TRY_AGAIN).await;
    }
}
