//! `POST /webhooks/registry/{name}`: who may call, and what is answered.

use std::{fmt::Write as _, sync::Arc};

use landfall::{
    config::{Config, Variables},
    hook::Hooks,
};
use ring::hmac;
use serde_json::{Value, json};

use super::{
    client::{Answer, get, post, request},
    world::World,
};

const SECRET: &str = "0e1c4b62a5d94f0b";

/// A server that two registries are configured at: one with a secret, one without.
async fn world(secret: &str) -> (World, Arc<Hooks>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), secret).unwrap();
    let text = "[[registry]]\nhost = \"registry.example:5000\"\nwebhook_secret_file = \"secret\"\n\
                [[registry]]\nhost = \"silent.example\"\n";
    let config = Config::parse(&folder.path().join("landfall.toml"), text, &Variables::default()).unwrap();
    let hooks = Hooks::new(&config);
    (World::called(Arc::clone(&hooks)).await, hooks, folder)
}

async fn call(world: &World, name: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
    post(world.address, &format!("/webhooks/registry/{name}"), body, headers).await
}

fn pushed() -> String {
    let target = json!({"repository": "hosting/web", "tag": "1.0"});
    json!({"events": [{"action": "push", "target": target}]}).to_string()
}

fn signature(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, body.as_bytes()).as_ref().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[tokio::test]
async fn who_does_not_prove_himself_learns_nothing() {
    let (world, hooks, _folder) = world(SECRET).await;
    let (bearer, body) = (format!("Bearer {SECRET}"), pushed());
    let one = |answer: Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers.remove("date");
        (answer.status, headers, answer.text())
    };
    let wrong = one(call(&world, "registry.example:5000", &body, &[("Authorization", "Bearer wrong")]).await);
    assert_eq!(wrong.0, 401);
    for (name, body, headers) in [
        ("registry.example:5000", body.as_str(), &[][..]),
        ("registry.example:5000", "no json", &[]),
        ("registry.example:5000", &body, &[("X-Hub-Signature-256", "sha256=00")]),
        ("registry.example:5000?token=wrong", &body, &[]),
        ("silent.example", &body, &[("Authorization", &bearer)]),
        ("silent.example", &body, &[("Authorization", "Bearer ")]),
        ("nobody.example", &body, &[("Authorization", &bearer)]),
    ] {
        assert_eq!(one(call(&world, name, body, headers).await), wrong, "{name} {headers:?}");
    }
    assert!(hooks.asks.is_empty());
    let metrics = get(world.address, "/metrics", &[]).await.text();
    assert!(!metrics.contains("registry.example"), "names of callers are no labels");
    for method in ["GET", "HEAD", "PUT"] {
        let answer = request(world.address, method, "/webhooks/registry/registry.example:5000", &[]).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
    }
}

#[tokio::test]
async fn who_does_is_heard_quickly_and_a_thousand_calls_are_one_ask() {
    let (world, hooks, folder) = world(SECRET).await;
    let (bearer, body) = (format!("Bearer {SECRET}"), pushed());
    for headers in [
        &[("Authorization", bearer.as_str())][..],
        &[("Authorization", SECRET)],
        &[("X-Hub-Signature-256", &signature(SECRET, &body))],
    ] {
        let answer = call(&world, "registry.example:5000", &body, headers).await;
        assert_eq!((answer.status, answer.text().as_str()), (202, ""), "{headers:?}");
    }
    let by_url = format!("registry.example%3A5000?token={SECRET}");
    for _ in 0..1_000 {
        assert_eq!(call(&world, &by_url, &body, &[]).await.status, 202);
    }
    let asks = hooks.asks.take();
    assert_eq!(asks.len(), 1);
    let wish = &asks[&("registry.example:5000".to_owned(), "hosting/web".to_owned())];
    assert_eq!((wish.tags.iter().collect::<Vec<_>>(), wish.list), (vec![&"1.0".to_owned()], false));

    // A new secret beside the old one, and then alone; nothing is restarted.
    std::fs::write(folder.path().join("secret"), format!("{SECRET}\nanother")).unwrap();
    let mut accepted = false;
    for _ in 0..200 {
        accepted =
            call(&world, "registry.example:5000", &body, &[("Authorization", "another")]).await.status == 202;
        if accepted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(accepted, "the replaced file counts");
    assert_eq!(call(&world, "registry.example:5000", &body, &[("Authorization", &bearer)]).await.status, 202);
}

#[tokio::test]
async fn what_cannot_be_read_and_what_says_nothing() {
    let (world, hooks, _folder) = world(SECRET).await;
    let headers = [("Authorization", SECRET)];
    for garbage in ["", "{", "\u{0}", "7", "\"text\"", "null", "[", &"[".repeat(100_000)] {
        let answer = call(&world, "registry.example:5000", garbage, &headers).await;
        assert_eq!(answer.status, 400, "{:?}", garbage.chars().take(9).collect::<String>());
        assert_eq!(answer.json()["detail"], "The body is not the JSON that a registry sends.");
    }
    for nothing in ["{}", "[]", "{\"zen\":\"Keep it logically awesome.\"}", "{\"events\":[7,null,{}]}"] {
        assert_eq!(call(&world, "registry.example:5000", nothing, &headers).await.status, 202, "{nothing}");
    }
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(513 << 10));
    assert_eq!(call(&world, "registry.example:5000", &large, &headers).await.status, 413);
    let fits = format!("{{\"a\":\"{}\"}}", "x".repeat(400 << 10));
    assert_eq!(call(&world, "registry.example:5000", &fits, &headers).await.status, 202);
    assert!(hooks.asks.is_empty());
    let code = "512d38b6-c7b8-40c8-89fe-f46f9e9622b6";
    let grid = json!([{"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
                       "data": {"validationCode": code, "validationUrl": "https://evil.example/"}}]);
    let answer = call(&world, "registry.example:5000", &grid.to_string(), &headers).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"validationResponse": code})));
    assert_eq!(call(&world, "registry.example:5000", &grid.to_string(), &[]).await.status, 401);
}

#[tokio::test]
async fn too_many_at_once_are_to_come_again() {
    let (world, hooks, _folder) = world(SECRET).await;
    let event = |n: usize| -> Value {
        json!({"action": "push", "target": {"repository": format!("hosting/web-{n}"), "tag": "1"}})
    };
    let mut last = 0;
    for group in 0..40 {
        let events: Vec<_> = (group * 100..group * 100 + 100).map(event).collect();
        let body = json!({"events": events}).to_string();
        last = call(&world, "registry.example:5000", &body, &[("Authorization", SECRET)]).await.status;
    }
    assert_eq!((last, hooks.asks.take().len()), (503, 2_000));
}
