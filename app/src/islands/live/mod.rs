//! The live part: follows the stream of revisions and brings the page up to date without anything jumping.
//!
//! * A change of a row that stays where it is comes at once; its row is tinted for a moment.
//! * What would add, remove or move rows waits: "12 changes waiting: show them".
//! * Paused, everything waits.
//! * A hidden tab closes its stream; tabs share one.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

mod focus;
mod follow;
mod merge;
mod stream;

/// Texts of the island; `{n}` and `{age}` are filled in here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LiveWords {
    pub live: String,
    pub not: String,
    pub paused: String,
    pub trying: String,
    pub reload: String,
    pub pause: String,
    pub go_on: String,
    pub one: String,
    pub many: String,
    pub some: String,
}

/// The texts, each asked for by its name.
pub fn live_words(text: impl Fn(&'static str) -> String) -> LiveWords {
    LiveWords {
        live: text("live"),
        not: text("not"),
        paused: text("paused"),
        trying: text("trying"),
        reload: text("reload"),
        pause: text("pause"),
        go_on: text("go_on"),
        one: text("one"),
        many: text("many"),
        some: text("some"),
    }
}

/// Whether the page follows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Following {
    /// As the server made it: no script yet, or none at all.
    #[default]
    Not,
    Live,
    /// Cut; since when, in milliseconds of the browser's clock.
    Trying(f64),
}

/// Changes that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Waiting {
    #[default]
    None,
    Some(u32),
    /// More than could be counted.
    Many,
}

/// What the island knows.
#[derive(Debug, Clone, Copy)]
pub struct Signals {
    pub following: RwSignal<Following>,
    pub paused: RwSignal<bool>,
    pub waiting: RwSignal<Waiting>,
    /// Ticks while the stream is cut, so that the words tell for how long.
    pub clock: RwSignal<f64>,
}

/// Live or not, Pause, and what waits. `scope` lists which changes concern the page; `here` is its own address.
#[island]
pub fn Live(
    revision: u64,
    scope: Vec<String>,
    words: LiveWords,
    here: String,
    children: Children,
) -> impl IntoView {
    let signals = Signals {
        following: RwSignal::new(Following::Not),
        paused: RwSignal::new(false),
        waiting: RwSignal::new(Waiting::None),
        clock: RwSignal::new(0.0),
    };
    Effect::new(move |_| follow::start(signals, revision, scope.clone()));
    let words = StoredValue::new(words);
    let off = move || signals.following.get() == Following::Not;
    let word = move || words.with_value(|w| state_word(w, signals));
    let glyph = move || match (signals.following.get(), signals.paused.get()) {
        (Following::Trying(_), _) => "#i-stale",
        (Following::Live, false) => "#i-live",
        _ => "#i-pause",
    };
    let class =
        move || if matches!(signals.following.get(), Following::Trying(_)) { "st st-stale" } else { "st" };
    let offer = move || words.with_value(|w| waiting_word(w, signals.waiting.get()));
    let reload = words.with_value(|w| w.reload.clone());
    view! {
        <span class=class><svg class="i" aria-hidden="true"><use_ href=glyph/></svg><span>{word}</span></span>
        {children()}
        <a class="st" href=here hidden=move || !off()>{reload}</a>
        <button class="btn-0" type="button" data-pause="" title="p" hidden=off aria-pressed=move || signals.paused.get().to_string() on:click=move |_| follow::toggle(signals)>
            <svg class="i" aria-hidden="true"><use_ href=move || if signals.paused.get() { "#i-move" } else { "#i-pause" }/></svg>
            <span class="pt">{move || words.with_value(|w| if signals.paused.get() { w.go_on.clone() } else { w.pause.clone() })}</span>
        </button>
        <div class="live-now" role="status">
            <button class="waiting" type="button" hidden=move || signals.waiting.get() == Waiting::None on:click=move |_| follow::show(signals)>
                <svg class="i" aria-hidden="true"><use_ href="#i-newer"/></svg>
                <span>{offer}</span>
            </button>
        </div>
    }
}

fn state_word(words: &LiveWords, signals: Signals) -> String {
    match (signals.following.get(), signals.paused.get()) {
        (Following::Not, _) => words.not.clone(),
        (Following::Trying(since), _) => {
            let seconds = ((signals.clock.get() - since) / 1_000.0).max(0.0);
            let age = if seconds < 60.0 {
                format!("{} s", seconds.floor())
            } else {
                format!("{} min", (seconds / 60.0).floor())
            };
            words.trying.replace("{age}", &age)
        }
        (Following::Live, true) => words.paused.clone(),
        (Following::Live, false) => words.live.clone(),
    }
}

fn waiting_word(words: &LiveWords, waiting: Waiting) -> String {
    match waiting {
        Waiting::None => String::new(),
        Waiting::Some(1) => words.one.clone(),
        Waiting::Some(n) => words.many.replace("{n}", &n.to_string()),
        Waiting::Many => words.some.clone(),
    }
}
