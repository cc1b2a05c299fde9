//! The pages: from a request to the data of `landfall_app`, and back as a document.
//!
//! ```text
//!  request -> Look (language, theme) + Query -> view (live or past) -> data of one page -> landfall_app::pages::… -> cache
//! ```
//!
//! * [`look`]: what the reader chose, beside the question.
//! * [`shell`]: what stands around every page.
//! * one file per page: asks the snapshot and, where a page needs it, history.
//! * [`errors`]: problems as pages.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use landfall_app::{data::DeepLinks, links::Params};

use super::{
    AppState, Problem,
    cache::{PageKey, Rendered, cached_page},
    respond,
    routes::{Form, Page, Pages},
};

mod api;
mod board;
mod compare;
mod counts;
mod docs;
mod errors;
mod findings;
mod history;
mod images;
mod look;
mod previews;
mod search;
mod service;
mod shell;
mod sources;
mod view;
mod views;

use look::Look;
pub(super) use previews::find as find_pull;
use views::OwnViews;

/// What the configuration says about pages.
#[derive(Debug, Clone, Default)]
pub struct PageSettings {
    /// Where Argo CD, registries and forges are.
    pub links: DeepLinks,
    /// Saved views of the configuration: name and query string.
    pub views: Vec<(String, String)>,
}

/// Draws the pages.
#[derive(Clone)]
pub struct WebPages {
    settings: Arc<PageSettings>,
    counts: Arc<counts::Counts>,
}

impl WebPages {
    /// Pages by these settings.
    pub fn new(settings: PageSettings) -> Arc<Self> {
        Arc::new(Self { settings: Arc::new(settings), counts: Arc::default() })
    }
}

/// One request for a page.
#[derive(Clone)]
struct Ask {
    state: AppState,
    settings: Arc<PageSettings>,
    counts: Arc<counts::Counts>,
    look: Look,
    /// Path of the request.
    path: String,
    params: Params,
    /// The reader's own saved views.
    own: OwnViews,
}

impl WebPages {
    fn ask(&self, state: &AppState, uri: &Uri, headers: &HeaderMap) -> Ask {
        let params = Params::parse(uri.query().unwrap_or_default());
        Ask {
            state: state.clone(),
            settings: Arc::clone(&self.settings),
            counts: Arc::clone(&self.counts),
            look: Look::of(headers, &params),
            path: uri.path().to_owned(),
            params,
            own: OwnViews::of(headers),
        }
    }
}

impl Pages for WebPages {
    fn handler(&self, page: Page) -> MethodRouter<AppState> {
        let pages = self.clone();
        get(
            move |State(state): State<AppState>, name: Option<Path<String>>, uri: Uri, headers: HeaderMap| async move {
                let ask = pages.ask(&state, &uri, &headers);
                if let Some(theme) = ask.look.asked_theme {
                    return theme_redirect(&state, theme, &ask.params.strip("theme").on(uri.path()));
                }
                answer(page, &ask, name.map(|Path(name)| name), &uri, &headers).await
            },
        )
    }

    fn form(&self, form: Form) -> MethodRouter<AppState> {
        let pages = self.clone();
        post(move |State(state): State<AppState>, request: Request| async move {
            let ask = pages.ask(&state, request.uri(), request.headers());
            match form {
                Form::Views => views::change(ask, request).await,
            }
        })
    }

    fn error(&self, state: &AppState, uri: &Uri, headers: &HeaderMap, problem: &Problem) -> String {
        errors::page(&self.ask(state, uri, headers), headers, problem)
    }

    fn script_hashes(&self) -> Vec<String> {
        // The one script is a file of its own.
        Vec::new()
    }
}

async fn answer(page: Page, ask: &Ask, name: Option<String>, uri: &Uri, headers: &HeaderMap) -> Response {
    let key = PageKey {
        href: ask.params.strip("lang").on(&ask.path),
        look: format!("{}{}{}", ask.look.key(), shell::mood(ask), own_views(page, ask)),
        revision: ask.state.live().revision,
        minute: ask.state.page_minute(),
    };
    let mut response = match cached_page(&ask.state, headers, key, || render(page, ask, name)).await {
        Ok(response) => response,
        Err(problem) => respond::problem(&ask.state, uri, headers, &problem),
    };
    if let Some(lang) = ask.look.asked_lang {
        remember(&ask.state, &mut response, look::LANG_COOKIE, lang.tag());
    }
    response
}

/// The reader's own views, for the key of the pages that show them: everybody else shares one.
fn own_views(page: Page, ask: &Ask) -> String {
    let shows = matches!(page, Page::Board | Page::Views) && !ask.own.is_empty();
    if shows { format!("/{}", ask.own.encode()) } else { String::new() }
}

async fn render(page: Page, ask: &Ask, name: Option<String>) -> Result<Rendered, Problem> {
    let name = name.unwrap_or_default();
    match page {
        Page::Board => board::page(ask).await.map(Rendered::from),
        Page::Service => service::page(ask, &name).await,
        Page::History => history::page(ask).await.map(Rendered::from),
        Page::Findings => findings::page(ask).await.map(Rendered::from),
        Page::Sources => sources::page(ask).await.map(Rendered::from),
        Page::Images => images::list(ask).await.map(Rendered::from),
        Page::Image => images::one(ask, &name).await,
        Page::Previews => previews::list(ask).await.map(Rendered::from),
        Page::Pull => previews::of_first_forge(ask, &name).await,
        Page::ForgePull => previews::of_forge(ask, &name).await,
        Page::Search => search::page(ask).await.map(Rendered::from),
        Page::Views => Ok(views::page(ask).into()),
        Page::Api => Ok(api::page(ask).into()),
        Page::Docs => Ok(docs::page(ask, &name)),
    }
}

/// Remembers the theme and goes back to where the reader was: the address stays free of it.
fn theme_redirect(state: &AppState, theme: landfall_app::data::Theme, back: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(back) = HeaderValue::from_str(back) {
        response.headers_mut().insert(header::LOCATION, back);
    }
    remember(state, &mut response, look::THEME_COOKIE, theme.as_str());
    response
}

/// A choice of the reader, for a year; an empty one is forgotten. It says nothing about who that is.
fn remember(state: &AppState, response: &mut Response, name: &str, value: &str) {
    let age = if value.is_empty() { 0 } else { 31_536_000 };
    let secure = if state.settings.https { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
