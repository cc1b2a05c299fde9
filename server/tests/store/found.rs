//! What was seen at registries is found again: by digest, tag and commit, as it was known at a moment.

use jiff::{SignedDuration, Timestamp};
use landfall::{
    source::registry::{Child, Described, Label, Layer, Platform},
    store::{How, Store},
};
use landfall_model::query::Needle;
use sqlx::PgPool;

use crate::world::*;

const COMMIT: &str = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";

fn sha(beginning: &str) -> String {
    format!("sha256:{beginning:0<64}")
}

fn late() -> Timestamp {
    at("2026-11-21T00:00:00Z")
}

/// An image with a revision, as a platform of an index.
fn platform(digest: &str) -> Described {
    Described {
        config: Some(sha("cc")),
        platform: Some(Platform { os: "linux".into(), architecture: "amd64".into(), variant: None }),
        created_text: Some("2026-11-19T00:00:00Z".into()),
        created: Some(at("2026-11-19T00:00:00Z")),
        labels: vec![Label { name: "org.opencontainers.image.revision".into(), value: COMMIT.into() }],
        size: Some(1_000),
        layers: Some(vec![Layer { digest: sha("dd"), size: 900 }, Layer { digest: sha("ee"), size: 100 }]),
        ..described(digest, &[])
    }
}

async fn found(store: &Store, q: &str, at: Timestamp) -> Vec<(String, String, How)> {
    let needle = Needle::read(q).expect("can be looked for");
    let page = store.find_sightings(&needle, at, 0, 100).await.unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.into_iter().map(|it| (it.repository, it.sighting.tag, it.how)).collect()
}

