//! Badges: always a picture, always small, and nothing in it that tells what exists.

use std::sync::Arc;

use landfall::{
    config::Secret,
    web::{Limits, WebSettings, badge::BadgeKeys, pages::PageSettings},
};
use landfall_model::view::{Service, Snapshot};

use super::{
    client::{Answer, get, request},
    world::{World, environment},
};

async fn svg(world: &World, path: &str) -> String {
    let answer = get(world.address, path, &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/svg+xml"), "{path}");
    let text = answer.text();
    assert!(text.len() < 2_048, "{path}: {} bytes", text.len());
    text
}

/// Shows a service with one environment of these names.
fn show(world: &World, service: &str, name: &str, tag: &str) {
    let mut one = environment("mail", "production", "healthy");
    (one.service, one.name) = (service.into(), name.into());
    if let Some(image) = &mut one.image {
        image.running[0].tag = Some(tag.into());
    }
    let service = Service {
        name: service.into(),
        owner: None,
        repository: None,
        environments: vec![Arc::new(one)],
        unassigned: false,
    };
    let now = world.state.live();
    let next = Snapshot { services: vec![Arc::new(service)], ..(*now).clone() };
    world.snapshots.send_replace(Arc::new(next));
}

#[tokio::test]
async fn state_and_tag_stand_in_words_and_shape_and_colour() {
    let world = World::start().await;
    let badge = svg(&world, "/badge/mail/production.svg").await;
    for part in [
        "role=\"img\" aria-label=\"mail production: healthy 20231127-170000\"",
        "<title>mail production: healthy 20231127-170000</title>",
        ">mail production</text>",
        ">healthy 20231127-170000</text>",
        "#0d6a3a",
        "textLength=",
        "<path fill=\"none\" stroke=\"#fff\"",
    ] {
        assert!(badge.contains(part), "{part}: {badge}");
    }
    for part in ["script", "http://", "https://", "href", "url(", "style", "@import"] {
        let own = badge.replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(part), "{part}: {badge}");
    }
    let degraded = svg(&world, "/badge/control-panel/production.svg").await;
    assert!(degraded.contains("#b21f1c") && degraded.contains(">degraded 2023"), "{degraded}");
    let japanese = svg(&world, "/badge/mail/production.svg?lang=ja").await;
    assert!(!japanese.contains("healthy"), "{japanese}");
}

