//! From news to what the reader sees: patch, offer, or wait.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, RequestCache, RequestInit, Response};

use super::{Following, Signals, Waiting, merge, stream};
use crate::islands::browser;

/// Two updates of a page are at least so far apart, in milliseconds.
const GAP: f64 = 1_500.0;

/// The data of a `revision` event.
#[derive(Debug, Deserialize)]
struct Told {
    revision: u64,
    #[serde(default)]
    changed: Vec<String>,
    /// The list is cut.
    #[serde(default)]
    more: bool,
}

/// What changed since the page was made, as far as it concerns the page.
#[derive(Debug, Default)]
struct Unseen {
    revision: u64,
    ids: BTreeSet<String>,
    more: bool,
    /// When the page was last updated.
    updated: f64,
    scheduled: bool,
}

thread_local! {
    static UNSEEN: RefCell<Unseen> = RefCell::default();
}

/// Begins to follow.
pub fn start(signals: Signals, revision: u64, scope: Vec<String>) {
    UNSEEN.with_borrow_mut(|unseen| unseen.revision = revision);
    signals.following.set(Following::Live);
    let scope = Rc::new(scope);
    stream::follow(move |news| match news {
        stream::News::Up => signals.following.set(Following::Live),
        stream::News::Down => {
            if !matches!(signals.following.get_untracked(), Following::Trying(_)) {
                signals.clock.set(browser::now());
                signals.following.set(Following::Trying(browser::now()));
            }
        }
        stream::News::Revision(data) => {
            signals.following.set(Following::Live);
            hear(signals, &scope, &data);
        }
    });
    browser::every(1_000, move || {
        if matches!(signals.following.get_untracked(), Following::Trying(_)) {
            signals.clock.set(browser::now());
        }
    });
    browser::ready("live");
}

fn hear(signals: Signals, scope: &[String], data: &str) {
    let Ok(news) = leptos::serde_json::from_str::<Told>(data) else { return };
    let concerns = UNSEEN.with_borrow_mut(|unseen| {
        if news.revision <= unseen.revision {
            return false;
        }
        unseen.revision = news.revision;
        let ids: Vec<String> = news
            .changed
            .into_iter()
            .filter(|id| {
                scope.iter().any(|s| if s.ends_with('/') { id.starts_with(s.as_str()) } else { id == s })
            })
            .collect();
        // A span that was missed tells no ids: anything may have changed.
        let concerns = !ids.is_empty() || news.more;
        unseen.ids.extend(ids);
        unseen.more |= news.more;
        concerns
    });
    if !concerns {
        return;
    }
    if signals.paused.get_untracked() {
        offer_all(signals);
    } else {
        schedule(signals);
    }
}

fn offer_all(signals: Signals) {
    let waiting = UNSEEN.with_borrow(|unseen| match (unseen.more, unseen.ids.len()) {
        (false, 0) => Waiting::None,
        (false, n) => Waiting::Some(u32::try_from(n).unwrap_or(u32::MAX)),
        (true, _) => Waiting::Many,
    });
    signals.waiting.set(waiting);
}

/// Updates soon: at once when the page was quiet, else when the gap is over. Tabs do not all ask in the same moment.
fn schedule(signals: Signals) {
    let wait = UNSEEN.with_borrow_mut(|unseen| {
        if unseen.scheduled {
            return None;
        }
        unseen.scheduled = true;
        let due = unseen.updated + GAP - browser::now();
        Some(due.max(0.0) + js_sys::Math::random() * 120.0)
    });
    let Some(wait) = wait else { return };
    #[expect(clippy::cast_possible_truncation, reason = "at most two seconds")]
    let wait = wait as i32;
    browser::after(wait, move || {
        UNSEEN.with_borrow_mut(|unseen| unseen.scheduled = false);
        if !signals.paused.get_untracked() {
            spawn_local(update(signals, false));
        }
    });
}

/// The reader asks for everything that waits.
pub fn show(signals: Signals) {
    spawn_local(async move {
        update(signals, true).await;
        leave_the_offer();
    });
}

/// The button that offered the changes goes away; whoever pressed it by keyboard goes on with what it showed.
fn leave_the_offer() {
    let offered = browser::document()
        .and_then(|document| document.active_element())
        .is_some_and(|active| active.matches(".waiting").unwrap_or(false));
    if offered && let Some(main) = browser::first("main").and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = main.focus_with_options(&options);
    }
}

/// Pauses, or goes on and brings in what waited.
pub fn toggle(signals: Signals) {
    let paused = !signals.paused.get_untracked();
    signals.paused.set(paused);
    if !paused && signals.waiting.get_untracked() != Waiting::None {
        show(signals);
    }
}

/// Fetches the page anew and takes over what may be taken over.
async fn update(signals: Signals, everything: bool) {
    let Some(page) = fetch_here().await else { return };
    UNSEEN.with_borrow_mut(|unseen| unseen.updated = browser::now());
    let left = merge::take_over(&page, everything);
    if left == 0 {
        UNSEEN.with_borrow_mut(|unseen| {
            unseen.ids.clear();
            unseen.more = false;
        });
        signals.waiting.set(Waiting::None);
    } else {
        signals.waiting.set(Waiting::Some(left));
    }
}

async fn fetch_here() -> Option<String> {
    let window = browser::window()?;
    let href = window.location().href().ok()?;
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoCache);
    let response = JsFuture::from(window.fetch_with_str_and_init(&href, &init)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}
