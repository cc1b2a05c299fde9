//! Saved views: forms that work without a script, kept in a cookie, refused where another site sends them.

use landfall::web::pages::PageSettings;

use super::{
    client::{Answer, get, post},
    world::World,
};

async fn world() -> World {
    let views = vec![("Ours".to_owned(), "env=production".to_owned())];
    World::paged(PageSettings { views, ..PageSettings::default() }, None).await
}

/// `Cookie` as the browser sends it after this answer.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_view_is_saved_shown_renamed_and_deleted() {
    let world = world().await;
    let at = world.address;
    let form = "do=save&name=My+team&query=team%3Dteam-hosting%26state%3Ddegraded%26at%3D-1d";
    let saved = post(at, "/views", form, &[]).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/?team=team-hosting&state=degraded"));
    let set = saved.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");

    let mine = cookie(&saved);
    let board = get(at, "/?team=team-hosting&state=degraded", &[("Cookie", &mine)]).await.text();
    assert!(board.contains("aria-current=\"true\">My team"), "the new view is the one that is shown");
    assert!(board.contains(">Ours"), "those of the configuration stand beside");
    let other = get(at, "/?team=team-hosting&state=degraded", &[]).await.text();
    assert!(!other.contains("My team"), "nobody else sees it");
    assert!(other.contains("action=\"/views\""), "and may save it");

    let cookies: &[(&str, &str)] = &[("Cookie", &mine)];
    let renamed = post(at, "/views", "do=rename&name=My+team&to=%E7%A7%81", cookies).await;
    assert_eq!((renamed.status, renamed.header("location")), (303, "/views"));
    let mine = cookie(&renamed);
    let cookies: &[(&str, &str)] = &[("Cookie", &mine)];
    let page = get(at, "/views", cookies).await.text();
    assert!(page.contains("私") && !page.contains("My team"));

    let deleted = post(at, "/views", "do=delete&name=%E7%A7%81", cookies).await;
    assert_eq!((deleted.status, deleted.header("location")), (303, "/views"));
    assert!(
        deleted.header("set-cookie").starts_with("landfall_views=; ")
            && deleted.header("set-cookie").contains("Max-Age=0")
    );
}

#[tokio::test]
async fn what_cannot_be_done_says_why_and_keeps_what_was_written() {
    let world = world().await;
    for (form, status, says) in [
        ("do=save&query=q%3Dx", 422, "A view needs a name"),
        ("do=save&name=x&query=at%3D-1d", 422, "nothing to save"),
        ("do=save&name=x&query=state%3Dnonsense", 422, "nonsense"),
        ("do=rename&name=gone&to=x", 422, "no view called gone"),
        ("do=delete&name=%3Cscript%3Ealert(1)%3C/script%3E", 422, "no view called &lt;script"),
        ("name=x&query=q%3Dx", 400, "says what to do"),
    ] {
        let answer = post(world.address, "/views", form, &[("Accept", "text/html")]).await;
        assert_eq!(answer.status, status, "{form}");
        assert!(answer.text().contains(says), "{form}: {}", answer.text());
        assert!(!answer.headers.contains_key("set-cookie"), "{form} changes nothing");
    }
    let long = format!("do=save&name={}&query=q%3Dx", "n".repeat(60));
    let answer = post(world.address, "/views", &long, &[]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains(&"n".repeat(60)) && answer.text().contains("value=\"q=x\""));
    let huge = format!("do=save&name=x&query={}", "x".repeat(40 << 10));
    assert_eq!(post(world.address, "/views", &huge, &[]).await.status, 413);
}

#[tokio::test]
async fn only_our_own_pages_may_send_the_form() {
    let world = world().await;
    let form = "do=save&name=x&query=q%3Dx";
    for headers in [
        [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")],
        [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")],
        [("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-site")],
    ] {
        let answer = post(world.address, "/views", form, &headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    let own = [("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(post(world.address, "/views", form, &own).await.status, 303);
}

#[tokio::test]
async fn a_cookie_that_somebody_wrote_is_left_out() {
    let world = world().await;
    for cookie in ["landfall_views=%%%", "landfall_views=W10", "landfall_views=bm8", "landfall_views="] {
        let page = get(world.address, "/", &[("Cookie", cookie)]).await;
        assert_eq!(page.status, 200, "{cookie}");
        assert!(!page.text().contains("href=\"/views\""), "{cookie}");
    }
}
