//! A raw HTTP client: sends exactly the bytes that are asked for, keeps connections open.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use landfall_nginx::route::Request;

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Closed without an answer.
    pub closed: bool,
    pub status: u16,
    pub location: Option<String>,
    /// `L12` or `S3`: the line of the location or server that answered.
    pub at: String,
    /// `$upstream_addr`.
    pub upstream: String,
    /// Name and request target that the echo upstream saw.
    pub echo: Option<(String, String)>,
}

#[derive(Default)]
pub struct Client {
    open: HashMap<String, TcpStream>,
}

impl Client {
    /// Sends the request; `None` when the connection failed for reasons of its own.
    pub fn send(&mut self, request: &Request) -> Option<Observed> {
        let listen = request.listen.clone()?;
        let version = if request.host.is_empty() { "HTTP/1.0" } else { "HTTP/1.1" };
        let mut bytes = Vec::new();
        bytes.extend_from_slice(request.method.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(&request.target);
        bytes.extend_from_slice(format!(" {version}\r\n").as_bytes());
        if !request.host.is_empty() {
            bytes.extend_from_slice(b"Host: ");
            bytes.extend_from_slice(&request.host);
            bytes.extend_from_slice(b"\r\n");
        }
        for (name, value) in &request.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend(std::iter::repeat_n(b'b', body_length(request)));
        for _ in 0..2 {
            let reused = self.open.remove(&listen);
            let fresh = reused.is_none();
            let mut stream = if let Some(stream) = reused {
                stream
            } else {
                let stream = TcpStream::connect(&listen).ok()?;
                stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
                stream.set_nodelay(true).ok()?;
                stream
            };
            if stream.write_all(&bytes).is_err() {
                continue;
            }
            match read_response(&mut stream, request.method == "HEAD") {
                Ok((observed, keep)) => {
                    if keep {
                        self.open.insert(listen, stream);
                    }
                    return Some(observed);
                }
                // a machine that is too busy says nothing about nginx
                Err(Broken::Late) => return None,
                // an old connection may have been closed by the server meanwhile
                Err(Broken::Closed) if !fresh => {}
                Err(Broken::Closed) => return Some(Observed { closed: true, ..Observed::default() }),
            }
        }
        None
    }
}

fn body_length(request: &Request) -> usize {
    let length = request.headers.iter().find(|(name, _)| name == "Content-Length");
    length.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok()).unwrap_or(0)
}

/// Why there is no answer.
enum Broken {
    Closed,
    Late,
}

impl From<&std::io::Error> for Broken {
    fn from(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => Self::Late,
            _ => Self::Closed,
        }
    }
}

fn read_response(stream: &mut TcpStream, head_only: bool) -> Result<(Observed, bool), Broken> {
    let mut data = Vec::new();
    let mut chunk = [0_u8; 4096];
    let head_len = loop {
        if let Some(end) = data.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut chunk) {
            Ok(0) => return Err(Broken::Closed),
            Err(error) => return Err(Broken::from(&error)),
            Ok(len) => data.extend_from_slice(&chunk[..len]),
        }
    };
    let head = String::from_utf8_lossy(&data[..head_len]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or(Broken::Closed)?;
    let mut observed = Observed { status, ..Observed::default() };
    let mut length: Option<usize> = None;
    let mut keep = true;
    let mut chunked = false;
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "transfer-encoding" => chunked = true,
            "connection" => keep = !value.eq_ignore_ascii_case("close"),
            "location" => observed.location = Some(value.to_owned()),
            "x-at" => {
                let (at, upstream) = value.split_once('|').unwrap_or((value, ""));
                at.clone_into(&mut observed.at);
                upstream.clone_into(&mut observed.upstream);
            }
            _ => {}
        }
    }
    let mut body = data.split_off(head_len);
    let no_body = head_only || status == 204 || status == 304;
    if no_body {
        return Ok((observed, keep && body.is_empty()));
    }
    let complete = |body: &[u8]| match length {
        Some(length) => body.len() >= length,
        None => chunked && body.ends_with(b"0\r\n\r\n"),
    };
    while !complete(&body) {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => {
                keep = false;
                break;
            }
            Ok(len) => body.extend_from_slice(&chunk[..len]),
        }
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    if let Some(echo) = text.strip_prefix("UP|") {
        observed.echo = echo.split_once('|').map(|(name, uri)| (name.to_owned(), uri.to_owned()));
    }
    Ok((observed, keep))
}
