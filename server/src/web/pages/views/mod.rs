//! `/views`: saved views, one's own and everybody's; and the forms that save, rename and delete one's own.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use landfall_app::{
    data::{AskedView, KeptView, Views, WrongView},
    links::Params,
    pages,
};
use landfall_model::said;

use super::{Ask, remember};
use crate::{
    config::board_query,
    web::{Problem, respond},
};

mod own;

pub(super) use own::{COOKIE, OwnViews};

/// Bytes of a form.
const FORM_BYTES: usize = 16 << 10;

pub(super) fn page(ask: &Ask) -> String {
    shown(ask, None, None)
}

fn shown(ask: &Ask, wrong: Option<WrongView>, asked: Option<AskedView>) -> String {
    let kept = |(name, query): (&str, &str)| KeptView { name: name.into(), query: query.to_owned() };
    let shared = ask.settings.views.iter().map(|(name, query)| (name.as_str(), query.as_str()));
    let data = Views {
        own: ask.own.iter().map(kept).collect(),
        shared: shared.map(kept).collect(),
        most: own::MOST,
        wrong,
        asked,
    };
    pages::views(&data, &ask.shell(&ask.state.live(), None, None))
}

/// Answers a form: does it and leads back, or says on the page what is wrong. That the form came from one of our pages was
/// checked before, as for every request that changes something.
pub(super) async fn change(mut ask: Ask, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = match form(body).await {
        Ok(form) => form,
        Err(problem) => return respond::problem(&ask.state, &parts.uri, &parts.headers, &problem),
    };
    let field = |key: &str| form.get(key).unwrap_or_default().to_owned();
    let (name, query) = (field("name"), field("query"));
    let done = match form.get("do") {
        Some("save") => understood(&query).and_then(|()| ask.own.save(&name, &query)),
        Some("rename") => ask.own.rename(&name, &field("to")),
        Some("delete") => ask.own.delete(&name),
        _ => {
            let problem = Problem::bad_request(said!(
                "form-do",
                "The field `do` says what to do: save, rename or delete."
            ));
            return respond::problem(&ask.state, &parts.uri, &parts.headers, &problem);
        }
    };
    let saved = form.get("do") == Some("save");
    match done {
        Ok(()) => {
            let to = if saved { Params::parse(&query).question().on("/") } else { "/views".to_owned() };
            let mut response = StatusCode::SEE_OTHER.into_response();
            if let Ok(to) = HeaderValue::from_str(&to) {
                response.headers_mut().insert(header::LOCATION, to);
            }
            let value = if ask.own.is_empty() { String::new() } else { ask.own.encode() };
            remember(&ask.state, &mut response, COOKIE, &value);
            response
        }
        Err(wrong) => {
            let asked = saved.then(|| AskedView {
                name,
                query: Params::parse(&query).question().on("").trim_start_matches('?').to_owned(),
            });
            let html = shown(&ask, Some(wrong), asked);
            let mut response = (StatusCode::UNPROCESSABLE_ENTITY, html).into_response();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        }
    }
}

async fn form(body: Body) -> Result<Params, Problem> {
    let bytes = to_bytes(body, FORM_BYTES).await.map_err(|_| {
        Problem::too_large(said!(
            "form-too-large",
            "A form has at most {n} bytes.",
            n = FORM_BYTES.to_string()
        ))
    })?;
    Ok(Params::parse(&String::from_utf8_lossy(&bytes)))
}

/// A question that the board would not understand is not worth keeping.
fn understood(query: &str) -> Result<(), WrongView> {
    let question = Params::parse(query).question().on("");
    board_query(question.trim_start_matches('?'))
        .map_err(|error| WrongView::Question { field: error.field, wrong: error.detail })
}
