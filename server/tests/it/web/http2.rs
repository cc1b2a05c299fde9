//! The same rules over HTTP/2, which one connection may use for many requests.

use std::time::Duration;

use landfall::web::{Limits, WebSettings};

use super::{client::get, world::World};

fn client() -> reqwest::Client {
    let _already = rustls::crypto::ring::default_provider().install_default();
    // No idle time of its own: only the server ends what is not used.
    reqwest::Client::builder()
        .http2_prior_knowledge()
        .pool_idle_timeout(None)
        .http2_keep_alive_interval(Duration::from_millis(100))
        .http2_keep_alive_while_idle(true)
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

async fn until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn pages_and_their_headers_are_those_of_http_1() {
    let world = World::start().await;
    let client = client();
    for path in ["/", "/api/v1/services", "/nothing", "/livez"] {
        let url = format!("http://localhost:{}{path}", world.address.port());
        let over_2 = client.get(&url).send().await.unwrap();
        assert_eq!(over_2.version(), reqwest::Version::HTTP_2);
        let over_1 = get(world.address, path, &[]).await;
        assert_eq!(over_2.status(), over_1.status, "{path}");
        for name in
            ["content-type", "content-security-policy", "cache-control", "etag", "x-content-type-options"]
        {
            let said = over_2.headers().get(name).map_or("", |value| value.to_str().unwrap());
            assert_eq!(said, over_1.header(name), "{path} {name}");
        }
        if over_1.status == 200 {
            assert_eq!(over_2.bytes().await.unwrap(), over_1.body, "{path}");
        }
    }
}

#[tokio::test]
async fn a_strange_authority_is_not_answered_whatever_the_host_header_says() {
    let world = World::start().await;
    let client = reqwest::Client::builder()
        .http2_prior_knowledge()
        .resolve("evil.example", world.address)
        .build()
        .unwrap();
    let url = format!("http://evil.example:{}/", world.address.port());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 421);
    let dressed_up = client.get(&url).header("host", "localhost").send().await;
    assert!(dressed_up.is_err() || dressed_up.is_ok_and(|answer| answer.status() == 421));
}

#[tokio::test]
async fn one_connection_has_so_many_streams_and_no_more() {
    let limits = Limits { streams: 3, ..Limits::default() };
    let world = World::with(WebSettings::default(), limits).await;
    let url = format!("http://127.0.0.1:{}/events", world.address.port());
    let client = client();
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(client.get(&url).send().await.unwrap());
    }
    assert_eq!(world.state.metrics.open_streams(), 3);
    // A fourth waits until one of them ends.
    let fourth = tokio::spawn({
        let (client, url) = (client.clone(), url.clone());
        async move { client.get(&url).send().await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!fourth.is_finished());
    assert_eq!(world.state.metrics.connections.get(), 1, "no second connection");
    open.pop();
    tokio::time::timeout(Duration::from_secs(10), fourth).await.expect("its turn comes").unwrap();
}

#[tokio::test]
async fn a_connection_that_is_only_held_is_closed_and_one_that_listens_is_not() {
    let limits = Limits { header_timeout: Duration::from_millis(300), ..Limits::default() };
    let world = World::with(WebSettings::default(), limits).await;
    let base = format!("http://127.0.0.1:{}", world.address.port());
    let held = client();
    assert_eq!(held.get(format!("{base}/livez")).send().await.unwrap().status(), 200);
    until("the held one is closed", || world.state.metrics.connections.get() == 0).await;

    let mut listening = client().get(format!("{base}/events")).send().await.unwrap();
    let first = listening.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("event: revision"));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(world.state.metrics.connections.get(), 1, "it listens");
    world.change(&["service/mail"]);
    let next = listening.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&next).contains("service/mail"));
}
