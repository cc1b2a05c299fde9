//! Pages of pull requests: those that are told of, and those that are gone.

use std::sync::Arc;

use landfall::web::pages::PageSettings;

use super::{
    client::get,
    world::{Memory, World},
};

const HTML: (&str, &str) = ("Accept", "text/html");

#[tokio::test]
async fn the_page_of_a_pull_request_stays_when_it_is_gone() {
    let world = World::paged(PageSettings::default(), Some(Arc::new(Memory))).await;
    let living = get(world.address, "/pr/accounts/control-panel/482", &[HTML]).await;
    assert_eq!(living.status, 200);
    assert!(living.text().contains("Tag pr-482-e41c07d does not fit"), "{}", living.text());
    let gone = get(world.address, "/pr/accounts/control-panel/7", &[HTML]).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert!(gone.text().contains("label preview by y.tanaka"), "what ran when: {}", gone.text());
    assert!(gone.text().contains("9 min"), "what is usual: {}", gone.text());
    for unknown in ["/pr/accounts/control-panel/8", "/pr/accounts/other/7", "/pr/accounts/control-panel/x"] {
        assert_eq!(get(world.address, unknown, &[HTML]).await.status, 404, "{unknown}");
    }
}
