//! `/docs/…`: the guides and the pages of the findings, rendered from `docs/` which is compiled in.
//!
//! The text is ours, but rendered as if it were not: raw HTML is left out, and only relative and `https` links stay.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use include_dir::{Dir, File, include_dir};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

static DOCS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../docs");

/// A page of the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// Path below `/docs/`, without ending: `findings/degraded`.
    pub path: String,
    /// Its first heading.
    pub title: String,
    /// First sentence, for lists.
    pub summary: String,
    /// Body without the first heading. Contains no markup but what the renderer made.
    pub html: String,
    /// Second-level headings: anchor and text.
    pub headings: Vec<(String, String)>,
}

/// All pages by path; made at first use.
static PAGES: LazyLock<BTreeMap<String, Arc<Doc>>> = LazyLock::new(|| {
    let mut files = Vec::new();
    gather(&DOCS, &mut files);
    files
        .into_iter()
        .filter_map(|file| {
            let path = file.path().with_extension("").to_str()?.to_owned();
            Some((path.clone(), Arc::new(page(path, file.contents_utf8()?))))
        })
        .collect()
});

fn gather<'a>(dir: &'a Dir<'a>, into: &mut Vec<&'a File<'a>>) {
    into.extend(dir.files().filter(|file| file.path().extension().is_some_and(|ending| ending == "md")));
    for dir in dir.dirs() {
        gather(dir, into);
    }
}

/// The page at a path below `/docs/`.
pub fn find(path: &str) -> Option<Arc<Doc>> {
    PAGES.get(path.trim_matches('/')).cloned()
}

/// All pages, by path.
pub fn all() -> impl Iterator<Item = &'static Arc<Doc>> {
    PAGES.values()
}

fn page(path: String, text: &str) -> Doc {
    let mut title = None;
    let mut summary = String::new();
    let mut headings = Vec::new();
    let mut body = Vec::new();
    // Text of the heading under way, with its level.
    let mut heading: Option<(HeadingLevel, String, usize)> = None;
    let mut in_first_paragraph = false;
    // Depth of things whose content is left out (images).
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {}
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some((level, String::new(), body.len()));
                body.push(event);
            }
            Event::End(TagEnd::Heading(_)) => {
                body.push(event);
                let Some((level, words, start)) = heading.take() else { continue };
                if level == HeadingLevel::H1 && title.is_none() {
                    body.truncate(start);
                    title = Some(words);
                } else if level == HeadingLevel::H2 {
                    let anchor = anchor(&words);
                    if let Some(Event::Start(Tag::Heading { id, .. })) = body.get_mut(start) {
                        *id = Some(CowStr::from(anchor.clone()));
                    }
                    headings.push((anchor, words));
                }
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = link(&path, &dest_url);
                body.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            other => {
                match &other {
                    Event::Start(Tag::Paragraph) => in_first_paragraph = summary.is_empty(),
                    Event::End(TagEnd::Paragraph) => in_first_paragraph = false,
                    Event::Text(words) | Event::Code(words) => {
                        if let Some((_, heading, _)) = &mut heading {
                            heading.push_str(words);
                        } else if in_first_paragraph {
                            summary.push_str(words);
                        }
                    }
                    Event::SoftBreak if in_first_paragraph => summary.push(' '),
                    _ => {}
                }
                body.push(other);
            }
        }
    }
    let mut html = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut html, body.into_iter());
    // A table without alignment needs no `style`; one with it would be refused by the content security policy.
    let html = html.replace(" style=\"text-align: right\"", " class=\"num\"").replace(" style=\"text-align: left\"", "");
    let summary = summary.split_inclusive(". ").next().unwrap_or("").trim().to_owned();
    Doc { title: title.unwrap_or_else(|| path.clone()), path, summary, html, headings }
}

/// Where a link of the file at `path` leads on the site. What is neither relative nor `https` leads nowhere.
fn link<'a>(path: &str, target: &str) -> CowStr<'a> {
    if target.starts_with("https://") || target.starts_with('#') {
        return CowStr::from(target.to_owned());
    }
    if target.contains(':') || target.starts_with("//") || target.contains('\\') {
        return CowStr::from("#");
    }
    if target.starts_with('/') {
        return CowStr::from(target.to_owned());
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    let joined = parts.join("/");
    let (file, fragment) = joined.split_once('#').map_or((joined.as_str(), None), |(file, f)| (file, Some(f)));
    let page = file.strip_suffix(".md").unwrap_or(file);
    CowStr::from(match fragment {
        Some(fragment) => format!("/docs/{page}#{fragment}"),
        None => format!("/docs/{page}"),
    })
}

/// `The way out` becomes `the-way-out`.
fn anchor(words: &str) -> String {
    let mut anchor = String::with_capacity(words.len());
    for c in words.to_lowercase().chars() {
        if c.is_alphanumeric() {
            anchor.push(c);
        } else if !anchor.is_empty() && !anchor.ends_with('-') {
            anchor.push('-');
        }
    }
    anchor.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use landfall_model::words::Rule;

    use super::*;

    #[test]
    fn every_rule_has_its_page() {
        for rule in Rule::ALL {
            let doc = find(&format!("findings/{rule}")).unwrap_or_else(|| panic!("docs/findings/{rule}.md is missing"));
            assert!(doc.title.contains(rule.as_str()), "{}: its heading names the rule", doc.path);
            assert!(!doc.summary.is_empty(), "{}: it begins with a sentence", doc.path);
        }
    }

    #[test]
    fn links_stay_on_the_site_or_are_https() {
        assert_eq!(&*link("findings/degraded", "sync-failed.md#way-out"), "/docs/findings/sync-failed#way-out");
        assert_eq!(&*link("findings/degraded", "../configuration.md"), "/docs/configuration");
        assert_eq!(&*link("a", "javascript:alert(1)"), "#");
        assert_eq!(&*link("a", "//evil.example"), "#");
        assert_eq!(&*link("a", "https://argo-cd.example/x"), "https://argo-cd.example/x");
    }

    #[test]
    fn raw_html_is_left_out() {
        let doc = page("x".to_owned(), "# A\n\nB <b onclick=x>c</b>.\n\n<script>alert(1)</script>\n\n## D e!\n");
        assert!(!doc.html.contains("<b") && !doc.html.contains("<script"), "{}", doc.html);
        assert_eq!(doc.title, "A");
        assert_eq!(doc.headings, [("d-e".to_owned(), "D e!".to_owned())]);
    }

    #[test]
    fn every_link_between_pages_leads_somewhere() {
        for doc in all() {
            for part in doc.html.split("href=\"/docs/").skip(1) {
                let target = part.split('"').next().unwrap_or("");
                let target = target.split('#').next().unwrap_or("");
                assert!(find(target).is_some(), "{} links to /docs/{target}, which is not there", doc.path);
            }
        }
    }
}
