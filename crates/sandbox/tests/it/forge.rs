//! The forge as programs beside Landfall ask it.

use landfall_sandbox::{Clock, forge::Forge};
use serde_json::Value;

/// What the pull request generator of a real ApplicationSet controller was recorded to ask, with go-github's headers.
#[tokio::test]
async fn the_generators_own_request_is_answered() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let forge = Forge::new(Clock::real());
    let sha = forge.open("acme/shop", 7, "Dark mode", "alice", "dark-mode");
    forge.label("acme/shop", 7, "preview", "alice");
    forge.open("acme/shop", 8, "Done", "alice", "done");
    forge.close("acme/shop", 8, true);
    let running = forge.start().await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test on this machine")]
    let client = reqwest::Client::new();
    let ask = async |path: &str| {
        let request = client
            .get(format!("{}{path}", running.url))
            .header("accept", "application/vnd.github.v3+json")
            .header("x-github-api-version", "2022-11-28");
        let answer = request.send().await.unwrap();
        let (status, limit) = (answer.status().as_u16(), answer.headers()["x-ratelimit-limit"].clone());
        (status, limit, answer.json::<Value>().await.unwrap())
    };
    for root in ["/api/v3", ""] {
        let (status, limit, pulls) = ask(&format!("{root}/repos/acme/shop/pulls?per_page=100")).await;
        assert_eq!((status, limit.to_str().unwrap()), (200, "60"), "nobody signed in");
        let pulls = pulls.as_array().unwrap();
        assert_eq!(pulls.len(), 1, "open ones only");
        // All that the generator reads (`applicationset/services/pull_request/github.go` of Argo CD).
        let one = &pulls[0];
        assert_eq!((one["number"].as_u64(), one["title"].as_str()), (Some(7), Some("Dark mode")));
        assert_eq!(
            (one["head"]["ref"].as_str(), one["head"]["sha"].as_str()),
            (Some("dark-mode"), Some(&*sha))
        );
        assert_eq!(
            (one["base"]["ref"].as_str(), one["user"]["login"].as_str()),
            (Some("main"), Some("alice"))
        );
        assert_eq!(one["labels"][0]["name"], "preview");
    }
    assert_eq!(ask("/api/v3/repos/acme/none/pulls?per_page=100").await.0, 404);
}
