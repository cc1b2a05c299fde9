//! `/api/v1`.

use std::{collections::BTreeSet, sync::Arc};

use landfall::web::{
    Limits, WebSettings,
    api::openapi,
    routes::{Answer, ROUTES},
};
use serde_json::Value;

use super::{
    client::get,
    world::{Away, World},
};

#[tokio::test]
async fn shapes_are_stable() {
    let world = World::start().await;
    for (name, path) in [
        ("services", "/api/v1/services?limit=1"),
        ("service", "/api/v1/services/mail?since=-1h"),
        ("history", "/api/v1/history?limit=2&since=2026-11-20"),
        ("findings", "/api/v1/findings"),
        ("findings_closed", "/api/v1/findings?state=closed"),
        ("sources", "/api/v1/sources"),
        ("previews", "/api/v1/previews"),
        ("pull", "/api/v1/pulls/accounts/control-panel/482"),
        ("pull_gone", "/api/v1/pulls/accounts/control-panel/7"),
        ("past", "/api/v1/services/control-panel?at=2026-W47"),
        ("problem", "/api/v1/services?state=broken&limit=0&at=tomorrow"),
    ] {
        insta::assert_json_snapshot!(name, get(world.address, path, &[]).await.json());
    }
    for (name, path) in [
        ("services_csv", "/api/v1/services.csv"),
        ("previews_csv", "/api/v1/previews.csv"),
        ("history_csv", "/api/v1/history?format=csv"),
        ("history_jsonl", "/api/v1/history.jsonl?limit=1"),
    ] {
        insta::assert_snapshot!(name, get(world.address, path, &[]).await.text());
    }
}

#[tokio::test]
async fn the_query_string_of_a_page_is_that_of_its_twin() {
    let world = World::start().await;
    let answer =
        get(world.address, "/api/v1/services?env=production&state=degraded&q=control", &[]).await.json();
    assert_eq!(answer["total"], 1);
    let filtered = get(world.address, "/api/v1/services?lang=ja&theme=dark", &[]).await;
    assert_eq!(filtered.status, 200, "what concerns the look is no error");
}

