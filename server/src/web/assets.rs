//! `/pkg/…`: style sheet, script and wasm, as the build left them, each with its packed twins.

use std::{collections::HashMap, path::Path, sync::Arc};

use axum::{
    extract::{Path as UrlPath, RawQuery, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::Response,
};
use bytes::Bytes;

use super::{
    AppState, Problem,
    respond::{self, Encoding},
};

/// One file.
#[derive(Debug, Clone)]
pub struct Asset {
    content_type: &'static str,
    /// Hash of the content: the `v` in its URL, and its tag.
    version: String,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

/// All files, by name. Only what was there at the start is served: a name is looked up, never joined to a path.
#[derive(Debug, Clone, Default)]
pub struct Assets(HashMap<String, Arc<Asset>>);

/// A file bigger than this does not belong into a browser.
const LARGEST: u64 = 16 << 20;

impl Assets {
    /// Reads `pkg/` of the site's folder. What cannot be read is named in the log.
    pub fn read(site: &Path) -> Self {
        let mut assets = HashMap::new();
        let folder = site.join("pkg");
        add_folder(&folder, "", &mut assets);
        if assets.is_empty() {
            tracing::warn!(folder = %folder.display(), "no style sheet and no script there: pages will look bare");
        }
        Self(assets)
    }

    /// URL of a file with its version, such as `/pkg/landfall.css?v=…`; without version where it is not there.
    pub fn url(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(asset) => format!("/pkg/{name}?v={}", asset.version),
            None => format!("/pkg/{name}"),
        }
    }

    /// The whole text of a small file.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.0.get(name)?.plain).ok()
    }
}

fn add_folder(folder: &Path, prefix: &str, to: &mut HashMap<String, Arc<Asset>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let (Some(name), Ok(meta)) = (name.to_str(), entry.metadata()) else { continue };
        let url_name = format!("{prefix}{name}");
        if meta.is_dir() && prefix.len() < 100 {
            add_folder(&path, &format!("{url_name}/"), to);
        } else if let Some(content_type) =
            content_type(name).filter(|_| meta.is_file() && meta.len() <= LARGEST)
        {
            match std::fs::read(&path) {
                Ok(plain) => {
                    let asset = Asset::new(content_type, plain.into(), |ending| {
                        let mut twin = path.clone().into_os_string();
                        twin.push(ending);
                        std::fs::read(twin).ok().map(Bytes::from)
                    });
                    to.insert(url_name, Arc::new(asset));
                }
                Err(error) => tracing::warn!(file = %path.display(), %error, "cannot read it"),
            }
        }
    }
}

/// Types by ending; what is not here is not served.
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

impl Asset {
    fn new(content_type: &'static str, plain: Bytes, twin: impl Fn(&str) -> Option<Bytes>) -> Self {
        let tag = respond::tag_of([&plain[..]]);
        let version = tag.trim_start_matches("W/").trim_matches('"').to_owned();
        // A build without packed twins: pack once, at the start.
        let pack = |encoding: Encoding| {
            let (packed, body) = encoding.pack(plain.clone());
            (packed == encoding && body.len() < plain.len()).then_some(body)
        };
        let packs = !matches!(content_type, "image/png" | "font/woff2");
        Self {
            gzip: twin(".gz").or_else(|| if packs { pack(Encoding::Gzip) } else { None }),
            brotli: twin(".br").or_else(|| if packs { pack(Encoding::Brotli) } else { None }),
            content_type,
            version,
            plain,
        }
    }

    fn body(&self, wanted: Encoding) -> (Encoding, Bytes) {
        match (wanted, &self.brotli, &self.gzip) {
            (Encoding::Brotli, Some(body), _) => (Encoding::Brotli, body.clone()),
            (Encoding::Brotli | Encoding::Gzip, _, Some(body)) => (Encoding::Gzip, body.clone()),
            _ => (Encoding::Identity, self.plain.clone()),
        }
    }
}

/// The handler.
pub async fn asset(
    State(state): State<AppState>,
    UrlPath(name): UrlPath<String>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(asset) = state.assets.0.get(&name) else {
        return respond::problem(&state, &uri, &headers, &Problem::not_found("There is no such file."));
    };
    let tag = format!("\"{}\"", asset.version);
    let mut response = if respond::has(&headers, &tag) {
        respond::tagged(axum::http::StatusCode::NOT_MODIFIED, &tag, axum::body::Body::empty())
    } else {
        let (encoding, body) = asset.body(Encoding::of(&headers));
        respond::packed(&tag, asset.content_type, encoding, body)
    };
    // A URL that names the content never changes its meaning; any other is asked for again.
    let named = query.as_deref().and_then(|q| q.strip_prefix("v=")) == Some(&asset.version);
    let caching = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}
