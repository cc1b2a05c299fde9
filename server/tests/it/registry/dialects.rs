//! Each registry's habits: paging, digests, dates, where blobs are.

use landfall::source::registry::{Described, Whole};
use landfall_sandbox::registry::{Dialect, Image, PlatformImage, RegistryFault};

use super::{client, fill, registry};

#[tokio::test]
async fn every_tag_is_found_whatever_the_pages_are_like() {
    for dialect in Dialect::ALL {
        let (registry, _running, config) = registry(dialect).await;
        registry.protect("me", "hunter2");
        let digest = fill(&registry, "hosting/web", 257);
        registry.tag("hosting/web", &format!("sha256-{}.sig", "ab".repeat(32)), &digest);
        let folder = tempfile::tempdir().unwrap();
        let client = client(&super::sign_in::with_password(config, &folder, "me", "hunter2"));
        let tags = client.tags("hosting/web").await.unwrap();
        assert_eq!((tags.tags.len(), &tags.whole, tags.broken), (257, &Whole::Yes, 0), "{dialect:?}");
        // Once it is known what pages it takes, none is asked for in vain.
        registry.reset_counters();
        assert_eq!(client.tags("hosting/web").await.unwrap().tags.len(), 257);
        let pages = if dialect == Dialect::Quay { 3 } else { 1 };
        assert_eq!(registry.counters().of("list"), pages, "{dialect:?}");
    }
}

#[tokio::test]
async fn a_repository_that_is_not_there_or_is_empty() {
    for dialect in Dialect::ALL {
        let (registry, _running, config) = registry(dialect).await;
        let client = client(&config);
        assert!(client.tags("hosting/none").await.is_err(), "{dialect:?}");
        fill(&registry, "hosting/web", 1);
        registry.delete("hosting/web", "tag-00000");
        let tags = client.tags("hosting/web").await.unwrap();
        assert_eq!((tags.tags.len(), tags.whole), (0, Whole::Yes), "{dialect:?}");
    }
}

#[tokio::test]
async fn where_a_tag_points_and_what_is_there() {
    for dialect in Dialect::ALL {
        let (registry, _running, config) = registry(dialect).await;
        registry.protect("me", "hunter2");
        let image =
            Image { docker: dialect == Dialect::DockerHub, ..Image::multi("a", "2026-11-20T10:00:00Z") };
        let digest = registry.push("hosting/web", "1.0", &image);
        let folder = tempfile::tempdir().unwrap();
        let client = client(&super::sign_in::with_password(config, &folder, "me", "hunter2"));
        for _ in 0..2 {
            let pointed = client.point("hosting/web", "1.0").await.unwrap().unwrap();
            assert_eq!(pointed.digest, digest, "{dialect:?}");
            assert_eq!(pointed.manifest.is_some(), dialect == Dialect::Artifactory, "{dialect:?}");
        }
        let heads = if dialect == Dialect::Artifactory { 1 } else { 2 };
        let challenges = u64::from(dialect != Dialect::Gar || registry.counters().of("head") == 3);
        assert_eq!(registry.counters().of("head"), heads + challenges, "{dialect:?}: tried once");
        let missing = client.point("hosting/web", "none").await;
        if dialect == Dialect::Gar {
            assert!(missing.unwrap_err().to_string().contains("text/html in place of a manifest"));
            // And that says nothing about HEAD.
            assert!(client.point("hosting/web", "1.0").await.unwrap().unwrap().manifest.is_none());
        } else {
            assert_eq!(missing.unwrap(), None, "{dialect:?}");
        }

        registry.reset_counters();
        let all = super::whole(&client, "hosting/web", &digest).await;
        let [amd, arm, index] = all.as_slice() else { panic!("{dialect:?}: {all:?}") };
        assert_eq!(index.children.len(), 2, "the attestation is no platform");
        assert!(index.digest == digest && index.children[0].digest == amd.digest, "{dialect:?}");
        assert_eq!(arm.platform.as_ref().unwrap().architecture, "arm64");
        assert_eq!(amd.created, Some("2026-11-20T10:00:00Z".parse().unwrap()));
        assert_eq!(amd.labels[0].name, "org.opencontainers.image.revision");
        assert!(amd.config.is_some() && amd.size.is_some() && amd.error.is_none());
        let layers =
            |it: &Described| it.layers.as_ref().map(|all| all.iter().map(|one| one.size).sum::<u64>());
        assert!(layers(amd).is_some_and(|sum| Some(sum) < amd.size), "the configuration is counted as well");
        assert_eq!(layers(index), None);
        let counted = registry.counters();
        assert_eq!((counted.of("manifest"), counted.of("blob")), (3, 2), "{dialect:?}");
    }
}

