//! `/events`.

use super::{
    client::{Stream, get},
    world::World,
};
use landfall::web::{Limits, WebSettings};

#[tokio::test]
async fn a_tab_learns_of_each_change_with_its_revision() {
    let world = World::start().await;
    let mut tab = Stream::open(world.address, "").await;
    let first = tab.until("\n\n").await.unwrap();
    assert!(first.contains("retry: "), "{first}");
    assert!(first.contains(r#"data: {"revision":4711,"changed":[],"more":false}"#), "{first}");
    world.change(&["service/mail"]);
    let next = tab.until("\n\n").await.unwrap();
    assert!(next.contains("event: revision") && next.contains("id: 4712"), "{next}");
    assert!(next.contains(r#"data: {"revision":4712,"changed":["service/mail"],"more":false}"#), "{next}");
}

#[tokio::test]
async fn a_returning_tab_gets_what_it_missed_or_is_told_to_load_again() {
    let world = World::start().await;
    world.change(&["service/mail"]);
    world.change(&["service/mail", "source/cluster/prod"]);
    let missed =
        Stream::open(world.address, "Last-Event-ID: 4711\r\n").await.until("more\":false}").await.unwrap();
    assert!(missed.contains(r#""changed":["service/mail","source/cluster/prod"]"#), "{missed}");
    for too_old in ["4000", "99999"] {
        let header = format!("Last-Event-ID: {too_old}\r\n");
        let told = Stream::open(world.address, &header).await.until("more\":true}").await;
        assert!(told.is_some(), "{too_old}");
    }
    for _ in 0..1_100 {
        world.change(&["service/mail"]);
    }
    let told = Stream::open(world.address, "Last-Event-ID: 4712\r\n").await.until("more\":true}").await;
    assert!(told.is_some(), "the ring holds no more than so much");
}

#[tokio::test]
async fn streams_are_capped_and_their_places_come_back() {
    let settings = WebSettings { streams_per_ip: 2, ..WebSettings::default() };
    let world = World::with(settings, Limits::default()).await;
    let mut tabs = Vec::new();
    for _ in 0..2 {
        let mut tab = Stream::open(world.address, "").await;
        tab.until("\n\n").await.unwrap();
        tabs.push(tab);
    }
    let refused = get(world.address, "/events", &[]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "30"));
    tabs.clear();
    // The server notices a closed tab when it next looks; a change makes it look.
    let mut again = loop {
        world.change(&[]);
        let mut tab = Stream::open(world.address, "").await;
        if tab.until("\r\n").await.unwrap().contains("200") {
            break tab;
        }
        tokio::task::yield_now().await;
    };
    again.until("\n\n").await.unwrap();
}

#[tokio::test]
async fn a_stalled_tab_is_dropped_and_holds_nothing_back() {
    let limits = Limits { write_stall: std::time::Duration::from_millis(100), ..Limits::default() };
    let world = World::with(WebSettings::default(), limits).await;
    let mut stalled = Stream::open(world.address, "").await;
    stalled.until("\n\n").await.unwrap();
    // It stops reading. Messages go on until the sockets' buffers are full, then its connection ends.
    let long: Vec<String> = (0..400).map(|i| format!("service/{i:0>200}")).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let dropped = async {
        while world.state.metrics.open_streams() > 0 {
            world.change(&long);
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    // Before the kernel's own limit of 30 s would do it.
    tokio::time::timeout(std::time::Duration::from_secs(20), dropped).await.expect("it is dropped");
    assert_eq!(get(world.address, "/livez", &[]).await.status, 200);
}

#[tokio::test]
async fn streams_end_first_and_the_server_ends_with_them_open() {
    let world = World::start().await;
    let mut tab = Stream::open(world.address, "").await;
    tab.until("\n\n").await.unwrap();
    world.shutdown.cancel();
    tab.end().await;
    world.task.await.unwrap().unwrap();
}
