//! The guides of `docs/`, compiled in, as HTML.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// `("findings/image-drift", "# image-drift …")`, sorted by path; written by the build script from `docs/**/*.md`.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/docs.rs"));
}

/// One page of the guides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// Below `/docs/`, without ending; empty for the first page.
    pub path: &'static str,
    /// The first heading, without marks.
    pub title: String,
    /// Safe by construction: raw HTML of the source is shown as text, links go to `https`, `http` or this site.
    pub html: String,
    /// Headings of level 2 and 3.
    pub headings: Vec<Heading>,
}

/// One heading with its anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub text: String,
}

static DOCS: LazyLock<HashMap<&'static str, Arc<Doc>>> = LazyLock::new(|| {
    embedded::PAGES.iter().map(|(path, text)| (*path, Arc::new(convert(path, text)))).collect()
});

/// Paths with titles of all pages, sorted by path.
pub fn index() -> Vec<(&'static str, String)> {
    embedded::PAGES.iter().filter_map(|(path, _)| Some((*path, DOCS.get(path)?.title.clone()))).collect()
}

/// The page at this path below `/docs/` (`findings/image-drift`; `""` is the first page).
pub fn render(path: &str) -> Option<Arc<Doc>> {
    DOCS.get(path.trim_matches('/')).map(Arc::clone)
}

/// Title and Markdown of a page, for who renders it into elements rather than text.
pub fn source(path: &str) -> Option<(String, &'static str)> {
    let path = path.trim_matches('/');
    let (_, text) = embedded::PAGES.iter().find(|(known, _)| *known == path)?;
    Some((DOCS.get(path)?.title.clone(), text))
}

/// Markdown to HTML.
pub fn convert(path: &'static str, text: &str) -> Doc {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let mut events: Vec<Event<'_>> = Vec::new();
    let (mut title, mut headings, mut used) = (String::new(), Vec::new(), HashMap::new());
    // Place of an open heading among the events, and its words.
    let mut open: Option<(usize, HeadingLevel, String)> = None;
    for event in Parser::new_ext(text, options) {
        let event = match event {
            // Raw HTML is shown, not done.
            Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                Event::Start(Tag::Link { link_type, dest_url: link(path, &dest_url), title, id })
            }
            // Pictures of elsewhere are not loaded; their words stand there.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => continue,
            other => other,
        };
        match &event {
            Event::Start(Tag::Heading { level, .. }) => open = Some((events.len(), *level, String::new())),
            Event::Text(words) | Event::Code(words) => {
                if let Some((.., heading)) = &mut open {
                    heading.push_str(words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((at, level, words)) = open.take() {
                    let id = unique(slug(&words), &mut used);
                    if let Some(Event::Start(Tag::Heading { id: anchor, .. })) = events.get_mut(at) {
                        *anchor = Some(CowStr::from(id.clone()));
                    }
                    if title.is_empty() {
                        title.clone_from(&words);
                    } else if matches!(level, HeadingLevel::H2 | HeadingLevel::H3) {
                        headings.push(Heading { level: level as u8, id, text: words });
                    }
                }
            }
            _ => {}
        }
        events.push(event);
    }
    let mut html = String::with_capacity(text.len() * 2);
    html::push_html(&mut html, events.into_iter());
    Doc { path, title, html, headings }
}

/// Where a link may go: `https`, `http`, an anchor, or another page here (`../findings/x.md#y`). Anything else leads
/// nowhere.
fn link<'a>(from: &str, url: &str) -> CowStr<'a> {
    let lower = url.trim().to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") || lower.starts_with('#') {
        return CowStr::from(url.trim().to_owned());
    }
    if lower.contains(':')
        || lower.starts_with("//")
        || lower.contains('\\')
        || lower.chars().any(char::is_control)
    {
        return CowStr::from("#");
    }
    if lower.starts_with('/') {
        return CowStr::from(url.trim().to_owned());
    }
    let (file, anchor) =
        url.trim().split_once('#').map_or((url.trim(), None), |(file, anchor)| (file, Some(anchor)));
    let file = file.strip_suffix(".md").unwrap_or(file);
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            // A file of the repository that is no guide.
            ".." if parts.pop().is_none() => {
                let path = url.trim().trim_start_matches("../");
                return CowStr::from(format!("{}/blob/main/{path}", env!("CARGO_PKG_REPOSITORY")));
            }
            "." | "" | ".." => {}
            part => parts.push(part),
        }
    }
    if matches!(parts.last(), Some(&("README" | "index"))) {
        parts.pop();
    }
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    CowStr::from(format!("/docs/{}{anchor}", parts.join("/")).trim_end_matches('/').to_owned())
}

fn slug(words: &str) -> String {
    let kept = |c: char| {
        if c.is_alphanumeric() {
            Some(c)
        } else if matches!(c, ' ' | '-' | '_') {
            Some('-')
        } else {
            None
        }
    };
    words.trim().to_lowercase().chars().filter_map(kept).collect()
}

fn unique(slug: String, used: &mut HashMap<String, usize>) -> String {
    let count = used.entry(slug.clone()).or_default();
    *count += 1;
    if *count == 1 { slug } else { format!("{slug}-{}", *count - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_and_bad_links_do_nothing() {
        let text = "# A\n\n<script>alert(1)</script>\n\na <b onclick=x>b</b> [c](javascript:alert(1)) \
                    [d](JaVaScRiPt:x) [e](data:text/html,x) [f](//evil.example) [g](\\\\evil) ![h](http://x/p.png)\n\n\
                    [i]: vbscript:x\n[i]";
        let html = convert("guide", text).html;
        for bad in ["<script", "<b", "javascript:", "data:", "//evil", "<img", "vbscript"] {
            assert!(!html.to_lowercase().contains(&format!("href=\"{bad}")), "{bad}: {html}");
        }
        assert!(!html.contains("<script") && !html.contains("<b ") && !html.contains("<img"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn links_between_pages_and_headings() {
        let text = "# Title `x`\n\n## One\n\n## One\n\n[a](../api.md#errors) [b](image-drift.md) [c](https://x.example/y)";
        let doc = convert("findings/out-of-sync", text);
        assert_eq!(doc.title, "Title x");
        assert_eq!(doc.headings.iter().map(|h| &*h.id).collect::<Vec<_>>(), ["one", "one-1"]);
        for href in ["/docs/api#errors", "/docs/findings/image-drift", "https://x.example/y"] {
            assert!(doc.html.contains(&format!("href=\"{href}\"")), "{href}: {}", doc.html);
        }
        assert!(doc.html.contains("<h2 id=\"one-1\">"));
    }

    #[test]
    fn every_page_has_a_title_and_no_link_leads_nowhere() {
        for (path, title) in index() {
            assert!(!title.is_empty(), "{path}");
            let doc = render(path).expect("in the index");
            assert!(!doc.html.contains("href=\"#\""), "{path} has a link that was refused");
            for target in doc.html.split("href=\"/docs").skip(1).filter_map(|rest| rest.split('"').next()) {
                let target = target.split('#').next().unwrap_or_default().trim_matches('/');
                assert!(render(target).is_some(), "{path} links to /docs/{target}");
            }
        }
    }
}
