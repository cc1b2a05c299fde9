//! Transitions over time: for the better above the line, for the worse below, gaps as dashed boxes.

use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;

use super::to_i64;
use crate::{
    data::{History, Shell},
    format::{age, number},
    tr,
};

const WIDTH: f64 = 1180.0;
const BASE: f64 = 54.5;
/// Room above and below the line.
const UP: f64 = 46.0;
const DOWN: f64 = 18.0;

pub(super) fn histogram(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let count = tr!(lang, "history-count", n = to_i64(data.total));
    let bad = tr!(lang, "history-count-bad", n = to_i64(data.bad));
    let of = format!("{count}{}{bad}", tr!(lang, "list-comma"));
    let of = match shell.params.get("q") {
        Some(_) => format!("{of}{}{}", tr!(lang, "list-comma"), tr!(lang, "history-count-any-words")),
        None => of,
    };
    let from_review = data.from == shell.review.at;
    let title = if from_review {
        tr!(lang, "history-since-review", week = shell.review.week())
    } else {
        tr!(lang, "history-span", from = clock.moment(data.from), to = clock.moment(data.to))
    };
    let drawn = (data.total > 0 && data.to > data.from).then(|| drawing(data, shell));
    view! {
        <section aria-labelledby="h-s" data-part="histogram">
            <header><h2 id="h-s">{title}</h2><span class="asof">{of}</span></header>
            {drawn}
        </section>
    }
    .into_any()
}

fn drawing(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let title = tr!(lang, "history-chart-title", from = clock.moment(data.from), to = clock.moment(data.to));
    let n = number::whole(to_i64(data.total), lang);
    let bad = number::whole(to_i64(data.bad), lang);
    let description = tr!(lang, "history-chart-desc", n = n, bad = bad);
    let good_path = bars(data, |bar| bar.good, true);
    let bad_path = bars(data, |bar| bar.bad, false);
    let days: Vec<AnyView> = days(data, shell)
        .into_iter()
        .map(|(x, label)| {
            view! { <path class="hair" d=format!("M{x:.1} 6V76")/><text x=format!("{:.1}", x + 5.0) y="88">{label}</text> }.into_any()
        })
        .collect();
    let gaps: Vec<AnyView> = data
        .gaps
        .iter()
        .take(20)
        .map(|gap| {
            let (from, to) = (place(data, gap.from), place(data, gap.to));
            let width = (to - from).max(6.0);
            let label = tr!(lang, "history-gap", length = age(gap.to.duration_since(gap.from), lang));
            view! {
                <rect class="sp-gap" x=format!("{from:.1}") y="8" width=format!("{width:.1}") height="66"/>
                <text x=format!("{:.1}", from + width + 5.0) y="16">{label}</text>
            }
            .into_any()
        })
        .collect();
    view! {
        <figure>
            <div class="scroll" tabindex="0" role="group" aria-label=tr!(lang, "history-chart")>
                <svg class="draw strip" viewBox="0 0 1180 94" role="img" aria-labelledby="hs-t hs-d">
                    <title id="hs-t">{title}</title>
                    <desc id="hs-d">{description}</desc>
                    {days}
                    <path class="sp-ink" d=good_path/>
                    <path class="sp-bad" d=bad_path/>
                    <path class="ln" d=format!("M0 {BASE}H{WIDTH}")/>
                    {gaps}
                </svg>
            </div>
        </figure>
    }
    .into_any()
}

/// Where a moment lies on the line.
fn place(data: &History, t: Timestamp) -> f64 {
    let whole = data.to.duration_since(data.from).as_secs_f64().max(1.0);
    (t.duration_since(data.from).as_secs_f64() / whole * WIDTH).clamp(0.0, WIDTH)
}

/// One path of all bars on one side. Heights are in proportion to the highest bar of either side.
fn bars(data: &History, value: impl Fn(&crate::data::Bar) -> u64, up: bool) -> String {
    use std::fmt::Write as _;

    let n = data.histogram.len().max(1);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a drawing: a few hundred bars, counts of which the height is told"
    )]
    let (step, most_good, most_bad) = (
        WIDTH / n as f64,
        data.histogram.iter().map(|b| b.good).max().unwrap_or(0).max(1) as f64,
        data.histogram.iter().map(|b| b.bad).max().unwrap_or(0).max(1) as f64,
    );
    let (room, most) = if up { (UP, most_good) } else { (DOWN, most_bad) };
    let width = (step - 2.0).max(1.0);
    let mut path = String::new();
    for (at, bar) in data.histogram.iter().enumerate() {
        let count = value(bar);
        if count == 0 {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a drawing")]
        let (x, height) = (at as f64 * step, (count as f64 / most * room).max(3.0));
        let y = if up { BASE - 0.5 - height } else { BASE + 2.5 };
        let _ = write!(path, "M{x:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}z");
    }
    path
}

/// Midnights within the span with the day's name, at most about ten.
fn days(data: &History, shell: &Shell) -> Vec<(f64, String)> {
    let clock = &shell.clock;
    let length = data.to.duration_since(data.from);
    let every = (length.as_secs() / 86_400 / 10).max(0) + 1;
    let mut found = Vec::new();
    let mut t = data.from;
    let mut at = 0;
    while let Some((_, next)) = clock.day_bounds(t) {
        if next >= data.to || at > 4_000 {
            break;
        }
        if at % every == 0 {
            let x = place(data, next);
            // A name at the very end would stand half outside.
            found.push((x, if x > WIDTH - 70.0 { String::new() } else { clock.day(next) }));
        }
        at += 1;
        t = next.checked_add(SignedDuration::from_secs(1)).unwrap_or(data.to);
    }
    found
}
