//! The document around every page: head, bar, banners, foot.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::prelude::*;

use crate::{
    components::sprite,
    data::{Shell, Theme},
    islands::{Ages, Copy, Keyboard, Menus},
    tr,
};

mod banners;
mod bar;
mod card;
mod foot;
mod keys;

pub use card::Card;
pub use keys::key_list;

/// Which entry of the bar a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Board,
    Images,
    Previews,
    /// One pull request, below the previews.
    Pull,
    History,
    Findings,
    Sources,
    /// A page below the board: its entry is marked, but the page itself is another.
    Service,
    Elsewhere,
}

/// What a page says about itself.
#[derive(Debug, Clone)]
pub struct Meta {
    pub title: String,
    pub place: Place,
    /// Class of the body, for the few rules that belong to one page.
    pub class: &'static str,
    /// Path of the API twin; it takes the same query string.
    pub twin: Option<String>,
    /// Path of the same as CSV.
    pub csv: Option<String>,
    /// Which changes concern this page, as ids or prefixes of ids (`service/`); empty: it does not go live.
    pub live: Vec<String>,
}

impl Meta {
    /// A page without a twin that does not go live.
    pub fn plain(title: impl Into<String>, place: Place) -> Self {
        Self { title: title.into(), place, class: "", twin: None, csv: None, live: Vec::new() }
    }
}

/// The whole document as text.
pub fn document(shell: &Shell, meta: &Meta, main: impl FnOnce() -> AnyView) -> String {
    document_with(shell, meta, None, main)
}

/// The same with what other programs show of a link to it.
pub fn document_with(
    shell: &Shell,
    meta: &Meta,
    card: Option<&Card>,
    main: impl FnOnce() -> AnyView,
) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| page(shell, meta, card, main()).to_html());
    drop(owner);
    without_markers(&html)
}

/// Leptos marks where texts and fragments end, `<!>`, so that the browser can find them again. Only islands are looked at
/// again; everywhere else the marks are weight, and inside `<title>` they would be read as text.
fn without_markers(html: &str) -> String {
    const ISLAND: &str = "<leptos-island";
    let mut out = String::with_capacity(html.len() + 15);
    out.push_str("<!DOCTYPE html>");
    let mut rest = html;
    while let Some(start) = rest.find(ISLAND) {
        let end = rest[start..].find("</leptos-island>").map_or(rest.len(), |at| start + at);
        push_without(&mut out, &rest[..start]);
        out.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    push_without(&mut out, rest);
    out
}

/// `<` and `>` of texts and attributes are escaped, so every `<!>` is a mark.
fn push_without(out: &mut String, html: &str) {
    for piece in html.split("<!>") {
        out.push_str(piece);
    }
}

fn page(shell: &Shell, meta: &Meta, card: Option<&Card>, main: AnyView) -> AnyView {
    let lang = shell.lang();
    let theme = match shell.theme {
        Theme::System => None,
        chosen => Some(chosen.as_str()),
    };
    let words = crate::islands::live_words(|key| live_text(lang, key));
    let live = (!meta.live.is_empty() && shell.at.is_none()).then(|| (meta.live.clone(), words));
    let ticking = shell.at.is_none().then(|| {
        let [second, minute, hour, day] = units(lang);
        let now = shell.clock.now.as_millisecond();
        view! { <Ages now=now second=second minute=minute hour=hour day=day/> }
    });
    let title = format!("{} · Landfall", meta.title);
    view! {
        <html lang=lang.tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                {card.map(|card| card::tags(shell, card))}
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{title}</title>
                <link rel="stylesheet" href=format!("{}/landfall.css", shell.assets)/>
                <link rel="icon" href=format!("{}/icon.svg", shell.assets) type="image/svg+xml"/>
                <script type="module" src=format!("{}/boot.js", shell.assets)></script>
            </head>
            <body class=meta.class>
                {sprite()}
                <a class="skip" href="#main">{tr!(lang, "skip")}</a>
                {bar::bar(shell, meta, live)}
                <main id="main" tabindex="-1">
                    {banners::banners(shell)}
                    {main}
                </main>
                {foot::foot(shell, meta)}
                {keys::help(lang)}
                {ticking}
                <Keyboard/>
                <Menus/>
                <Copy done=tr!(lang, "copied").into_owned()/>
            </body>
        </html>
    }
    .into_any()
}

/// Units of ages as the browser writes them after a number.
fn units(lang: crate::lang::Lang) -> [String; 4] {
    match lang {
        crate::lang::Lang::En => [" s", " min", " h", " d"].map(str::to_owned),
        crate::lang::Lang::Ja => ["秒", "分", "時間", "日"].map(str::to_owned),
    }
}

/// Texts of the live island. `{n}` and `{age}` are filled in by the browser.
fn live_text(lang: crate::lang::Lang, key: &str) -> String {
    match key {
        "live" => tr!(lang, "live"),
        "not" => tr!(lang, "live-not"),
        "paused" => tr!(lang, "live-paused"),
        "trying" => tr!(lang, "live-trying", age = "{age}"),
        "reload" => tr!(lang, "live-reload"),
        "pause" => tr!(lang, "live-pause"),
        "go_on" => tr!(lang, "live-go-on"),
        "one" => tr!(lang, "live-waiting", n = 1),
        "many" => {
            return tr!(lang, "live-waiting", n = 999_999)
                .replace(&crate::format::number::whole(999_999, lang), "{n}");
        }
        _ => tr!(lang, "live-waiting-many"),
    }
    .into_owned()
}
