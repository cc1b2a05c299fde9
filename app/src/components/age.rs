//! Ages and moments: short in the page, whole in the title, exact in `datetime`.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{format::Clock, tr};

/// How long ago: `3 h`. Goes on ticking in the browser.
pub fn age(clock: &Clock, t: Timestamp) -> AnyView {
    view! { <time class="age" datetime=clock.attr(t) title=clock.full(t)>{clock.age(t)}</time> }.into_any()
}

/// The same where the beginning is not known exactly: `≥ 3 h`.
pub fn age_at_least(clock: &Clock, t: Timestamp, exact: bool) -> AnyView {
    if exact {
        return age(clock, t);
    }
    let title = tr!(clock.lang, "at-least-since", time = clock.full(t));
    let least = tr!(clock.lang, "at-least", age = clock.age(t));
    view! {
        <time class="age" data-pre="≥ " datetime=clock.attr(t) title=title aria-label=least>{format!("≥ {}", clock.age(t))}</time>
    }
    .into_any()
}

/// A moment: `Tue 24 Nov 14:05`.
pub fn moment(clock: &Clock, t: Timestamp) -> AnyView {
    view! { <time datetime=clock.attr(t) title=clock.full(t)>{clock.moment(t)}</time> }.into_any()
}
