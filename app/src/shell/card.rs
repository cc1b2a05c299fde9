//! What chat programs and other sites show of a link to a page: a title that holds for long, the state with its moment, and
//! a picture that the server draws.

use leptos::prelude::*;

use super::Shell;
use crate::tr;

/// Characters of a description: more is cut by those who show it.
const LONGEST: usize = 280;

/// A page as others show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// What it is about; kept by others for long, so it says no state.
    pub title: String,
    /// How it is, with the moment.
    pub about: String,
}

impl Card {
    /// A card of the present; a view of the past has none.
    pub fn of_now(
        shell: &Shell,
        title: impl Into<String>,
        lines: impl IntoIterator<Item = String>,
    ) -> Option<Self> {
        if shell.at.is_some() {
            return None;
        }
        let lang = shell.lang();
        let clock = &shell.clock;
        let time = format!("{} {}", clock.day(clock.now), clock.minute_zone(clock.now));
        let mut about: String =
            lines.into_iter().collect::<Vec<_>>().join(" · ").chars().take(LONGEST).collect();
        if !about.is_empty() {
            about.push_str(" · ");
        }
        about.push_str(&tr!(lang, "card-as-of", time = time));
        Some(Self { title: title.into(), about })
    }
}

/// The tags, in the Open Graph protocol's words. They stand first in the head: some read its beginning only.
pub(super) fn tags(shell: &Shell, card: &Card) -> AnyView {
    let mut tags = vec![
        tag("og:site_name", "Landfall".to_owned()),
        tag("og:type", "website".to_owned()),
        tag("og:title", card.title.clone()),
        tag("og:description", card.about.clone()),
    ];
    if let Some(base) = shell.base.as_deref() {
        let path = &shell.path;
        tags.extend([
            tag("og:url", format!("{base}{path}")),
            tag("og:image", format!("{base}/card{path}.png")),
            tag("og:image:type", "image/png".to_owned()),
            tag("og:image:width", "1200".to_owned()),
            tag("og:image:height", "630".to_owned()),
            tag("og:image:alt", card.title.clone()),
            view! { <meta name="twitter:card" content="summary_large_image"/> }.into_any(),
        ]);
    }
    tags.into_any()
}

fn tag(property: &'static str, content: String) -> AnyView {
    leptos::html::meta().attr("property", property).content(content).into_any()
}
