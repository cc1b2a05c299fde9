//! `/docs`, `/docs/{path}`.

use axum::http::StatusCode;
use landfall_app::{
    data::{Document, Missing, NotFound},
    pages,
};

use super::Ask;
use crate::web::{cache::Rendered, docs};

/// Page of the keys; a list of its own rather than a document.
const KEYBOARD: &str = "keyboard";

pub(super) fn page(ask: &Ask, path: &str) -> Rendered {
    let snapshot = ask.state.live();
    let shell = ask.shell(&snapshot, None, None);
    let path = path.trim_matches('/');
    if path == KEYBOARD {
        return pages::keyboard(&shell).into();
    }
    let index: Vec<(String, String)> =
        docs::index().into_iter().map(|(path, title)| (address(path), title)).collect();
    let Some((title, body)) = docs::source(path) else {
        if path.is_empty() || path == "findings" {
            // No document of that name: the list of those below it.
            let below = if path.is_empty() { "/docs" } else { "/docs/findings/" };
            let lines: Vec<String> = index
                .iter()
                .filter(|(address, _)| address.starts_with(below))
                .map(|(address, title)| format!("- [{title}]({address})"))
                .collect();
            let title = if path.is_empty() { "Documentation" } else { "Findings" };
            let body = format!("# {title}\n\n{}\n", lines.join("\n"));
            return pages::document(&Document { title: title.to_owned(), body, index }, &shell).into();
        }
        let data = NotFound { what: Missing::Page, near: Vec::new(), gone: None };
        return Rendered { status: StatusCode::NOT_FOUND, html: pages::not_found(&data, &shell) };
    };
    pages::document(&Document { title, body: body.to_owned(), index }, &shell).into()
}

fn address(path: &str) -> String {
    if path.is_empty() { "/docs".to_owned() } else { format!("/docs/{path}") }
}