fn is(tags: &[(&str, How)]) -> Vec<(String, String, How)> {
    tags.iter().map(|(tag, how)| ("registry.example/web".to_owned(), (*tag).to_owned(), *how)).collect()
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_sighting_is_found_by_digest_tag_and_commit(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let (index, child) = (sha("aaaaaa1"), sha("bbbbbb1"));
        let mut parent = described(&index, &[]);
        parent.children = vec![Child { digest: child.clone(), platform: None }];
        store.record_digests(&epoch, &[platform(&child), parent]).await.unwrap();
        for (tag, digest) in [
            ("main-1a2b3c4", &index),
            ("v1.2.3-4-g99aabb0", &sha("dddddd")),
            ("20231127-170000", &sha("eeeeee")),
        ] {
            store.record_look(&epoch, &look(tag, digest)).await.unwrap();
        }
        let main = |how| is(&[("main-1a2b3c4", how)]);
        assert_eq!(found(&store, "sha256:aaaaaa", late()).await, main(How::Digest));
        assert_eq!(
            found(&store, "AAAAAA1", late()).await,
            main(How::Digest),
            "without the word, in any case"
        );
        assert_eq!(found(&store, "bbbbbb1", late()).await, main(How::Digest), "as pods report one platform");
        assert_eq!(found(&store, "main-1a", late()).await, main(How::Tag));
        assert_eq!(found(&store, "1a2b3c", late()).await, main(How::Commit), "the tag holds it");
        assert_eq!(found(&store, COMMIT, late()).await, main(How::Commit), "the tag holds less of it");
        let git_describe = is(&[("v1.2.3-4-g99aabb0", How::Commit)]);
        assert_eq!(found(&store, "99aabb0", late()).await, git_describe);
        assert_eq!(found(&store, "registry.example/web:main", late()).await, main(How::Tag));
        assert_eq!(found(&store, "registry.example/other:main", late()).await, []);
        assert_eq!(found(&store, "170000", late()).await, [], "a time is no commit");
        assert_eq!(found(&store, "ffffff", late()).await, []);
        let all = store.find_sightings(&Needle::read("1a2b3c").unwrap(), late(), 0, 1).await.unwrap();
        assert_eq!(all.items[0].revision.as_deref(), Some(COMMIT));
        assert_eq!(all.items[0].platforms, [child]);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn an_image_is_found_by_the_commit_of_its_label_alone(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        store.record_digests(&epoch, &[platform(&sha("abcdef"))]).await.unwrap();
        store.record_look(&epoch, &look("stable", &sha("abcdef"))).await.unwrap();
        assert_eq!(found(&store, COMMIT, late()).await, is(&[("stable", How::Revision)]));
        assert_eq!(found(&store, "1a2b3c", late()).await, is(&[("stable", How::Revision)]));
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_was_seen_later_is_not_known_before_and_an_end_is_not_known_early(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut moved = look("main", &sha("a"));
        store.record_look(&epoch, &moved).await.unwrap();
        let first = moved.at;
        moved.at += SignedDuration::from_hours(1);
        moved.pointed = [("main".to_owned(), sha("b"))].into();
        store.record_look(&epoch, &moved).await.unwrap();
        let needle = Needle::read("main").unwrap();
        let now = store.find_sightings(&needle, moved.at, 0, 10).await.unwrap();
        let digests: Vec<_> = now.items.iter().map(|it| it.sighting.digest.clone()).collect();
        assert_eq!(digests, [sha("b"), sha("a")]);
        assert!(now.items[1].sighting.ended_at.is_some());
        let then = store.find_sightings(&needle, first, 0, 10).await.unwrap();
        assert_eq!((then.items.len(), then.items[0].sighting.ended_at), (1, None));
        let page = store.find_sightings(&needle, moved.at, 1, 10).await.unwrap();
        assert_eq!((page.items.len(), page.total), (1, 2), "the second part");
        let before = first - SignedDuration::from_secs(1);
        assert_eq!(store.find_sightings(&needle, before, 0, 10).await.unwrap().items, []);
        // The same of one image and of all tags.
        let image = store.image("registry.example/web", "main", first).await.unwrap().unwrap();
        assert_eq!((image.digest, image.tags[0].ended_at), (sha("a"), None));
        let image = store.image("registry.example/web", "main", moved.at).await.unwrap().unwrap();
        assert_eq!(image.digest, sha("b"));
        let tags = store.tags_at("registry.example/web", first, &[], 10).await.unwrap().unwrap();
        assert_eq!((tags.edges.len(), &*tags.edges[0].digest), (1, &*sha("a")));
        assert!(tags.edges[0].ended_at.is_none());
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn an_image_is_told_with_its_platforms_and_of_many_tags_the_wanted_and_the_newest(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let (index, child) = (sha("aaaaaa1"), sha("bbbbbb1"));
        let mut parent = described(&index, &[]);
        parent.children = vec![Child { digest: child.clone(), platform: None }];
        store.record_digests(&epoch, &[platform(&child), parent]).await.unwrap();
        let mut seen = look("old", &index);
        for (hour, tag) in ["old", "second", "third"].into_iter().enumerate() {
            seen.at += SignedDuration::from_hours(i64::try_from(hour).unwrap());
            seen.pointed.insert(tag.to_owned(), index.clone());
            store.record_look(&epoch, &seen).await.unwrap();
        }
        for image in ["old", "sha256:aaaaaa", "sha256:bbbbbb1"] {
            let image = store.image("registry.example/web", image, late()).await.unwrap().unwrap();
            let parts: Vec<_> = image
                .parts
                .iter()
                .map(|it| (it.digest.as_str(), it.platform.as_deref(), it.bytes, it.labels.len()))
                .collect();
            assert_eq!(parts, [(child.as_str(), Some("linux/amd64"), Some(1_000), 1)]);
            let layers = image.parts[0].layers.as_deref().expect("were read");
            let layers: Vec<_> = layers.iter().map(|it| (it.digest.as_str(), it.bytes)).collect();
            assert_eq!(layers, [("dd00000000000000", 900), ("ee00000000000000", 100)]);
            assert_eq!(image.tags.len(), 3);
        }
        for nothing in ["absent", "sha256:cccccc", "sha256:aa"] {
            assert_eq!(
                store.image("registry.example/web", nothing, late()).await.unwrap(),
                None,
                "{nothing}"
            );
        }
        assert_eq!(store.image("registry.example/none", "old", late()).await.unwrap(), None);
        let tags = store.tags_at("registry.example/web", late(), &["old".into()], 2).await.unwrap().unwrap();
        let names: Vec<_> = tags.edges.iter().map(|it| &*it.tag).collect();
        assert_eq!(names, ["old", "third"]);
        assert_eq!(tags.facts[index.as_str()].platforms.len(), 1);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn indexes_beside_the_migrations_are_made_once_and_a_broken_one_anew(pool: PgPool) {
    let made = "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where i.indisvalid
        and c.relname in ('digests_by_revision', 'tag_sightings_by_commit', 'digest_children_by_beginning')";
    with_store(pool.clone(), async |store| {
        assert_eq!(rows(&pool, made).await, 0);
        store.migrate().await.unwrap();
        assert_eq!(rows(&pool, made).await, 3);
        sqlx::query(
            "update pg_index set indisvalid = false where indexrelid = 'digests_by_revision'::regclass",
        )
        .execute(&pool)
        .await
        .unwrap();
        assert_eq!(rows(&pool, made).await, 2);
        store.migrate().await.unwrap();
        assert_eq!(rows(&pool, made).await, 3);
    })
    .await;
}

/// What was there before the first look has no time; what is gone is not the newest any more; the past knows nothing later.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn the_newest_tag_of_each_repository(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let names = ["registry.example/web".to_owned(), "registry.example/none".to_owned()];
        let mut seen = look("old", &sha("aaaaaa1"));
        store.record_look(&epoch, &seen).await.unwrap();
        sqlx::query("update repositories set settled_at = first_seen").execute(&pool).await.unwrap();
        let newest = store.newest_tags(&names, late()).await.unwrap();
        let known: Vec<_> = newest.iter().map(|(name, it)| (name.as_str(), it.tag.as_str(), it.at)).collect();
        assert_eq!(known, [("registry.example/web", "old", None)]);
        let first = seen.at;
        seen.at += SignedDuration::from_hours(1);
        seen.pointed.insert("new".to_owned(), sha("aaaaaa2"));
        store.record_look(&epoch, &seen).await.unwrap();
        let newest = store.newest_tags(&names, late()).await.unwrap();
        let it = &newest["registry.example/web"];
        assert_eq!((it.tag.as_str(), it.digest.clone(), it.at), ("new", sha("aaaaaa2"), Some(seen.at)));
        let before = store.newest_tags(&names, first).await.unwrap();
        assert_eq!(before["registry.example/web"].tag, "old");
    })
    .await;
}
