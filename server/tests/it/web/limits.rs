//! Slow, many and huge clients.

use std::time::Duration;

use landfall::web::{Limits, WebSettings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    client::{get, request},
    world::World,
};

fn hasty() -> Limits {
    Limits { header_timeout: Duration::from_millis(200), ..Limits::default() }
}

/// Whether the server ends the connection; a client that waits for ever would hang the test.
async fn is_ended(mut stream: TcpStream) -> bool {
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await.is_ok()
}

#[tokio::test]
async fn who_says_nothing_or_too_slowly_is_cut_off() {
    let world = World::with(WebSettings::default(), hasty()).await;
    for start in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        assert!(is_ended(stream).await, "{start:?}");
    }
    // Drop by drop, always a little: the clock does not start anew with each drop.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let dripped = async {
        while stream.write_all(b"X-A: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), dripped).await.expect("it is cut off");
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_no_more() {
    let limits = Limits { connections_per_ip: 2, ..Limits::default() };
    let world = World::with(WebSettings::default(), limits).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut some = [0; 1024];
        assert!(stream.read(&mut some).await.unwrap() > 0);
        open.push(stream);
    }
    let mut third = TcpStream::connect(world.address).await.unwrap();
    let _ = third.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut rest = Vec::new();
    let _ = third.read_to_end(&mut rest).await;
    assert_eq!(rest, b"", "the third gets nothing");
    assert_eq!(world.state.metrics.refused_connections.get(), 1);
}

#[tokio::test]
async fn huge_heads_and_bodies_are_refused() {
    let world = World::start().await;
    let long = "x".repeat(200_000);
    let answer = get(world.address, "/", &[("X-Long", &long)]).await;
    assert_eq!(answer.status, 431);
    let answer = request(world.address, "POST", "/", &[("Content-Length", "10000000")]).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn too_much_at_once_is_told_to_come_back_but_probes_get_through() {
    let world = World::with(WebSettings { in_flight: 0, ..WebSettings::default() }, Limits::default()).await;
    let answer = get(world.address, "/", &[]).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    assert_eq!(get(world.address, "/livez", &[]).await.status, 200);
}

#[tokio::test]
async fn a_body_that_never_comes_or_comes_drop_by_drop_holds_nothing() {
    let world = World::with(WebSettings::default(), hasty()).await;
    for head in ["Content-Length: 60000", "Transfer-Encoding: chunked"] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let text = format!("POST / HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        let dripped = async {
            while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), dripped).await.expect(head);
    }
}

#[tokio::test]
async fn many_headers_and_two_hosts_are_refused() {
    let world = World::start().await;
    let many: Vec<(String, String)> = (0..200).map(|n| (format!("X-{n}"), "a".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(get(world.address, "/", &many).await.status, 431);
    let two = [("Host", "localhost"), ("Host", "evil.example")];
    assert_eq!(get(world.address, "/", &two).await.status, 421);
}

/// Who sends a form drop by drop is told so after a while, and keeps nobody else from being answered.
#[tokio::test]
async fn a_form_that_does_not_end_holds_no_place() {
    let settings =
        WebSettings { in_flight: 1, body_wait: Duration::from_millis(500), ..WebSettings::default() };
    let world = World::with(settings, Limits::default()).await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    let text = "POST /views HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 1000\r\n\r\nname=";
    slow.write_all(text.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(get(world.address, "/", &[]).await.status, 200, "others are answered meanwhile");
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), slow.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
}
