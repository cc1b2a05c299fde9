//! How long a step took against what is usual, as a drawing beside the figures.

use jiff::SignedDuration;
use leptos::prelude::*;

use crate::data::UsualStep;

/// Width of the longest bar.
const WIDE: f64 = 132.0;

/// One length for all steps of a table, so that they can be compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale(f64);

impl Scale {
    /// Made from every length that is drawn. What takes very long is cut, so that the usual ones stay visible.
    pub(super) fn of(
        lengths: impl Iterator<Item = SignedDuration>,
        usual: impl Iterator<Item = UsualStep>,
    ) -> Self {
        let longest_usual = usual.map(|usual| usual.most.as_secs_f64()).fold(0.0, f64::max);
        let longest = lengths.map(|length| length.as_secs_f64()).fold(longest_usual, f64::max);
        let cap = if longest_usual > 0.0 { longest_usual * 4.0 } else { longest };
        Self(longest.min(cap).max(1.0))
    }

    fn at(self, length: SignedDuration) -> f64 {
        let part = (length.as_secs_f64() / self.0).clamp(0.0, 1.0);
        (part * WIDE * 10.0).round() / 10.0
    }
}

/// What it took as a bar, what is usual as an outline with a tick at the middle. The figures stand beside it.
pub(super) fn bar(
    scale: Scale,
    took: Option<SignedDuration>,
    usual: Option<UsualStep>,
    is_slow: bool,
) -> Option<AnyView> {
    if took.is_none() && usual.is_none() {
        return None;
    }
    let outline = usual.map(|usual| {
        let width = scale.at(usual.most).max(2.0);
        view! { <rect class="d-usual" x=".5" y="1.5" width=width.to_string() height="9"/> }
    });
    let now = took.map(|took| {
        let class = if is_slow { "d-slow" } else { "d-now" };
        view! { <rect class=class x="0" y="4" width=scale.at(took).max(1.0).to_string() height="4"/> }
    });
    let middle =
        usual.map(|usual| view! { <path class="d-med" d=format!("M{} 0v12", scale.at(usual.median))/> });
    Some(
        view! { <svg class="dur" viewBox="0 0 132 12" width="132" height="12" aria-hidden="true">{outline}{now}{middle}</svg> }
            .into_any(),
    )
}
