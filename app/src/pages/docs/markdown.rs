//! Markdown to elements. Raw HTML in it is shown as text: there is no way from a document to markup of its own.

use leptos::prelude::*;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::{components::external, links::External};

/// An element that is open, with what it holds so far.
struct Open<'a> {
    tag: Option<Tag<'a>>,
    inside: Vec<AnyView>,
    text: String,
}

/// The document as elements.
pub(super) fn to_view(markdown: &str, address: &str) -> AnyView {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut stack = vec![Open { tag: None, inside: Vec::new(), text: String::new() }];
    let mut in_head = false;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(tag) => {
                in_head |= matches!(tag, Tag::TableHead);
                stack.push(Open { tag: Some(tag), inside: Vec::new(), text: String::new() });
            }
            Event::End(end) => {
                let Some(open) = stack.pop() else { break };
                let view = close(open, in_head, address);
                if end == TagEnd::TableHead {
                    in_head = false;
                }
                push(&mut stack, view, "");
            }
            Event::Text(text) => push(&mut stack, text.to_string().into_any(), &text),
            Event::Code(code) => {
                let text = code.to_string();
                push(&mut stack, view! { <code>{text}</code> }.into_any(), &code);
            }
            Event::Html(html) | Event::InlineHtml(html) => push(&mut stack, html.to_string().into_any(), ""),
            Event::SoftBreak => push(&mut stack, " ".into_any(), " "),
            Event::HardBreak => push(&mut stack, view! { <br/> }.into_any(), " "),
            Event::Rule => push(&mut stack, view! { <hr/> }.into_any(), ""),
            _ => {}
        }
    }
    stack.into_iter().next().map(|root| root.inside.into_any()).into_any()
}

fn push(stack: &mut [Open<'_>], view: AnyView, text: &str) {
    if let Some(top) = stack.last_mut() {
        top.inside.push(view);
    }
    for open in stack.iter_mut() {
        if matches!(open.tag, Some(Tag::Heading { .. } | Tag::TableHead)) {
            open.text.push_str(text);
        }
    }
}

/// An anchor made from a heading's words.
fn anchor(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

fn close(open: Open<'_>, in_head: bool, address: &str) -> AnyView {
    let Open { tag, inside, text } = open;
    let Some(tag) = tag else { return inside.into_any() };
    match tag {
        Tag::Paragraph => view! { <p>{inside}</p> }.into_any(),
        Tag::Heading { level, .. } => {
            let id = anchor(&text);
            match level {
                HeadingLevel::H1 => view! { <h1>{inside}</h1> }.into_any(),
                HeadingLevel::H2 => view! { <h2 id=id>{inside}</h2> }.into_any(),
                _ => view! { <h3 id=id>{inside}</h3> }.into_any(),
            }
        }
        Tag::BlockQuote(_) => view! { <blockquote>{inside}</blockquote> }.into_any(),
        Tag::CodeBlock(_) => view! { <pre tabindex="0"><code>{inside}</code></pre> }.into_any(),
        Tag::List(Some(_)) => view! { <ol>{inside}</ol> }.into_any(),
        Tag::List(None) => view! { <ul>{inside}</ul> }.into_any(),
        Tag::Item => view! { <li>{inside}</li> }.into_any(),
        Tag::Table(_) => view! { <div class="scroll" tabindex="0"><table>{inside}</table></div> }.into_any(),
        // Markdown has no table without a heading; one without words is left out.
        Tag::TableHead if text.is_empty() => ().into_any(),
        Tag::TableHead => view! { <thead><tr>{inside}</tr></thead> }.into_any(),
        Tag::TableRow => view! { <tr>{inside}</tr> }.into_any(),
        // A heading without words is none; assistive technology would read an empty one out.
        Tag::TableCell if in_head && !inside.is_empty() => view! { <th scope="col">{inside}</th> }.into_any(),
        Tag::TableCell => view! { <td>{inside}</td> }.into_any(),
        Tag::Emphasis => view! { <em>{inside}</em> }.into_any(),
        Tag::Strong => view! { <strong>{inside}</strong> }.into_any(),
        Tag::Strikethrough => view! { <s>{inside}</s> }.into_any(),
        Tag::Link { dest_url, .. } => link(&dest_url, inside, address),
        _ => inside.into_any(),
    }
}

/// Links inside the documents (`auto-sync-off.md`) become addresses of pages; others are marked as leading away.
fn link(to: &str, inside: Vec<AnyView>, address: &str) -> AnyView {
    if let Some(to) = External::parse(to) {
        return external(Some(to), inside.into_any());
    }
    let safe =
        !to.contains(':') && !to.starts_with("//") && !to.contains('\\') && !to.contains(char::is_control);
    if !safe {
        return inside.into_any();
    }
    view! { <a href=resolve(to, address)>{inside}</a> }.into_any()
}

/// The address of a relative link in the document at `address`. What leaves `docs/` is a file of the repository.
fn resolve(to: &str, address: &str) -> String {
    if to.starts_with(['/', '#']) {
        return to.to_owned();
    }
    let (file, anchor) =
        to.split_once('#').map_or((to, String::new()), |(file, anchor)| (file, format!("#{anchor}")));
    let below = address.strip_prefix("/docs").unwrap_or("").trim_matches('/');
    let mut parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            ".." if parts.pop().is_none() => {
                return format!(
                    "{}/blob/main/{}",
                    env!("CARGO_PKG_REPOSITORY"),
                    to.trim_start_matches("../")
                );
            }
            // One step up was taken above.
            "" | "." | ".." => {}
            name => parts.push(name.strip_suffix(".md").unwrap_or(name)),
        }
    }
    if matches!(parts.last(), Some(&("README" | "index"))) {
        parts.pop();
    }
    format!("/docs/{}", parts.join("/")).trim_end_matches('/').to_owned() + &anchor
}

#[cfg(test)]
mod tests {
    use leptos::prelude::RenderHtml as _;

    use super::to_view;

    #[test]
    fn shapes() {
        let html = to_view(
            "# A\n\ntext `code` **b**\n\n## What it *is*\n\n- one\n- two\n\n| a | |\n|---|---|\n| 1 | 2 |\n",
            "/docs",
        )
        .to_html();
        for part in [
            "<h1>A",
            "<code>code",
            "<h2 id=\"what-it-is\">",
            "<li>",
            "<th scope=\"col\">a",
            "<td>1",
            "<strong>b",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn addresses() {
        let at = "/docs/findings/out-of-sync";
        assert_eq!(super::resolve("object-missing.md", at), "/docs/findings/object-missing");
        assert_eq!(super::resolve("../configuration.md#rules", at), "/docs/configuration#rules");
        assert_eq!(super::resolve("findings/degraded.md", "/docs"), "/docs/findings/degraded");
        assert!(super::resolve("../../deploy/rbac.yaml", at).ends_with("/blob/main/deploy/rbac.yaml"));
    }

    #[test]
    fn no_markup_of_its_own() {
        let html = to_view(
            "<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](other.md) <b onclick=x>z</b>",
            "/docs/findings/this",
        )
        .to_html();
        assert!(
            !html.contains("<script") && !html.contains("href=\"javascript") && !html.contains("<b onclick"),
            "{html}"
        );
        assert!(html.contains("href=\"/docs/findings/other\""), "{html}");
    }
}