#[tokio::test]
async fn an_image_that_says_little_or_nonsense() {
    let (registry, _running, config) = registry(Dialect::Distribution).await;
    let client = client(&config);
    let odd = |created: Option<&str>| Image {
        platforms: vec![PlatformImage {
            platform: "linux/arm/v7".into(),
            created: created.map(str::to_owned),
            labels: [("secret".to_owned(), "hunter2".to_owned())].into(),
            content: "x".into(),
        }],
        ..Image::default()
    };
    let one = async |digest: String| client.describe("a", &digest, None, None).await.unwrap();
    for (text, is_time) in
        [(None, false), (Some("yesterday"), false), (Some("0001-01-01T00:00:00Z"), true), (Some(""), false)]
    {
        let found = one(registry.push("a", "x", &odd(text))).await;
        assert_eq!(found.created.is_some(), is_time, "{text:?}");
        assert_eq!(found.created_text.as_deref(), text);
        assert_eq!(found.platform.unwrap().variant.as_deref(), Some("v7"));
        assert!(found.labels.is_empty(), "labels that nobody knows may hold anything");
    }
    for (bytes, why) in [
        (&b"{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}"[..], "both an index and an image"),
        (b"{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"nonsense\"}]}", "manifest sha256"),
        (b"[1]", "in place of a manifest"),
    ] {
        let digest = registry.put_manifest("application/vnd.oci.image.index.v1+json", bytes);
        let found = one(digest).await;
        assert!(found.error.as_ref().is_some_and(|error| error.contains(why)), "{found:?}");
    }
    // Of another kind, and no mistake.
    let found = one(registry
        .put_manifest("application/vnd.docker.distribution.manifest.v1+json", b"{\"schemaVersion\":1}"))
    .await;
    assert_eq!((found.error, found.config), (None, None));
}

#[tokio::test]
async fn a_list_ends_in_every_case() {
    let (registry, _running, config) = registry(Dialect::Distribution).await;
    let client = client(&config);
    fill(&registry, "few", 5);
    fill(&registry, "many", 1_500);
    // All of it each time, for ever: that is a whole list. A full page each time is none.
    registry.inject(RegistryFault::EndlessPages);
    let few = client.tags("few").await.unwrap();
    assert_eq!((few.tags.len(), few.whole, few.pages), (5, Whole::Yes, 2));
    let many = client.tags("many").await.unwrap();
    assert!(matches!(many.whole, Whole::No(_)) && many.pages == 2, "{:?}", many.whole);
    registry.heal();
    registry.inject(RegistryFault::SamePage);
    let same = client.tags("few").await.unwrap();
    assert!(matches!(same.whole, Whole::No(_)) && same.pages == 1, "{:?}", same.whole);
    registry.heal();
    // One that breaks off tells what it told, and not that the rest is gone.
    registry.inject(RegistryFault::After { of: "list", working: 1 });
    let half = client.tags("many").await.unwrap();
    assert!(matches!(half.whole, Whole::No(_)) && half.tags.len() == 1_000, "{:?}", half.whole);
}
