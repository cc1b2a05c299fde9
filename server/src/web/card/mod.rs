//! `/card/….png`: a page in a picture, for the previews that chat programs make of links.
//!
//! `/card` before a page's path and `.png` behind it. Such programs run no script, do not sign in and keep what they got
//! for half an hour, so the picture says of which moment it is. It is drawn here, with letters of our own: a service, a
//! repository, a pull request, with what is said of them on their pages.

mod draw;
mod face;
mod letters;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri},
    response::Response,
};

pub use self::face::{Face, Mark, Row};
use super::{
    AppState, Problem,
    cache::{Made, PageKey, cached_page},
    respond,
};

/// Size of a picture in pixels, as those who show it expect it.
pub const WIDTH: u32 = 1_200;
pub const HEIGHT: u32 = 630;

/// The handler.
pub async fn card(
    State(state): State<AppState>,
    path: Option<Path<String>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let face = path.and_then(|Path(path)| Face::of(&state, path.strip_suffix(".png")?));
    let Some(face) = face else {
        let problem = Problem::not_found("There is no picture of that: /card/services/NAME.png is one.");
        return respond::problem(&state, &uri, &headers, &problem);
    };
    let key = PageKey {
        href: uri.path().to_owned(),
        look: "card".to_owned(),
        revision: state.live().revision,
        minute: state.page_minute(),
    };
    let make = async || -> Result<Made, Problem> {
        // Some milliseconds of work: not on a thread that answers others.
        let drawn = tokio::task::spawn_blocking(move || draw::png(&face)).await;
        let body = drawn.ok().flatten().ok_or_else(|| {
            tracing::error!("the picture of a page cannot be drawn");
            Problem::internal()
        })?;
        Ok(Made {
            status: StatusCode::OK,
            content_type: "image/png",
            tag: respond::tag_of([&*body]),
            body: body.into(),
            link: None,
        })
    };
    let mut response = cached_page(&state, &headers, key, make)
        .await
        .unwrap_or_else(|problem| respond::problem(&state, &uri, &headers, &problem));
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}
