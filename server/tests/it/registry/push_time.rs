//! When tags were pushed, by the registry's own word: beside what was seen, and never at its cost.

use std::time::Duration;

use landfall::config::{PushTimes, Registry as Config};
use landfall_model::words::SourceState;
use landfall_sandbox::registry::{Dialect, Image, RegistryFault};
use sqlx::PgPool;

use super::{looking::Looking, registry, sign_in::with_password, stubborn};

const AT: i64 = 1_763_632_800;

fn image(content: &str) -> Image {
    Image::plain(content, "2026-11-20T10:00:00Z")
}

/// Times of the open edges, by tag.
async fn times(looking: &Looking, repository: &str) -> Vec<(String, Option<i64>)> {
    let edges = looking.edges(repository).await.into_iter().filter(|edge| edge.ended_at.is_none());
    edges.map(|edge| (edge.tag, edge.pushed_at.map(jiff::Timestamp::as_second))).collect()
}

async fn one_kind(pool: &PgPool, dialect: Dialect, way: PushTimes) {
    let (registry, running, config) = registry(dialect).await;
    let folder = tempfile::tempdir().unwrap();
    let repository = "hosting/team/web";
    let config = Config {
        repositories: vec![repository.into()],
        interval: Duration::from_secs(10),
        push_times: Some(way),
        ..with_password(config, &folder, "me", "hunter2")
    };
    registry.protect("me", "hunter2");
    let mut looking = Looking::lead(pool, &config, stubborn()).await;
    let name = format!("{}/{repository}", running.host);
    for (n, tag) in ["1.0.0", "1.0.1", "latest"].into_iter().enumerate() {
        registry.push(repository, tag, &image(tag));
        registry.pushed_at(repository, tag, AT + i64::try_from(n).unwrap());
    }
    looking.look().await;
    let told = |tag: &str, at: i64| (tag.to_owned(), Some(at));
    let expected = [told("1.0.0", AT), told("1.0.1", AT + 1), told("latest", AT + 2)];
    assert_eq!(times(&looking, &name).await, expected, "{dialect:?}");
    // Nothing new, nothing asked; and what was told stays.
    registry.reset_counters();
    registry.pushed_at(repository, "1.0.0", AT + 500);
    looking.look().await;
    assert_eq!(registry.counters().of("times"), 0, "{dialect:?}");
    assert_eq!(times(&looking, &name).await, expected, "{dialect:?}");
    // The tag moves: the new edge has the new time, the old one keeps its own.
    registry.push(repository, "latest", &image("b"));
    registry.pushed_at(repository, "latest", AT + 900);
    looking.look().await;
    assert_eq!(registry.counters().of("times"), 1, "{dialect:?}");
    assert_eq!(times(&looking, &name).await[2], told("latest", AT + 900), "{dialect:?}");
    assert!(looking.edges(&name).await.iter().any(|edge| {
        edge.ended_at.is_some() && edge.pushed_at.map(jiff::Timestamp::as_second) == Some(AT + 2)
    }));
    assert_eq!(registry.violations(), [] as [String; 0], "{dialect:?}");
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn docker_hub_tells(pool: PgPool) {
    one_kind(&pool, Dialect::DockerHub, PushTimes::DockerHub).await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn harbor_tells(pool: PgPool) {
    one_kind(&pool, Dialect::Harbor, PushTimes::Harbor).await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn quay_tells(pool: PgPool) {
    one_kind(&pool, Dialect::Quay, PushTimes::Quay).await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn azure_tells(pool: PgPool) {
    one_kind(&pool, Dialect::Acr, PushTimes::Azure).await;
}

/// Whatever goes wrong there, what is seen is seen, and the registry is well.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_goes_wrong_there_is_no_trouble_of_the_registry(pool: PgPool) {
    for fault in [
        RegistryFault::Status { of: "times", code: 429, retry_after: Some("3600".into()), times: 1 },
        RegistryFault::Status { of: "times", code: 500, retry_after: None, times: 9 },
        RegistryFault::Status { of: "times", code: 403, retry_after: None, times: 9 },
        RegistryFault::Html { of: "times" },
        RegistryFault::Cut { of: "times", times: 1 },
    ] {
        let (registry, running, config) = registry(Dialect::Harbor).await;
        let repositories = vec!["hosting/a".into(), "hosting/b".into()];
        let config = Config {
            repositories,
            push_times: Some(PushTimes::Harbor),
            interval: Duration::from_secs(10),
            ..config
        };
        let mut looking = Looking::lead(&pool, &config, stubborn()).await;
        registry.push("hosting/a", "1", &image("a"));
        registry.push("hosting/b", "1", &image("a"));
        registry.inject(fault.clone());
        let report = looking.look().await;
        assert_eq!((report.state, report.error, report.unreadable), (SourceState::Ok, None, 0), "{fault:?}");
        assert!(report.budget.unwrap().blocked_until.is_none(), "{fault:?}");
        for name in ["a", "b"] {
            assert_eq!(
                looking.short(&format!("{}/hosting/{name}", running.host)).await.len(),
                1,
                "{fault:?}"
            );
        }
        looking.store.close().await;
    }
}
