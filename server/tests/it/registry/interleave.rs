//! Whatever comes between, the edges are the same: failures, restarts, other leaders, looks in vain. A registry that lies
//! in its headers is not among it: where a tag points is its word, and the only one there is.

use std::time::Duration;

use landfall::config::Registry as Config;
use landfall_model::words::SourceState;
use landfall_sandbox::registry::{Dialect, Image, Registry, RegistryFault};
use sqlx::PgPool;

use super::{looking::Looking, registry, stubborn};

const TAGS: [&str; 5] = ["1.0.0", "latest", "main", "20231127-170000", "v2"];
const IMAGES: [&str; 3] = ["a", "b", "c"];
const SORTS: [&str; 5] = ["", "list", "head", "token", "manifest"];

/// What happens to the registry's content.
#[derive(Debug, Clone)]
enum Event {
    Push(&'static str, &'static str),
    Delete(&'static str),
}

fn events(dice: &mut fastrand::Rng) -> Vec<Vec<Event>> {
    let one = |dice: &mut fastrand::Rng| {
        let tag = TAGS[dice.usize(..TAGS.len())];
        if dice.u8(..4) == 0 {
            Event::Delete(tag)
        } else {
            Event::Push(tag, IMAGES[dice.usize(..IMAGES.len())])
        }
    };
    (0..8).map(|_| (0..dice.usize(1..4)).map(|_| one(dice)).collect()).collect()
}

fn happens(registry: &Registry, event: &Event) {
    match event {
        Event::Push(tag, content) => {
            registry.push("web", tag, &Image::plain(content, "2026-11-20T10:00:00Z"));
        }
        Event::Delete(tag) => registry.delete("web", tag),
    }
}

fn fault(dice: &mut fastrand::Rng) -> RegistryFault {
    let of = SORTS[dice.usize(..SORTS.len())];
    match dice.u8(..10) {
        0 => RegistryFault::Status { of, code: 500, retry_after: None, times: dice.u32(1..4) },
        1 => RegistryFault::Status { of, code: 429, retry_after: Some("0".into()), times: dice.u32(1..3) },
        2 => RegistryFault::After { of, working: dice.u32(..6) },
        // Half-way through a list is where it hurts.
        6..9 => RegistryFault::After { of: "list", working: dice.u32(1..4) },
        3 => RegistryFault::Cut { of, times: dice.u32(1..3) },
        4 => RegistryFault::Html { of },
        5 => RegistryFault::NoDigest,
        _ => RegistryFault::Status { of, code: 401, retry_after: None, times: dice.u32(1..4) },
    }
}

/// Tags with their digests in order, and which of them are open.
async fn edges(
    pool: &PgPool,
    dialect: Dialect,
    seed: u64,
    is_disturbed: bool,
) -> Vec<(String, String, bool)> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let groups = events(&mut dice);
    let (registry, running, config) = registry(dialect).await;
    let config = Config { repositories: vec!["web".into()], ..config };
    registry.small_pages(2);
    let name = format!("{}/web", running.host);
    let lead = async || {
        let looking = Looking::lead(pool, &config, stubborn()).await;
        // What looks as if it never moved is looked at again only while it is in use.
        looking.runs(&[(&name, "1.0.0", ""), (&name, "20231127-170000", "")]);
        looking
    };
    let mut looking = lead().await;
    let mut earlier: Option<Looking> = None;
    happens(&registry, &Event::Push("1.0.0", "a"));
    for group in groups {
        for event in &group {
            happens(&registry, event);
        }
        for _ in 0..if is_disturbed { dice.usize(..4) } else { 0 } {
            match dice.u8(..6) {
                0 => {
                    looking.look().await;
                }
                1 => {
                    // Killed somewhere in the middle of a look, and started again.
                    let at = Duration::from_micros(dice.u64(..20_000));
                    let _ = tokio::time::timeout(at, looking.try_look()).await;
                    looking.store.close().await;
                    looking = lead().await;
                }
                2 => {
                    // Another leader; the one before it wakes up later.
                    let new = lead().await;
                    earlier = Some(std::mem::replace(&mut looking, new));
                }
                _ => {
                    registry.inject(fault(&mut dice));
                    if dice.bool() {
                        registry.inject(fault(&mut dice));
                    }
                    looking.look().await;
                    registry.heal();
                }
            }
            if let Some(earlier) = &mut earlier
                && dice.bool()
            {
                assert!(earlier.try_look().await.is_err(), "it no longer leads");
            }
        }
        let report = looking.look().await;
        // Google gives a page where a tag that is in use is not there.
        assert!(report.error.is_none() || dialect == Dialect::Gar, "{:?}", report.error);
        assert_eq!((report.state, report.unreadable), (SourceState::Ok, 0));
    }
    let _ = registry.violations();
    let found = looking.short(&name).await;
    let there: Vec<_> = registry.tags("web").into_iter().collect();
    let open: Vec<_> = found
        .iter()
        .filter(|(.., open)| *open)
        .map(|(tag, digest, _)| (tag.clone(), digest.clone()))
        .collect();
    assert_eq!(open, there, "what is open is what is there");
    for edge in looking.edges(&name).await.windows(2) {
        if edge[0].tag == edge[1].tag {
            assert!(edge[0].ended_at.is_some_and(|ended| ended <= edge[1].first_seen), "{edge:?}");
        }
    }
    sqlx::raw_sql("truncate repositories, tag_sightings, digests, digest_children")
        .execute(pool)
        .await
        .unwrap();
    looking.store.close().await;
    if let Some(earlier) = earlier {
        earlier.store.close().await;
    }
    found
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn any_interleaving_gives_the_same_edges(pool: PgPool) {
    for seed in 0..24 {
        let dialect = Dialect::ALL[usize::try_from(seed).unwrap() % Dialect::ALL.len()];
        let quiet = edges(&pool, dialect, seed, false).await;
        let disturbed = edges(&pool, dialect, seed, true).await;
        assert_eq!(quiet, disturbed, "seed {seed}, {dialect:?}");
        assert!(quiet.len() >= 5, "seed {seed}");
    }
}
