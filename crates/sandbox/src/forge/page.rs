//! Query strings, and lists in pages.

use axum::http::Uri;
use serde_json::Value;

use super::route::Api;

/// What stands behind the `?`.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(uri: &Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(key, value)| (key.to_owned(), value.replace("%2F", "/"))).collect())
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn number(&self, key: &str) -> Option<usize> {
        self.get(key)?.parse().ok()
    }
}

/// One page, and the number of the next where there is one.
pub(super) struct Page {
    pub items: Vec<Value>,
    pub next: Option<usize>,
    pub all: usize,
}

impl Page {
    pub fn of(api: Api, items: Vec<Value>, query: &Query, endless: bool) -> Self {
        let (key, default, most) = match api {
            Api::Github => ("per_page", 30, 100),
            Api::Gitlab => ("per_page", 20, 100),
            Api::Gitea => ("limit", 30, 50),
        };
        let size = query.number(key).unwrap_or(default).clamp(1, most);
        let page = query.number("page").unwrap_or(1).max(1);
        let all = items.len();
        let from = (page - 1).saturating_mul(size).min(all);
        let to = (from + size).min(all);
        let next = (to < all || endless).then_some(page + 1);
        let items = if endless { items.into_iter().take(size).collect() } else { items[from..to].to_vec() };
        Self { items, next, all }
    }

    /// `Link`, as each writes it: whole addresses.
    pub fn link(&self, host: &str, uri: &Uri) -> Option<String> {
        let next = self.next?;
        let query = uri.query().unwrap_or_default();
        let others = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("page="));
        let query = others.map(str::to_owned).chain([format!("page={next}")]).collect::<Vec<_>>().join("&");
        Some(format!("<http://{host}{}?{query}>; rel=\"next\"", uri.path()))
    }
}
