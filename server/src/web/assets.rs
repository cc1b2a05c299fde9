//! `/pkg/…`: style sheet, script and wasm, as the build left them, each with its packed twins.
//!
//! Pages name them as `/pkg/SET/file`, where SET is the hash of all files together. A script that loads its neighbour by a
//! relative address so gets the one that was built with it, and browsers may keep each for ever.

use std::{collections::HashMap, path::Path, sync::Arc};

use axum::{
    extract::{Path as UrlPath, State},
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
    /// Hash of the content.
    tag: String,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

/// All files, by name. Only what was there at the start is served: a name is looked up, never joined to a path.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    files: HashMap<String, Arc<Asset>>,
    /// Hash of all of them; empty where there are none.
    set: String,
}

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
        let set = set_of(&assets);
        Self { files: assets, set }
    }

    /// Where the files stand for pages of now: `/pkg/SET`, or `/pkg` where there are none.
    pub fn base(&self) -> String {
        if self.set.is_empty() { "/pkg".to_owned() } else { format!("/pkg/{}", self.set) }
    }

    /// A file by the rest of its address, and whether that names this very set.
    fn find(&self, path: &str) -> Option<(&Asset, Named)> {
        if let Some(asset) = self.files.get(path) {
            return Some((asset, Named::File));
        }
        let (set, name) = path.split_once('/')?;
        let named = match set {
            set if set == self.set => Named::Set,
            // While two versions serve side by side a page of the one may ask the other: its own file is the best it has.
            set if set.len() == self.set.len() => Named::Other,
            _ => return None,
        };
        Some((self.files.get(name)?, named))
    }

    /// The whole text of a small file.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.files.get(name)?.plain).ok()
    }
}

/// What an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// The file of this set of files: the content never changes.
    Set,
    /// The file of another set.
    Other,
    /// The file, whatever it holds at present.
    File,
}

/// Hash of all files by name and content.
fn set_of(files: &HashMap<String, Arc<Asset>>) -> String {
    if files.is_empty() {
        return String::new();
    }
    let mut parts: Vec<(&String, &String)> = files.iter().map(|(name, asset)| (name, &asset.tag)).collect();
    parts.sort_unstable();
    hash_of(parts.into_iter().flat_map(|(name, tag)| [name.as_bytes(), tag.as_bytes()]))
}

/// The opaque part of a tag.
fn hash_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    respond::tag_of(parts).trim_start_matches("W/").trim_matches('"').to_owned()
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
        let tag = hash_of([&plain[..]]);
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
            tag,
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
    UrlPath(path): UrlPath<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some((asset, named)) = state.assets.find(&path) else {
        return respond::problem(&state, &uri, &headers, &Problem::not_found("There is no such file."));
    };
    let tag = format!("\"{}\"", asset.tag);
    let mut response = if respond::has(&headers, &tag) {
        respond::tagged(axum::http::StatusCode::NOT_MODIFIED, &tag, axum::body::Body::empty())
    } else {
        let (encoding, body) = asset.body(Encoding::of(&headers));
        respond::packed(&tag, asset.content_type, encoding, body)
    };
    let caching = match named {
        Named::Set => "public, max-age=31536000, immutable",
        Named::Other => "no-store",
        Named::File => "no-cache",
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(script: &'static str) -> Assets {
        let file = |text: &'static str| Arc::new(Asset::new("text/javascript", text.into(), |_| None));
        let files = HashMap::from([("a.js".to_owned(), file(script)), ("in/b.js".to_owned(), file("b"))]);
        Assets { set: set_of(&files), files }
    }

    #[test]
    fn an_address_names_the_set_of_files() {
        let now = assets("new");
        let named = |path: &str| now.find(path).map(|(_, named)| named);
        let set = now.base().trim_start_matches("/pkg/").to_owned();
        assert_eq!(named(&format!("{set}/a.js")), Some(Named::Set));
        assert_eq!(named(&format!("{set}/in/b.js")), Some(Named::Set));
        assert_eq!(named("a.js"), Some(Named::File));
        assert_eq!(named("in/b.js"), Some(Named::File));
        assert_eq!(named("short/a.js"), None);
        assert_eq!(named(&format!("{set}/c.js")), None);
        let before = assets("old").base();
        assert_ne!(before, now.base());
        assert_eq!(named(&format!("{}/a.js", before.trim_start_matches("/pkg/"))), Some(Named::Other));
        assert_eq!(Assets::default().base(), "/pkg");
    }
}
