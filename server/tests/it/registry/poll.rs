//! Looking again and again: which edges it writes, what it asks for, and what it leaves alone.

use std::time::Duration;

use landfall::config::Registry as Config;
use landfall_model::words::SourceState;
use landfall_sandbox::registry::{Dialect, Image, Registry, RegistryFault};
use sqlx::PgPool;

use super::{fill, looking::Looking, registry, stubborn};

fn image(content: &str) -> Image {
    Image::multi(content, "2026-11-20T10:00:00Z")
}

async fn stage(
    pool: &PgPool,
    dialect: Dialect,
    repositories: &[&str],
) -> (Registry, impl Drop, Looking, String) {
    let (registry, running, config) = registry(dialect).await;
    let repositories = repositories.iter().map(|one| (*one).to_owned()).collect();
    let config = Config { repositories, interval: Duration::from_secs(10), ..config };
    let looking = Looking::lead(pool, &config, stubborn()).await;
    let host = running.host.clone();
    (registry, running, looking, host)
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_release_is_reverted_and_the_rebuild_costs_nothing_to_recognise(pool: PgPool) {
    let (registry, _running, mut looking, host) = stage(&pool, Dialect::Harbor, &["web"]).await;
    let name = format!("{host}/web");
    let a = registry.push("web", "20231120-090000", &image("a"));
    let report = looking.look().await;
    assert_eq!((report.state, report.objects, report.unreadable), (SourceState::Ok, 1, 0));
    assert!(report.budget.is_some() && report.success_at.is_some() && report.error.is_none());
    let b = registry.push("web", "20231121-090000", &image("b"));
    registry.push("web", "latest", &image("b"));
    looking.look().await;
    assert_eq!(registry.counters().of("manifest"), 6, "two indexes of two platforms");
    registry.reset_counters();
    // The revert: a new tag on the old image, and `latest` goes back.
    registry.push("web", "20231122-090000", &image("a"));
    registry.push("web", "latest", &image("a"));
    looking.look().await;
    let counted = registry.counters();
    assert_eq!((counted.of("manifest"), counted.of("blob")), (0, 0), "a revert costs no GET");
    assert_eq!((counted.of("list"), counted.of("head")), (1, 2));
    let edge = |tag: &str, digest: &str, open| (tag.to_owned(), digest.to_owned(), open);
    assert_eq!(
        looking.short(&name).await,
        [
            edge("20231120-090000", &a, true),
            edge("20231121-090000", &b, true),
            edge("20231122-090000", &a, true),
            edge("latest", &b, false),
            edge("latest", &a, true),
        ]
    );
    let latest: Vec<_> = looking.edges(&name).await.into_iter().filter(|edge| edge.tag == "latest").collect();
    assert_eq!(latest[0].ended_at, Some(latest[1].first_seen));
    // And there again: B's second time is an edge of its own.
    registry.push("web", "latest", &image("b"));
    looking.look().await;
    let latest: Vec<_> = looking.short(&name).await.into_iter().filter(|(tag, ..)| tag == "latest").collect();
    assert_eq!(latest, [edge("latest", &b, false), edge("latest", &a, false), edge("latest", &b, true)]);
    // The engine knows the same, with what is behind; a look that shows nothing new tells nothing.
    let known = &looking.known["web"];
    assert_eq!(known.edges.len(), 6);
    let settled = known.settled_at.expect("the first look read all there was");
    let first = |tag: &str| known.edges.iter().find(|edge| &*edge.tag == tag).map(|edge| edge.first_seen);
    assert!(first("20231120-090000") <= Some(settled) && Some(settled) < first("20231121-090000"));
    let facts = &known.facts[a.as_str()];
    assert_eq!(facts.platforms.len(), 2);
    assert!(facts.platforms.iter().all(|one| one.created.as_deref() == Some("2026-11-20T10:00:00Z")));
    assert!(facts.platforms.iter().any(|one| &*one.platform == "linux/amd64" && !one.config.is_empty()));
    looking.look().await;
    assert_eq!(looking.news, 0);
    let described: i64 =
        sqlx::query_scalar("select count(*) from digests where error is null and (config is not null) = (created_at is not null)")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(described, 6);
    let children: i64 =
        sqlx::query_scalar("select count(*) from digest_children").fetch_one(&pool).await.unwrap();
    assert_eq!(children, 4, "attestations are no platforms");
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_is_gone_ends_and_what_was_not_read_does_not(pool: PgPool) {
    let (registry, _running, mut looking, host) = stage(&pool, Dialect::Quay, &["web", "gone"]).await;
    let name = format!("{host}/web");
    fill(&registry, "web", 120);
    registry.push("gone", "1", &image("x"));
    looking.look().await;
    let open = async |looking: &Looking| looking.short(&name).await.iter().filter(|(.., open)| *open).count();
    assert_eq!(open(&looking).await, 120);
    registry.delete("web", "tag-00119");
    for fault in [
        // One list of the other repository, one page of this one.
        RegistryFault::After { of: "list", working: 2 },
        RegistryFault::After { of: "list", working: 1 },
        RegistryFault::After { of: "list", working: 0 },
        RegistryFault::Cut { of: "list", times: 1 },
        RegistryFault::Html { of: "list" },
        RegistryFault::EndlessPages,
        RegistryFault::SamePage,
    ] {
        registry.inject(fault.clone());
        let report = looking.look().await;
        assert!(report.error.is_some(), "{fault:?}");
        assert_eq!(open(&looking).await, 120, "{fault:?}");
        registry.heal();
    }
    looking.look().await;
    assert_eq!(open(&looking).await, 119);
    registry.tag("web", "tag-00119", &registry.tags("web")["tag-00000"].clone());
    looking.look().await;
    let edges = looking.edges(&name).await;
    let again: Vec<_> = edges.iter().filter(|edge| edge.tag == "tag-00119").collect();
    assert!(again.len() == 2 && again[0].ended_at.unwrap() <= again[1].first_seen);
    // What one repository does not tell is its own affair.
    let other = looking.short(&format!("{host}/gone")).await;
    assert!(other.len() == 1 && other[0].2);
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_runs_comes_first_and_a_steady_cycle_costs_little(pool: PgPool) {
    let names: Vec<String> = (0..12).map(|n| format!("team/service-{n:02}")).collect();
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let (registry, _running, mut looking, host) = stage(&pool, Dialect::Ghcr, &borrowed).await;
    for name in &names {
        for n in 0..30 {
            registry.push(
                name,
                &format!("2023.11.{n}"),
                &Image::plain(&format!("{name}{n}"), "2026-11-20T10:00:00Z"),
            );
        }
    }
    let running = names[3].clone();
    let digest = registry.tags(&running)["2023.11.4"].clone();
    looking.runs(&[(&format!("{host}/{running}"), "2023.11.4", &digest)]);
    // A registry that fails after a few requests has told what runs.
    registry.inject(RegistryFault::After { of: "list", working: 0 });
    looking.look().await;
    assert_eq!(
        looking.short(&format!("{host}/{running}")).await,
        [("2023.11.4".to_owned(), digest.clone(), true)]
    );
    assert_eq!(looking.store.unknown_digests(&[digest]).await.unwrap(), [] as [String; 0]);
    registry.heal();
    looking.look().await;
    for name in &names {
        assert_eq!(looking.short(&format!("{host}/{name}")).await.len(), 30, "{name}");
        assert_eq!(
            looking.store.undescribed(&format!("{host}/{name}"), 10).await.unwrap(),
            [] as [String; 0]
        );
    }
    registry.reset_counters();
    looking.look().await;
    let counted = registry.counters();
    assert_eq!(counted.of("list"), 12, "one list each");
    assert_eq!((counted.of("head"), counted.of("manifest"), counted.of("blob")), (1, 0, 0), "and what runs");
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_limit_in_the_middle_stops_everything_and_is_shown(pool: PgPool) {
    let (registry, _running, mut looking, host) = stage(&pool, Dialect::DockerHub, &["a", "b", "c"]).await;
    for name in ["a", "b", "c"] {
        fill(&registry, name, 40);
    }
    let limit = RegistryFault::Status { of: "head", code: 429, retry_after: Some("1".into()), times: 1 };
    registry.inject(limit);
    let report = looking.look().await;
    assert_eq!(report.state, SourceState::Failing);
    let budget = report.budget.unwrap();
    assert!(budget.blocked_until.is_some() && budget.left == 0);
    assert_eq!(budget.blocked_by.as_deref(), Some("it asks to wait (429)"));
    registry.reset_counters();
    for _ in 0..5 {
        let report = looking.look().await;
        assert!(report.error.unwrap().text.starts_with("not asked before "));
    }
    assert_eq!(registry.counters().of(""), 0, "not one request while it is left alone");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let report = looking.look().await;
    assert_eq!((report.state, report.error), (SourceState::Ok, None));
    for name in ["a", "b", "c"] {
        assert_eq!(looking.short(&format!("{host}/{name}")).await.len(), 40);
    }
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn repositories_that_may_not_be_read(pool: PgPool) {
    let (registry, _running, mut looking, host) = stage(&pool, Dialect::Ghcr, &["mine", "theirs"]).await;
    registry.push("mine", "1", &image("a"));
    let report = looking.look().await;
    assert_eq!((report.state, report.objects, report.unreadable), (SourceState::Ok, 2, 1));
    assert_eq!(&*report.error.unwrap().text, "no permission (403): DENIED");
    assert_eq!(looking.short(&format!("{host}/mine")).await.len(), 1);
    registry.protect("me", "hunter2");
    let report = looking.look().await;
    assert_eq!((report.state, report.unreadable), (SourceState::Forbidden, 2));
    assert_eq!(looking.short(&format!("{host}/mine")).await.len(), 1, "and nothing ends");
    looking.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn who_no_longer_leads_writes_nothing(pool: PgPool) {
    let (registry, running, config) = registry(Dialect::Distribution).await;
    let config = Config { repositories: vec!["web".into()], ..config };
    let mut old = Looking::lead(&pool, &config, stubborn()).await;
    registry.push("web", "1.0.0", &image("a"));
    old.look().await;
    let mut new = Looking::lead(&pool, &config, stubborn()).await;
    registry.push("web", "1.0.1", &image("b"));
    assert!(old.try_look().await.is_err());
    let name = format!("{}/web", running.host);
    assert_eq!(new.short(&name).await.len(), 1);
    new.look().await;
    assert_eq!(new.short(&name).await.len(), 2);
    old.store.close().await;
    new.store.close().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_hundred_thousand_tags_are_taken_in_pieces(pool: PgPool) {
    let (registry, _running, mut looking, host) = stage(&pool, Dialect::Distribution, &["web"]).await;
    fill(&registry, "web", 100_000);
    let report = looking.look().await;
    assert_eq!((report.state, report.error), (SourceState::Ok, None));
    let edges = looking.short(&format!("{host}/web")).await;
    assert_eq!(edges.len(), 500, "the likely newest first");
    assert_eq!(edges[499].0, "tag-99999");
    assert!(looking.known["web"].edges.len() < 300, "the index holds the part that matters");
    registry.reset_counters();
    assert_eq!(looking.look().await.error, None);
    assert_eq!(looking.short(&format!("{host}/web")).await.len(), 1_000);
    assert_eq!(registry.counters().of("list"), 100);
    assert_eq!(looking.known["web"].settled_at, None, "when the rest came is not known yet");
    looking.store.close().await;
}