#[tokio::test]
async fn a_badge_is_asked_for_again_and_changes_with_the_state() {
    let world = World::start().await;
    let path = "/badge/mail/production.svg";
    let first = get(world.address, path, &[]).await;
    assert_eq!(first.header("cache-control"), "no-cache");
    assert_eq!((first.header("vary"), first.header("set-cookie")), ("accept-encoding", ""));
    let tag = first.header("etag").to_owned();
    let again = get(world.address, path, &[("If-None-Match", &tag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    show(&world, "mail", "production", "20231204-090000");
    let changed = get(world.address, path, &[("If-None-Match", &tag)]).await;
    assert_eq!(changed.status, 200);
    assert!(changed.text().contains("20231204-090000"));
}

#[tokio::test]
async fn a_silent_source_is_never_green() {
    let world = World::start().await;
    let mut next = (*world.state.live()).clone();
    for source in next.sources.values_mut() {
        Arc::make_mut(source).state = landfall_model::words::SourceState::Stale;
    }
    world.snapshots.send_replace(Arc::new(next));
    let badge = svg(&world, "/badge/mail/production.svg").await;
    assert!(badge.contains(">was healthy 2023") && !badge.contains("#0d6a3a"), "{badge}");
}

#[tokio::test]
async fn shields_reads_the_same() {
    let world = World::start().await;
    let answer = get(world.address, "/badge/mail/production.json", &[]).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.json(),
        serde_json::json!({"schemaVersion": 1, "label": "mail production", "message": "healthy 20231127-170000",
            "color": "#0d6a3a", "isError": false, "cacheSeconds": 300}),
    );
    let unknown = get(world.address, "/badge/nobody/production.json", &[]).await;
    assert_eq!(unknown.status, 200);
    assert_eq!((&unknown.json()["isError"], &unknown.json()["message"]), (&true.into(), &"unknown".into()));
}

#[tokio::test]
async fn hostile_names_stay_words_and_below_two_kilobytes() {
    let world = World::start().await;
    let flood = "&\"<'>".repeat(200);
    for (service, tag) in [
        ("<script>alert(1)</script>", "\"><image href=\"https://evil.example/x\"/>"),
        (flood.as_str(), flood.as_str()),
        ("\u{202e}gnp.exe\u{0}\u{b}\u{ffff}\u{fffe}", "]]>\u{1b}[31m"),
        (&"名前".repeat(100), &"🦀".repeat(100)),
    ] {
        show(&world, service, service, tag);
        let path = landfall_app::links::badge(service, service, "svg");
        let badge = svg(&world, &path).await;
        // Our own elements and nothing else: svg, title, three paths, g, two texts.
        assert_eq!(badge.matches('<').count(), 8 + 5, "{badge}");
        assert!(!badge.contains("<image") && !badge.contains("<script"), "{badge}");
        let odd =
            |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{ffff}' | '\u{fffe}');
        assert!(!badge.contains(odd), "{badge:?}");
        assert_eq!(badge.matches('"').count() % 2, 0, "{badge}");
        assert!(badge.contains("healthy"), "it was found: {badge}");
    }
}

#[tokio::test]
async fn with_a_key_an_address_opens_one_badge_and_nothing_tells_what_exists() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a key that nobody knows\n").unwrap();
    let badges = BadgeKeys::new(Some(Secret::File(file.path().to_owned())));
    let settings = WebSettings { badges: badges.clone(), ..WebSettings::default() };
    let world = World::with(settings, Limits::default()).await;
    let path = "/badge/mail/production.svg";
    let token = badges.token(path).unwrap();
    assert_eq!(token.len(), 43, "256 bits");
    assert!(svg(&world, &format!("{path}?t={token}")).await.contains("healthy"));
    // The same address written otherwise is the same badge.
    assert!(svg(&world, &format!("/badge/m%61il/production.svg?t={token}")).await.contains("healthy"));

    let told = |answer: &Answer| (answer.status, answer.headers.keys().cloned().collect::<Vec<_>>());
    let refused = get(world.address, path, &[]).await;
    let absent = get(world.address, &path.replace("mail", "liam"), &[]).await;
    assert_eq!(told(&refused), told(&absent));
    assert_eq!(refused.text().replace("mail", "liam"), absent.text(), "the same picture, by its own name");
    assert!(refused.text().contains("unknown") && !refused.text().contains("healthy"));
    for wrong in ["?t=", "?t=AAAA", &format!("?t={}", &token[1..]), &format!("?T={token}")] {
        assert_eq!(svg(&world, &format!("{path}{wrong}")).await, refused.text(), "{wrong}");
    }
    let other = svg(&world, &format!("/badge/mail/staging.svg?t={token}")).await;
    assert!(other.contains("unknown"), "another badge: {other}");
}

#[tokio::test]
async fn what_is_no_badge_is_not_found_and_nothing_is_written() {
    let world = World::start().await;
    for path in ["/badge/mail/production.png", "/badge/mail", "/badge/mail/a/b.svg"] {
        assert_eq!(get(world.address, path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(request(world.address, "POST", "/badge/mail/production.svg", &[]).await.status, 405);
}

#[tokio::test]
async fn a_service_s_page_offers_its_badges_with_their_proof() {
    let page =
        get(World::paged(PageSettings::default(), None).await.address, "/services/mail", &[]).await.text();
    for name in ["production", "staging"] {
        assert!(page.contains(&format!("src=\"/badge/mail/{name}.svg?lang=en&amp;v=")), "{page}");
        assert!(
            page.contains(&format!("[![mail {name}](/badge/mail/{name}.svg)](/services/mail)")),
            "{page}"
        );
    }
}
