//! `/api/v1`: the same query strings as the pages, answered as JSON and CSV.

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    routing::{MethodRouter, get},
};
use serde::Serialize;

mod csv;
pub mod findings;
pub mod history;
mod images;
pub mod openapi;
mod pulls;
mod schema;
mod search;
mod services;
mod sources;
pub mod types;
mod view;

pub use schema::Schema;

use super::{
    AppState, Problem,
    cache::{Made, PageKey, cached_page},
    respond,
};

/// What an address of the API answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Services,
    ServicesCsv,
    Service,
    History,
    HistoryCsv,
    HistoryLines,
    Findings,
    FindingsCsv,
    Sources,
    SourcesCsv,
    Images,
    ImagesCsv,
    /// One repository.
    Image,
    /// Pull requests with their previews.
    Previews,
    PreviewsCsv,
    PreviewWeeks,
    /// One pull request.
    Pull,
    /// What was seen at registries.
    Search,
    OpenApi,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Lines,
}

/// A request to the API.
struct Ask<'a> {
    state: &'a AppState,
    query: &'a str,
    format: Format,
}

/// An answer before it is packed.
struct Reply {
    content_type: &'static str,
    body: Vec<u8>,
    /// Made from what means something: not from the moment of asking.
    tag: String,
    /// Query string of the next page, for programs that follow `Link`.
    next: Option<String>,
}

const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8; header=present";
const LINES: &str = "application/jsonl";

impl Reply {
    /// `tagged` is what the tag is made from, `body` what is sent.
    fn json(tagged: &impl Serialize, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self {
            content_type: JSON,
            tag: respond::tag_of([&*to_json(tagged)?]),
            body: to_json(body)?,
            next: None,
        })
    }

    fn at(self, uri: &Uri) -> Made {
        let link = self.next.map(|next| format!("<{}?{next}>; rel=\"next\"", uri.path()));
        Made {
            status: StatusCode::OK,
            content_type: self.content_type,
            tag: self.tag,
            body: self.body.into(),
            link: link.and_then(|link| HeaderValue::from_str(&link).ok()),
        }
    }

    fn text(content_type: &'static str, body: String) -> Self {
        Self { content_type, tag: respond::tag_of([body.as_bytes()]), body: body.into_bytes(), next: None }
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        Problem::internal()
    })
}

/// The handler of an endpoint.
pub fn handler(endpoint: Endpoint) -> MethodRouter<AppState> {
    get(
        move |State(state): State<AppState>,
              name: Option<Path<String>>,
              RawQuery(query): RawQuery,
              uri: Uri,
              headers: HeaderMap| async move {
            let query = query.unwrap_or_default();
            let name = name.map(|Path(name)| name);
            let make = async || {
                let reply = answer(endpoint, &state, &query, name.as_deref()).await?;
                Ok(reply.at(&uri))
            };
            let answered = match shared(endpoint, &state, &query, &uri) {
                Some(key) => cached_page(&state, &headers, key, make).await,
                None => make().await.map(|made: Made| {
                    let mut response =
                        respond::conditional(&headers, &made.tag, made.content_type, made.body);
                    if let Some(link) = made.link {
                        response.headers_mut().insert(header::LINK, link);
                    }
                    response
                }),
            };
            answered.unwrap_or_else(|problem| respond::problem(&state, &uri, &headers, &problem))
        },
    )
}

/// The key under which everybody who asks the same of this very snapshot gets the same answer. None for what reads
/// history, which has its own pace, and for long tables.
fn shared(endpoint: Endpoint, state: &AppState, query: &str, uri: &Uri) -> Option<PageKey> {
    let of_the_view = matches!(
        endpoint,
        Endpoint::Services | Endpoint::Service | Endpoint::Images | Endpoint::Image | Endpoint::Previews
    ) && !query.split('&').any(|pair| {
        matches!(pair.split('=').next().unwrap_or_default(), "at" | "since" | "until" | "format")
    });
    of_the_view.then(|| {
        let snapshot = state.live();
        PageKey {
            href: uri.to_string(),
            look: format!("api {:?}", snapshot.as_of.map(jiff::Timestamp::as_microsecond)),
            revision: snapshot.revision,
            minute: state.page_minute(),
        }
    })
}

async fn answer(
    endpoint: Endpoint,
    state: &AppState,
    query: &str,
    name: Option<&str>,
) -> Result<Reply, Problem> {
    use Endpoint as E;
    let format = match endpoint {
        E::ServicesCsv | E::HistoryCsv | E::FindingsCsv | E::SourcesCsv | E::ImagesCsv | E::PreviewsCsv => {
            Format::Csv
        }
        E::HistoryLines => Format::Lines,
        E::Service | E::Image | E::Pull | E::PreviewWeeks | E::Search | E::OpenApi => Format::Json,
        E::Services | E::History | E::Findings | E::Sources | E::Images | E::Previews => {
            view::format(query, endpoint == E::History)?
        }
    };
    let ask = Ask { state, query, format };
    match endpoint {
        E::Services | E::ServicesCsv => services::list(&ask).await,
        E::Service => services::one(&ask, name.unwrap_or_default()).await,
        E::History | E::HistoryCsv | E::HistoryLines => history::list(&ask).await,
        E::Findings | E::FindingsCsv => findings::list(&ask).await,
        E::Sources | E::SourcesCsv => sources::list(&ask).await,
        E::Images | E::ImagesCsv => images::list(&ask).await,
        E::Image => images::one(&ask, name.unwrap_or_default()).await,
        E::Previews | E::PreviewsCsv => pulls::list(&ask).await,
        E::PreviewWeeks => pulls::weeks(&ask).await,
        E::Pull => pulls::one(&ask, name.unwrap_or_default()).await,
        E::Search => search::list(&ask).await,
        E::OpenApi => {
            let document = openapi::document();
            Reply::json(&document, &document)
        }
    }
}
