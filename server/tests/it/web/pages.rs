//! The real pages over HTTP, where a whole browser is not needed.

use std::sync::Arc;

use landfall::web::pages::PageSettings;

use super::{
    client::get,
    world::{Away, Memory, World},
};

const HTML: (&str, &str) = ("Accept", "text/html");

async fn world() -> World {
    World::paged(PageSettings::default(), Some(Arc::new(Memory))).await
}

#[tokio::test]
async fn an_error_page_quotes_the_id_that_the_log_knows() {
    let world = World::paged(PageSettings::default(), Some(Arc::new(Away))).await;
    let answer = get(world.address, "/?at=-1d", &[HTML, ("X-Request-Id", "mine<script>")]).await;
    assert_eq!(answer.status, 503);
    let id = answer.header("x-request-id");
    assert!(id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
    assert!(answer.text().contains(id), "the page quotes it");
    assert!(!answer.text().contains("mine"), "and nothing that the client wrote");
}

#[tokio::test]
async fn a_wrong_address_needs_no_number_and_says_what_is_wrong() {
    let world = world().await;
    let answer = get(world.address, "/?at=yesterdayish", &[HTML]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("yesterdayish") && !answer.text().contains(answer.header("x-request-id")));
}

#[tokio::test]
async fn what_is_not_there_offers_the_nearest_services() {
    let world = world().await;
    for path in [
        "/services/controlpanel",
        "/service/control-panel",
        "/control-panell/production",
        "/services/control-panel/history",
    ] {
        let answer = get(world.address, path, &[HTML]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("href=\"/services/control-panel\""), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn closed_findings_are_counted_whatever_part_is_shown() {
    let world = world().await;
    for path in ["/findings", "/findings?state=closed"] {
        let page = get(world.address, path, &[]).await.text();
        assert!(page.contains("<span class=\"n\">77</span>"), "{path}");
    }
}

#[tokio::test]
async fn since_the_review_and_the_list_of_closed_findings_say_the_same() {
    let world = world().await;
    let board = get(world.address, "/", &[HTML]).await.text();
    assert!(board.contains("78 findings opened") && board.contains(">77 closed</a>"), "{board}");
    let list =
        board.split("<a href=\"/findings?").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let closed =
        get(world.address, &format!("/findings?{}", list.replace("&amp;", "&")), &[HTML]).await.text();
    assert!(closed.contains("Closed <span class=\"n\">77</span>"), "{closed}");
    assert!(closed.contains("<b>78</b> opened, <b>77</b> closed"), "{closed}");
}

#[tokio::test]
async fn a_past_page_says_that_its_sources_were_fresh_then() {
    let world = world().await;
    for path in ["/?at=-2d", "/services/control-panel?at=-2d", "/sources?at=-2d"] {
        let page = get(world.address, path, &[]).await.text();
        assert!(page.contains("fresh then"), "{path}");
    }
    assert!(!get(world.address, "/", &[]).await.text().contains("fresh then"));
}

#[tokio::test]
async fn environments_of_history_are_not_counted_by_what_lives_now() {
    let world = world().await;
    let page = get(world.address, "/history?at=-1d&since=-10d&env=gone-since", &[]).await.text();
    let menu = page.split("name=\"env\"").nth(1).expect("a menu of environments");
    let option = menu.split("</label>").next().unwrap_or_default();
    assert!(!option.contains("class=\"n\""), "{option}");
    assert!(page.contains("value=\"gone-since\" checked"), "what is asked for stands in the menu");
}

#[tokio::test]
async fn a_gap_is_told_by_its_line_in_the_timeline_alone() {
    let world = world().await;
    let page = get(world.address, "/history?since=-3d", &[]).await.text();
    // In memory no line tells it: the span itself is none.
    assert_eq!(page.matches("the spool was full").count(), 0, "{page}");
}

#[tokio::test]
async fn a_past_view_within_a_gap_says_so() {
    let world = world().await;
    let within = get(world.address, "/?at=2026-11-23T04:12:20Z", &[]).await.text();
    assert!(within.contains("incomplete") && within.contains("the spool was full"), "{within}");
    let outside = get(world.address, "/?at=2026-11-22T04:12:20Z", &[]).await.text();
    assert!(!outside.contains("incomplete"));
}

#[tokio::test]
async fn every_part_of_the_board_is_reached_by_its_links() {
    let world = world().await;
    for question in ["limit=1", "limit=1&group=none", "limit=1&group=state", "limit=1&sort=-since"] {
        let mut path = format!("/?{question}");
        let mut seen = Vec::new();
        for _ in 0..5 {
            let page = get(world.address, &path, &[]).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            let page = page.text();
            seen.extend(
                ["control-panel", "mail"]
                    .into_iter()
                    .filter(|name| page.contains(&format!("data-row=\"{name}\""))),
            );
            let Some(before) = page.find("rel=\"next\"") else { break };
            let link = &page[..before];
            let link = &link[link.rfind("href=\"").expect("a link") + 6..];
            path = link[..link.find('"').expect("its end")].replace("&amp;", "&");
        }
        seen.sort_unstable();
        assert_eq!(seen, ["control-panel", "mail"], "{question}");
    }
}