#[tokio::test]
async fn pages_of_history_join_without_loss() {
    let world = World::start().await;
    let (mut path, mut seen) = ("/api/v1/history?limit=2".to_owned(), Vec::new());
    loop {
        let answer = get(world.address, &path, &[]).await;
        let json = answer.json();
        assert_eq!(json["total"], 5);
        seen.extend(json["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        let Some(next) = json["next"].as_str() else { break };
        assert!(answer.header("link").contains(next), "{}", answer.header("link"));
        path = format!("/api/v1/history?limit=2&cursor={next}");
    }
    assert_eq!(seen.len(), 5);
    let some = get(world.address, "/api/v1/history?kind=image", &[]).await.json();
    assert_eq!((some["total"].clone(), some["next"].clone()), (2.into(), Value::Null));
}

#[tokio::test]
async fn the_past_ends_where_history_begins() {
    let world = World::start().await;
    let past = get(world.address, "/api/v1/services?at=2026-11-20T06:00:00Z", &[]).await.json();
    assert_eq!((past["total"].clone(), past["as_of"].clone()), (1.into(), "2026-11-20T06:00:00Z".into()));
    assert_eq!(past["items"][0]["owner"], "team-hosting");
    let open_then = get(world.address, "/api/v1/findings?at=2026-11-19", &[]).await.json();
    assert_eq!(open_then["items"][0]["until"], Value::Null, "it had not ended then");
    let before = get(world.address, "/api/v1/services?at=2026-10-01", &[]).await;
    assert_eq!(before.status, 404);
    assert!(before.json()["detail"].as_str().unwrap().contains("2026-11-01"), "{}", before.text());
}

#[tokio::test]
async fn live_answers_go_on_without_the_database() {
    let world = World::build(WebSettings::default(), Limits::default(), Some(Arc::new(Away))).await;
    for path in ["/api/v1/services", "/api/v1/findings", "/api/v1/sources", "/readyz"] {
        assert_eq!(get(world.address, path, &[]).await.status, 200, "{path}");
    }
    for path in ["/api/v1/history", "/api/v1/services?at=-1d", "/api/v1/findings?state=closed"] {
        let answer = get(world.address, path, &[]).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{path}");
    }
    let none = World::build(WebSettings::default(), Limits::default(), None).await;
    let answer = get(none.address, "/api/v1/history", &[]).await;
    assert!(answer.json()["detail"].as_str().unwrap().contains("without a database"), "{}", answer.text());
}

#[tokio::test]
async fn tags_change_with_the_meaning_only() {
    let world = World::start().await;
    let tag = |answer: &super::client::Answer| answer.header("etag").to_owned();
    let first = tag(&get(world.address, "/api/v1/services", &[]).await);
    assert_eq!(first, tag(&get(world.address, "/api/v1/services", &[("Accept-Encoding", "br")]).await));
    world.change(&[]);
    assert_ne!(first, tag(&get(world.address, "/api/v1/services", &[]).await));
}

/// A repository that the world's services use.
const PULL: &str = "/api/v1/pulls/accounts/control-panel/7";
const IMAGE: &str = "/api/v1/images/registry.example/hosting/control-panel";

/// Every field of an answer stands in the document, and every field there that is required stands in the answer.
#[tokio::test]
async fn the_document_has_every_route_and_every_field() {
    let document = openapi::document();
    let paths = &document["paths"];
    for route in ROUTES {
        if matches!(route.answer, Answer::Api(_)) {
            let path = route.path.replace("{*", "{");
            assert!(paths[&path]["get"].is_object(), "{path}");
        }
    }
    let world = World::start().await;
    for (path, real) in [
        ("/api/v1/services", "/api/v1/services"),
        ("/api/v1/services/{name}", "/api/v1/services/mail"),
        ("/api/v1/history", "/api/v1/history"),
        ("/api/v1/findings", "/api/v1/findings"),
        ("/api/v1/sources", "/api/v1/sources"),
        ("/api/v1/images", "/api/v1/images"),
        ("/api/v1/images/{repository}", IMAGE),
        ("/api/v1/previews", "/api/v1/previews"),
        ("/api/v1/pulls/{pull}", PULL),
    ] {
        let schema = &paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let answer = get(world.address, real, &[]).await.json();
        fits(&document, schema, &answer, path);
    }
    let ids: BTreeSet<_> =
        paths.as_object().unwrap().values().map(|p| p["get"]["operationId"].to_string()).collect();
    assert_eq!(ids.len(), paths.as_object().unwrap().len(), "names of operations are unique");
}

/// A value that a parameter of the document may have.
fn example(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let allowed = [&schema["enum"], &schema["items"]["enum"]].into_iter().find_map(Value::as_array);
    if let Some(word) = allowed.and_then(|words| words.first()) {
        return word.as_str().unwrap_or_default().to_owned();
    }
    if let Some(word) = schema["default"].as_str() {
        return word.to_owned();
    }
    match (parameter["name"].as_str(), schema["type"].as_str()) {
        (Some("at" | "since" | "until"), _) => "-1d".to_owned(),
        (Some("cursor"), _) => String::new(),
        (_, Some("integer")) => "2".to_owned(),
        _ => "x".to_owned(),
    }
}

/// Every address of the document, with every parameter that it tells, and with a wrong one.
#[tokio::test]
async fn every_route_of_the_document_answers_as_it_says() {
    let world = World::start().await;
    let document = openapi::document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        if path == "/events" {
            continue;
        }
        let operation = &methods["get"];
        let real = path
            .replace("{name}", "control-panel")
            .replace("/api/v1/images/{repository}", IMAGE)
            .replace("/api/v1/pulls/{pull}", PULL);
        let types = operation["responses"]["200"]["content"].as_object().unwrap();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let query = parameters.iter().filter(|p| p["in"] == "query");
        let asked = query.map(|p| format!("{}={}", p["name"].as_str().unwrap(), example(p)));
        for question in std::iter::once(String::new()).chain(asked) {
            let answer = get(world.address, &format!("{real}?{question}"), &[]).await;
            assert_eq!(answer.status, 200, "{path}?{question}: {}", answer.text());
            let sent = answer.header("content-type").split(';').next().unwrap_or_default();
            let told = types.contains_key(sent) || question.starts_with("format=");
            assert!(told, "{path}?{question} is {sent}, the document says {types:?}");
            assert!(!answer.header("etag").is_empty(), "{path}?{question} has no tag");
        }
        if operation["responses"]["400"].is_object() {
            let wrong = get(world.address, &format!("{real}?nonsense=1"), &[]).await;
            let sort = wrong.header("content-type");
            assert_eq!((wrong.status, sort), (400, "application/problem+json"), "{path}");
            assert_eq!(wrong.json()["errors"][0]["field"], "nonsense", "{path}");
        }
        if operation["responses"]["404"].is_object() {
            let before = get(world.address, &format!("{real}?at=2000-01-01"), &[]).await;
            let takes_at = parameters.iter().any(|p| p["name"] == "at");
            assert!(!takes_at || matches!(before.status, 200 | 404), "{path}: {}", before.status);
        }
    }
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/components/schemas/").unwrap();
        return fits(document, &document["components"]["schemas"][name], value, at);
    }
    if let Some(either) = schema["anyOf"].as_array() {
        if !value.is_null() {
            fits(document, &either[0], value, at);
        }
        return;
    }
    match value {
        // Values of changes may be anything.
        Value::Object(_) if schema.get("type").is_some_and(Value::is_array) => {}
        Value::Object(fields) => {
            let known =
                schema["properties"].as_object().unwrap_or_else(|| panic!("{at}: no fields in {schema}"));
            for (name, value) in fields {
                let field = known.get(name).unwrap_or_else(|| panic!("{at}.{name} is not in the document"));
                fits(document, field, value, &format!("{at}.{name}"));
            }
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                assert!(fields.contains_key(name), "{at}.{name} is missing in the answer");
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fits(document, &schema["items"], item, at)),
        Value::String(text) => {
            if let Some(words) = schema["enum"].as_array() {
                assert!(words.contains(&text.as_str().into()), "{at}: {text}");
            }
        }
        _ => {}
    }
}
