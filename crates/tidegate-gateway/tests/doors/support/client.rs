//! A client that writes bytes and reads one answer at a time.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
};

/// No test waits longer than this for anything.
pub const WAIT_MAX: Duration = Duration::from_secs(10);

pub struct Client {
    pub reader: OwnedReadHalf,
    pub writer: Option<OwnedWriteHalf>,
    read: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        let (reader, writer) = TcpStream::connect(address).await.unwrap().into_split();
        Client {
            reader,
            writer: Some(writer),
            read: Vec::new(),
        }
    }

    pub async fn ask(&mut self, bytes: &str) -> Answer {
        self.send(bytes.as_bytes()).await;
        self.answer().await
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        assert!(self.try_send(bytes).await, "the other side takes nothing more");
    }

    /// Whether the other side still takes bytes.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.writer.as_mut().unwrap().write_all(bytes).await.is_ok()
    }

    /// Writes while answers are read, and never again.
    pub fn send_beside(&mut self, bytes: Vec<u8>) -> JoinHandle<OwnedWriteHalf> {
        let mut writer = self.writer.take().unwrap();
        tokio::spawn(async move {
            writer.write_all(&bytes).await.unwrap();
            writer
        })
    }

    pub async fn answer(&mut self) -> Answer {
        self.answer_to("GET").await
    }

    /// The answer to a request of this method: HEAD's has no body.
    pub async fn answer_to(&mut self, method: &str) -> Answer {
        let head = self.until("\r\n\r\n").await;
        let mut answer = Answer {
            status: head[9..12].parse().unwrap(),
            head: head.to_lowercase(),
            body: Vec::new(),
        };
        if answer.status == 100 {
            return Box::pin(self.answer_to(method)).await;
        }
        if method == "HEAD" || answer.status == 204 || answer.status == 304 {
            return answer;
        }
        if answer.field("transfer-encoding") == Some("chunked") {
            loop {
                let size = usize::from_str_radix(self.until("\r\n").await.trim(), 16).unwrap();
                let mut chunk = self.exactly(size + 2).await;
                chunk.truncate(size);
                answer.body.extend(chunk);
                if size == 0 {
                    return answer;
                }
            }
        }
        match answer.field("content-length") {
            Some(bytes) => answer.body = self.exactly(bytes.parse().unwrap()).await,
            None => answer.body = self.rest().await,
        }
        answer
    }

    /// All bytes until the other side closes.
    pub async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.read)
    }

    /// What comes within a time, or until the other side closes.
    pub async fn rest_within(&mut self, wait: Duration) -> Vec<u8> {
        let _ = tokio::time::timeout(wait, async { while self.more().await {} }).await;
        std::mem::take(&mut self.read)
    }

    /// Whether the connection is closed, after whatever still comes.
    pub async fn is_closed(&mut self) -> bool {
        tokio::time::timeout(WAIT_MAX, self.rest())
            .await
            .is_ok_and(|rest| rest.is_empty())
    }

    pub async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end.as_bytes()) {
                let taken: Vec<u8> = self.read.drain(..at + end.len()).collect();
                return String::from_utf8(taken).unwrap();
            }
            assert!(
                self.more().await,
                "closed after {:?}",
                String::from_utf8_lossy(&self.read)
            );
        }
    }

    async fn exactly(&mut self, bytes: usize) -> Vec<u8> {
        while self.read.len() < bytes {
            assert!(
                self.more().await,
                "closed in a body after {:?}",
                String::from_utf8_lossy(&self.read)
            );
        }
        self.read.drain(..bytes).collect()
    }

    async fn more(&mut self) -> bool {
        let mut buffer = vec![0; 65_536];
        let read = tokio::time::timeout(WAIT_MAX, self.reader.read(&mut buffer))
            .await
            .expect("an answer in time");
        // A reset is a close too.
        let bytes = read.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..bytes]);
        bytes > 0
    }
}

impl Answer {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
