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
pub(super) fn to_view(markdown: &str) -> AnyView {
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
                let view = close(open, in_head);
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
        if matches!(open.tag, Some(Tag::Heading { .. })) {
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

fn close(open: Open<'_>, in_head: bool) -> AnyView {
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
        Tag::TableHead => view! { <thead><tr>{inside}</tr></thead> }.into_any(),
        Tag::TableRow => view! { <tr>{inside}</tr> }.into_any(),
        Tag::TableCell if in_head => view! { <th scope="col">{inside}</th> }.into_any(),
        Tag::TableCell => view! { <td>{inside}</td> }.into_any(),
        Tag::Emphasis => view! { <em>{inside}</em> }.into_any(),
        Tag::Strong => view! { <strong>{inside}</strong> }.into_any(),
        Tag::Strikethrough => view! { <s>{inside}</s> }.into_any(),
        Tag::Link { dest_url, .. } => link(&dest_url, inside),
        _ => inside.into_any(),
    }
}

/// Links inside the documents (`auto-sync-off.md`) become addresses of pages; others are marked as leading away.
fn link(to: &str, inside: Vec<AnyView>) -> AnyView {
    if let Some(to) = External::parse(to) {
        return view! { {inside}" ("{external(Some(to.clone()), to.as_str().to_owned())}")" }.into_any();
    }
    let safe = !to.contains(':') && !to.starts_with("//") && !to.contains('\\');
    if !safe {
        return inside.into_any();
    }
    let to = to.replacen(".md", "", 1);
    view! { <a href=to>{inside}</a> }.into_any()
}

#[cfg(test)]
mod tests {
    use leptos::prelude::RenderHtml as _;

    use super::to_view;

    #[test]
    fn shapes() {
        let html = to_view("# A\n\ntext `code` **b**\n\n## What it *is*\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n").to_html();
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
    fn no_markup_of_its_own() {
        let html =
            to_view("<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](other.md) <b onclick=x>z</b>")
                .to_html();
        assert!(
            !html.contains("<script") && !html.contains("href=\"javascript") && !html.contains("<b onclick"),
            "{html}"
        );
        assert!(html.contains("href=\"other\""), "{html}");
    }
}
