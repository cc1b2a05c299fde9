//! Answers side by side with recorded ones: status, headers, words.

use landfall_sandbox::World;
use serde_json::Value;

use crate::support::{APPS, PODS, app, fixture, pod, recorded, serve, text};

/// A message without its version numbers.
fn words(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect::<String>().replace("##", "#")
}

fn flat(value: &Value) -> String {
    let mut text = words(&value.to_string());
    while text.contains("##") {
        text = text.replace("##", "#");
    }
    text
}

#[tokio::test]
async fn an_old_version_is_gone_in_a_watch_as_200_and_in_an_exact_list_as_410() {
    let served = serve(World::empty()).await;
    let real = fixture("gone-410.json");
    for name in ["watch of revision 1", "list exactly at revision 1", "list in the future"] {
        let real = &real[name];
        let ours = served.get(real["request"].as_str().unwrap()).await;
        assert_eq!(u64::from(ours.status), real["HTTP status"].as_u64().unwrap(), "{name}");
        let body: Value = serde_json::from_str(real["body"].as_str().unwrap()).unwrap();
        assert_eq!(flat(&ours.json()), flat(&body), "{name}");
        let retry = ours.headers.get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(retry, real["Retry-After"].as_str(), "{name}");
    }
}

#[tokio::test]
async fn odd_versions_are_answered_as_recorded() {
    let served = serve(World::empty()).await;
    for file in [
        "watch-bad-version.jsonl",
        "watch-streaming-list-without-bookmarks.jsonl",
        "watch-future-version.jsonl",
    ] {
        let (head, lines) = recorded(file);
        let path = head["request"].as_str().unwrap().trim_start_matches("GET ");
        let ours = served.get(path).await;
        assert_eq!(u64::from(ours.status), head["status"].as_u64().unwrap(), "{file}");
        for (name, value) in head["headers"].as_object().unwrap() {
            assert_eq!(
                ours.headers[name.as_str()].to_str().unwrap(),
                value.as_str().unwrap(),
                "{file} {name}"
            );
        }
        assert_eq!(ours.lines(), lines, "{file}");
    }
}

#[tokio::test]
async fn bookmarks_look_as_recorded() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.apply(app("cart")).unwrap();
    cluster.apply(pod("prod", "cart-1")).unwrap();
    for (file, path) in
        [("bookmarks-streaming-list.jsonl", APPS), ("bookmarks-pods-streaming-list.jsonl", PODS)]
    {
        let (_, real) = recorded(file);
        let query =
            "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
        let ours = served.get(&format!("{path}?{query}&timeoutSeconds=3")).await.lines();
        let ours: Vec<&Value> = ours.iter().filter(|line| line["type"] == "BOOKMARK").collect();
        assert_eq!(flat(ours[0]), flat(&real[0]), "{file}: the end of the initial events");
        if let Some(real) = real.get(1) {
            assert_eq!(flat(ours[1]), flat(real), "{file}: the last bookmark");
        }
    }
}

#[tokio::test]
async fn discovery_says_of_our_kinds_what_a_real_server_says() {
    let served = serve(World::empty()).await;
    let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    for (path, file) in [("/api", "discovery-api.json.gz"), ("/apis", "discovery-apis.json.gz")] {
        let real = fixture(file);
        let ours = served.get_as(path, aggregated).await;
        assert!(ours.headers["content-type"].to_str().unwrap().contains("as=APIGroupDiscoveryList"));
        for group in ours.json()["items"].as_array().unwrap() {
            let Some(real) =
                real["items"].as_array().unwrap().iter().find(|item| item["metadata"] == group["metadata"])
            else {
                continue;
            };
            for resource in group["versions"][0]["resources"].as_array().unwrap() {
                let Some(real) = real["versions"][0]["resources"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|item| item["resource"] == resource["resource"])
                else {
                    continue;
                };
                for field in ["responseKind", "scope", "singularResource", "shortNames"] {
                    assert_eq!(resource[field], real[field], "{path} {} {field}", resource["resource"]);
                }
            }
        }
    }
    let real = fixture("discovery-argoproj.json.gz");
    let ours = served.get("/apis/argoproj.io/v1alpha1").await.json();
    for resource in ["applications", "applicationsets", "appprojects"] {
        let of = |list: &Value| {
            list["resources"].as_array().unwrap().iter().find(|item| item["name"] == resource).cloned()
        };
        let (ours, real) = (of(&ours).unwrap(), of(&real).unwrap());
        for field in ["name", "singularName", "namespaced", "kind", "shortNames"] {
            assert_eq!(ours[field], real[field], "{resource} {field}");
        }
    }
    let version: Value = serde_json::from_str(&text("version.json.gz")).unwrap();
    assert_eq!(served.get("/version").await.json(), version);
}

#[tokio::test]
async fn refusals_use_the_words_of_a_real_server() {
    let served = serve(World::empty()).await;
    let real = fixture("lists.json");
    served.world.cluster("prod").forbid("pods", None).unwrap();
    let ours = served.get(PODS).await;
    assert_eq!(ours.status, 403);
    let expected = real["forbidden"].to_string().replace("secrets", "pods");
    assert_eq!(ours.json().to_string(), expected.parse::<Value>().unwrap().to_string());

    served.world.cluster("prod").set_token(Some("right"));
    let ours = served.request("GET", APPS, Some("wrong"), None).await;
    assert_eq!(ours.status, 401);
    assert_eq!(ours.json(), real["bad token"]);
    assert_eq!(served.request("GET", APPS, Some("right"), None).await.status, 200);
    assert_eq!(served.get("/version").await.status, 200, "the version is public");
}
