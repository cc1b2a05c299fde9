//! F12 and F24: limits, failures, silence, broken answers; and what is not asked meanwhile.

use std::time::Duration;

use landfall::source::registry::{Blocked, Failure};
use landfall_sandbox::registry::{Dialect, Image, RegistryFault};

use super::{client, fill, registry};

fn limit(of: &'static str, retry_after: Option<&str>) -> RegistryFault {
    RegistryFault::Status { of, code: 429, retry_after: retry_after.map(str::to_owned), times: 1 }
}

#[tokio::test]
async fn nothing_is_asked_while_the_registry_asks_to_wait() {
    let (registry, _running, config) = registry(Dialect::DockerHub).await;
    fill(&registry, "web", 3);
    let client = client(&config);
    client.tags("web").await.unwrap();
    registry.inject(limit("head", Some("2")));
    let failure = client.point("web", "tag-00000").await.unwrap_err();
    assert!(matches!(failure, Failure::Status { status: 429, .. }), "{failure:?}");
    registry.reset_counters();
    for _ in 0..20 {
        assert!(matches!(client.point("web", "tag-00001").await.unwrap_err(), Failure::Blocked { .. }));
        assert!(matches!(client.tags("web").await.unwrap_err(), Failure::Blocked { .. }));
        assert!(matches!(client.tags("other").await.unwrap_err(), Failure::Blocked { .. }));
    }
    assert_eq!(registry.counters().of(""), 0, "not one");
    let view = client.budget().view();
    assert_eq!(view.blocked_by.as_deref(), Some("it asks to wait (429)"));
    // A successor goes on with it.
    let successor = super::client(&config);
    let Blocked { until, why } = client.budget().blocked().unwrap();
    successor.resume(Blocked { until, why });
    assert!(successor.tags("web").await.is_err());
    assert_eq!(registry.counters().of(""), 0);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert!(client.point("web", "tag-00001").await.unwrap().is_some());
    successor.tags("web").await.unwrap();
    // 503 with a word on when is the same; signing in counts as asking.
    registry.inject(RegistryFault::Status {
        of: "list",
        code: 503,
        retry_after: Some("60".into()),
        times: 1,
    });
    client.tags("web").await.unwrap_err();
    registry.reset_counters();
    client.tags("new").await.unwrap_err();
    assert_eq!(registry.counters().of(""), 0);
}

#[tokio::test]
async fn a_registry_in_trouble_is_left_alone() {
    let (registry, running, config) = registry(Dialect::Distribution).await;
    fill(&registry, "web", 3);
    let client = client(&config);
    registry.inject(RegistryFault::Status { of: "", code: 502, retry_after: None, times: 1_000 });
    for _ in 0..30 {
        client.tags("web").await.unwrap_err();
    }
    assert_eq!(registry.counters().of(""), 3, "then it is left alone");
    registry.heal();
    tokio::time::sleep(Duration::from_millis(350)).await;
    client.tags("web").await.unwrap();
    // What one repository does wrong is no trouble of the host.
    for _ in 0..10 {
        assert!(matches!(client.tags("none").await.unwrap_err(), Failure::NotFound(_)));
    }
    client.tags("web").await.unwrap();
    // Bodies that break off count, though each began well.
    registry.inject(RegistryFault::Cut { of: "list", times: 1_000 });
    registry.reset_counters();
    for _ in 0..10 {
        client.tags("web").await.unwrap_err();
    }
    assert_eq!(registry.counters().of(""), 3);
    drop(running);
    tokio::time::sleep(Duration::from_millis(700)).await;
    let failure = client.tags("web").await.unwrap_err();
    assert!(matches!(&failure, Failure::Connection(_)), "{failure:?}");
}

#[tokio::test]
async fn the_rate_is_never_exceeded() {
    let (registry, _running, config) = registry(Dialect::Distribution).await;
    fill(&registry, "web", 3);
    let config = landfall::config::Registry { requests_per_minute: 600, ..config };
    let client = client(&config);
    let began = std::time::Instant::now();
    let asked = async {
        loop {
            let _ = client.point("web", "tag-00000").await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), asked).await;
    let most = 100.0 + 10.0 * began.elapsed().as_secs_f64() + 1.0;
    let made = u32::try_from(registry.counters().of("")).unwrap();
    assert!(f64::from(made) <= most && made > 100, "{made} of at most {most}");
}

#[tokio::test]
async fn broken_answers_end_nothing_and_are_told() {
    let (registry, _running, config) = registry(Dialect::Distribution).await;
    let digest = registry.push("web", "1", &Image::plain("a", "2026-11-20T10:00:00Z"));
    let client = client(&config);
    registry.inject(RegistryFault::Html { of: "" });
    assert!(matches!(client.tags("web").await.unwrap_err(), Failure::Broken(_)));
    assert!(matches!(client.point("web", "1").await.unwrap_err(), Failure::Broken(_)));
    registry.heal();
    registry.inject(RegistryFault::NoDigest);
    assert_eq!(client.point("web", "1").await.unwrap().unwrap().digest, digest, "worked out");
    registry.heal();
    registry.inject(RegistryFault::WrongDigest);
    let failure = client.point("web", "1").await.unwrap_err();
    assert!(failure.to_string().contains("what came has the digest"), "{failure}");
    registry.heal();
    registry.inject(RegistryFault::Slow { ms: 3_000 });
    let failure = client.tags("web").await.unwrap_err();
    assert!(matches!(&failure, Failure::Silent { host, .. } if host == "127.0.0.1"), "{failure:?}");
    registry.heal();
    for to in ["http://127.0.0.1:1/", "ftp://127.0.0.1/", "https://["] {
        registry.inject(RegistryFault::Redirect(to.into()));
        let read = client.describe("web", &digest, None, None).await;
        let is_told = match &read {
            Err(failure) => failure.is_of_host(),
            Ok(found) => found.error.is_some(),
        };
        assert!(is_told, "{to}: {read:?}");
        registry.heal();
        client.tags("web").await.unwrap();
    }
}

#[tokio::test]
async fn a_hundred_thousand_tags() {
    let (registry, _running, config) = registry(Dialect::Distribution).await;
    fill(&registry, "web", 100_000);
    let tags = client(&config).tags("web").await.unwrap();
    assert_eq!((tags.tags.len(), tags.pages), (100_000, 100));
}
