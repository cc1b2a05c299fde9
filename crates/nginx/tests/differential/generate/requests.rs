//! Requests: hosts, targets, methods, headers.

use landfall_nginx::route::Request;

use super::words::{HOSTS, TARGETS};
use crate::differential::nginx::Bench;
use crate::differential::random::Random;

pub(super) fn request(random: &mut Random, bench: &Bench, id: usize) -> Request {
    let port = bench.front[random.below(2)];
    let v6 = bench.v6 && port == bench.front[1] && random.one_in(6);
    let method = if random.one_in(6) {
        random.pick(&["POST", "HEAD", "PUT", "DELETE", "get", "TRACE", "OPTIONS", "PATCH", "PROPFIND", "X-Y"])
    } else {
        "GET"
    };
    let mut headers = headers(random);
    if method == "POST" || method == "PUT" {
        let length = random.pick(&["0", "0", "5"]);
        headers.push(("Content-Length".to_owned(), length.as_bytes().to_vec()));
    }
    let mut host = random.pick(HOSTS).to_owned();
    if random.one_in(40) {
        host = String::from(random.pick(&["a..b", "a/b", ".a.example", "[::1]:80", ":80"]));
    }
    let mut target = random.pick(TARGETS).as_bytes().to_vec();
    if random.one_in(60) {
        target.extend(std::iter::repeat_n(b'l', 1100));
    }
    let (listen, client) = if v6 {
        (format!("[::1]:{port}"), std::net::IpAddr::V6(std::net::Ipv6Addr::LOCALHOST))
    } else {
        (format!("127.0.0.1:{port}"), std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
    };
    Request {
        id: Some(serde_json::json!(id)),
        listen: Some(listen),
        method: method.to_owned(),
        host: host.into_bytes(),
        target,
        headers,
        client: Some(client),
    }
}

fn headers(random: &mut Random) -> Vec<(String, Vec<u8>)> {
    let mut headers = Vec::new();
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.as_bytes().to_vec()));
    if random.one_in(3) {
        let name = random.pick(&["X-A", "x-a", "X-A", "X_A"]);
        add(name, random.pick(&["1", "two", "a.example", "", "TWO"]));
    }
    if random.one_in(4) {
        add("Cookie", random.pick(&["k=v", "a=1; k=w", "k", "kk=2; k = z", "K=upper"]));
    }
    if random.one_in(5) {
        add("X-Real-IP", random.pick(&["10.1.2.3", "192.168.1.1", "bad", "2001:db8::1", "10.1.2.3:80"]));
    }
    if random.one_in(6) {
        let chain =
            ["10.1.2.3", "10.1.2.3, 127.0.0.1", "192.168.1.1, 10.9.9.9", "10.1.2.3,junk", "127.0.0.1"];
        add("X-Forwarded-For", random.pick(&chain));
    }
    if random.one_in(10) {
        // user:pass, user:wrong
        add("Authorization", random.pick(&["Basic dXNlcjpwYXNz", "Basic dXNlcjp3cm9uZw==", "Bearer x"]));
    }
    headers
}
