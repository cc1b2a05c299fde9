//! Pictures of pages for previews of links.

use super::{client::get, world::World};

#[tokio::test]
async fn a_page_in_a_picture() {
    let world = World::start().await;
    for path in ["/card/services/mail.png", "/card/images/registry.example/hosting/mail.png"] {
        let answer = get(world.address, path, &[]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/png"), "{path}");
        assert_eq!(&answer.body[..4], b"\x89PNG", "{path}");
        assert_eq!(&answer.body[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "{path}: 1200 by 630");
        assert!(answer.body.len() < 150_000, "{path}: {} bytes", answer.body.len());
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin", "{path}");
        let again = get(world.address, path, &[("If-None-Match", answer.header("etag"))]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let before = get(world.address, "/card/services/control-panel.png", &[]).await;
    assert_ne!(before.body, get(world.address, "/card/services/mail.png", &[]).await.body);
}

#[tokio::test]
async fn what_is_not_there_has_no_picture() {
    let world = World::start().await;
    for path in [
        "/card/services/nobody.png",
        "/card/services/mail",
        "/card/mail.png",
        "/card/pr/shop/web/7.png",
        "/card/pr/7.png",
        "/card/forge/x/7.png",
        "/card/%FF.png",
    ] {
        let status = get(world.address, path, &[]).await.status;
        assert!(status == 404 || status == 400, "{path}: {status}");
    }
}
