//! An HTTP/1.1 client that costs little: the load must not wait for its own tool.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A kept connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    address: SocketAddr,
}

/// What came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await??;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10), address })
    }

    /// GET as a browser asks: brotli is welcome.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.get_as(path, "br").await
    }

    pub async fn get_as(&mut self, path: &str, encoding: &str) -> anyhow::Result<Answer> {
        let ask = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html,*/*\r\nAccept-Encoding: {encoding}\r\n\r\n",
            self.address
        );
        tokio::time::timeout(PATIENCE, self.exchange(ask.as_bytes()))
            .await
            .with_context(|| format!("{path}: no answer"))?
            .with_context(|| path.to_owned())
    }

    async fn exchange(&mut self, ask: &[u8]) -> anyhow::Result<Answer> {
        self.stream.write_all(ask).await?;
        self.buffer.clear();
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed before an answer");
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        let status = head.get(9..12).and_then(|code| code.parse().ok()).context("no status")?;
        let length: usize = header(&head, "content-length").parse().context("no length")?;
        let whole = end + 4 + length;
        while self.buffer.len() < whole {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed within an answer");
        }
        let body = self.buffer[end + 4..whole].to_vec();
        Ok(Answer { status, head, body })
    }
}

/// A header's value; empty without one.
pub fn header<'a>(head: &'a str, name: &str) -> &'a str {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value.trim())
}

/// One request on a connection of its own.
pub async fn get(address: SocketAddr, path: &str) -> anyhow::Result<Answer> {
    Connection::open(address).await?.get(path).await
}

/// The same, as JSON. An error unless it is a 200.
pub async fn json(address: SocketAddr, path: &str) -> anyhow::Result<Value> {
    let answer = Connection::open(address).await?.get_as(path, "identity").await?;
    anyhow::ensure!(answer.status == 200, "{path}: {}", answer.status);
    Ok(serde_json::from_slice(&answer.body)?)
}
