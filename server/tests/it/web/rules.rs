//! Every route keeps its rule; every answer carries the headers.

use landfall::web::{
    WebSettings,
    routes::{Access, Answer, Caching, ROUTES, allowed},
};

use super::{
    client::{Stream, get, request},
    world::World,
};

/// A real path for one of the table.
fn filled(path: &str) -> String {
    path.replace("{name}", "mail")
        .replace("{*path}", "configuration")
        .replace("{*pull}", "accounts/control-panel/7")
        .replace("{*page}", "services/mail.png")
        .replace("{*file}", "landfall.css")
        .replace("{service}/{file}", "mail/production.svg")
        .replace("{*repository}", "registry.example/hosting/mail")
}

#[tokio::test]
async fn every_route_answers_with_all_headers_and_its_caching() {
    let world = World::start().await;
    for route in ROUTES {
        if route.method != "GET" {
            let sent = request(world.address, route.method, &filled(route.path), &[]).await;
            let expected = if route.access == Access::Caller { 401 } else { 200 };
            assert_eq!((sent.status, sent.header("cache-control")), (expected, "no-store"), "{}", route.path);
            continue;
        }
        if route.path == "/events" {
            let head = Stream::open(world.address, "").await.until("\r\n\r\n").await.unwrap().to_lowercase();
            assert!(head.contains("content-type: text/event-stream") && head.contains("nosniff"), "{head}");
            continue;
        }
        let answer = get(world.address, &filled(route.path), &[]).await;
        let expected = if route.path.starts_with("/pkg") { 404 } else { 200 };
        assert_eq!(answer.status, expected, "{}: {}", route.path, answer.text());
        let is_shown_elsewhere = matches!(route.answer, Answer::Badge | Answer::Card);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            // Pictures are shown on pages of others.
            ("cross-origin-resource-policy", if is_shown_elsewhere { "cross-origin" } else { "same-origin" }),
        ] {
            assert_eq!(answer.header(name), value, "{} {name}", route.path);
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        let is_page = route.access != Access::Address;
        assert!(policy.contains("'sha256-AAAA'") == is_page && !policy.contains("unsafe-inline"), "{policy}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "not over http");
        assert_eq!(answer.header("x-request-id").len(), 32);
        let caching = answer.header("cache-control");
        match route.caching {
            Caching::Revalidate => assert_eq!(caching, "no-cache", "{}", route.path),
            Caching::Never | Caching::Own => assert_eq!(caching, "no-store", "{}", route.path),
        }
        if route.caching == Caching::Revalidate {
            let again =
                get(world.address, &filled(route.path), &[("If-None-Match", answer.header("etag"))]).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{}", route.path);
        }
        let head = request(world.address, "HEAD", &filled(route.path), &[]).await;
        assert_eq!((head.status, head.body.len()), (expected, 0), "{}", route.path);
        let put = request(world.address, "PUT", &filled(route.path), &[]).await;
        assert_eq!((put.status, put.header("allow")), (405, allowed(route.path)), "{}", route.path);
        let post = request(world.address, "POST", &filled(route.path), &[]).await;
        let taken = ROUTES.iter().any(|other| other.path == route.path && other.method == "POST");
        assert_eq!(post.status, if taken { 200 } else { 405 }, "{}", route.path);
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let world = World::start().await;
    let page = get(world.address, "/nothing", &[("Accept", "text/html,*/*")]).await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    for path in ["/nothing", "/api/v1/nothing", "/api/v1/services/nobody", "/pkg/../../etc/passwd"] {
        let problem = get(world.address, path, &[]).await;
        assert_eq!(
            (problem.status, problem.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
        assert_eq!(problem.json()["title"], "Not found");
    }
}

#[tokio::test]
async fn a_strange_name_is_not_answered_but_probes_are() {
    let world = World::start().await;
    for host in ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example"] {
        assert_eq!(get(world.address, "/", &[("Host", host)]).await.status, 421, "{host}");
    }
    for host in ["localhost:3000", "127.0.0.1", "[::1]:1", "LOCALHOST."] {
        assert_eq!(get(world.address, "/", &[("Host", host)]).await.status, 200, "{host}");
    }
    assert_eq!(get(world.address, "/livez", &[("Host", "10.0.0.7:3000")]).await.status, 200);
    let settings =
        WebSettings { hosts: vec!["landfall.example".into()], https: true, ..WebSettings::default() };
    let named = World::with(settings, landfall::web::Limits::default()).await;
    let answer = get(named.address, "/", &[("Host", "landfall.example")]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("strict-transport-security").contains("max-age"));
}

#[tokio::test]
async fn another_site_can_not_write() {
    let world = World::start().await;
    for headers in [
        &[("Sec-Fetch-Site", "cross-site")][..],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
    ] {
        assert_eq!(request(world.address, "POST", "/", headers).await.status, 403, "{headers:?}");
    }
    let own = [("Origin", "http://localhost:3000"), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(request(world.address, "POST", "/", &own).await.status, 405, "nothing takes a POST yet");
}

#[tokio::test]
async fn a_panic_is_an_answer_and_is_counted() {
    let world = World::start().await;
    let answer = get(world.address, "/findings?panic", &[("Accept", "text/html")]).await;
    assert_eq!((answer.status, answer.header("x-content-type-options")), (500, "nosniff"));
    let metrics = get(world.address, "/metrics", &[]).await.text();
    assert!(metrics.contains("landfall_request_panics_total 1"), "{metrics}");
    assert!(metrics.contains("landfall_source_state{source=\"cluster/prod\",state=\"ok\"} 1"), "{metrics}");
    assert!(metrics.contains("landfall_snapshot_revision 4711"), "{metrics}");
    assert!(!metrics.contains("control-panel"), "no data in labels");
}

#[tokio::test]
async fn a_page_is_rendered_once_for_all_who_ask_at_the_same_time() {
    let world = World::start().await;
    let gzip = [("Accept-Encoding", "gzip")];
    let (a, b, c) = tokio::join!(
        get(world.address, "/?q=x", &gzip),
        get(world.address, "/?q=x", &gzip),
        get(world.address, "/?q=x", &gzip)
    );
    assert!(
        [&a, &b, &c].iter().all(|answer| answer.status == 200 && answer.header("content-encoding") == "gzip")
    );
    assert_eq!(*world.renders.lock().unwrap(), 1);
    let plain = get(world.address, "/?q=x", &[("Accept-Encoding", "br;q=0, gzip;q=0.0")]).await;
    assert_eq!((plain.header("content-encoding"), plain.body.len() > 4_000), ("", true));
    assert_eq!(plain.header("etag"), a.header("etag"), "the tag names the page, not its packing");
    world.change(&[]);
    get(world.address, "/?q=x", &gzip).await;
    assert_eq!(*world.renders.lock().unwrap(), 3, "a new revision is a new page");
}

#[tokio::test]
async fn readiness_says_what_is_missing_and_ends_with_the_shutdown() {
    let world = World::start().await;
    let ready = get(world.address, "/readyz", &[]).await;
    assert_eq!((ready.status, ready.json()["ready"].as_bool()), (200, Some(true)));
    let mut empty = (*world.state.live()).clone();
    empty.revision = 0;
    for source in empty.sources.values_mut() {
        let mut never = (**source).clone();
        never.last_success = None;
        *source = std::sync::Arc::new(never);
    }
    world.snapshots.send_replace(std::sync::Arc::new(empty));
    let waiting = get(world.address, "/readyz", &[]).await;
    assert_eq!(waiting.status, 503);
    assert_eq!(waiting.json()["missing"], serde_json::json!(["argocd/main", "cluster/prod"]));
    assert_eq!(get(world.address, "/livez", &[]).await.status, 200);
}
