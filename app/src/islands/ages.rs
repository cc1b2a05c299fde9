//! Keeps ages ticking. Times are the server's; the browser's clock only tells how long the page has been open.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::browser;

/// Ages on the page. `now` is the server's time when the page was made, in milliseconds since 1970; the rest are the
/// units as they stand after a number.
#[island]
pub fn Ages(now: i64, second: String, minute: String, hour: String, day: String) -> impl IntoView {
    Effect::new(move |_| tick(now, [second.clone(), minute.clone(), hour.clone(), day.clone()]));
}

/// Starts ticking: every second while something is younger than two minutes, else every ten.
fn tick(now: i64, units: [String; 4]) {
    let opened = browser::now();
    let mut calm = 0_u8;
    browser::every(1_000, move || {
        if calm > 0 {
            calm -= 1;
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit well into 53 bits")]
        let at = now as f64 + browser::now() - opened;
        let youngest = show(at, &units);
        calm = if youngest < 120.0 { 0 } else { 9 };
    });
    browser::ready("ages");
}

/// Writes every age that changed; gives the youngest in seconds.
fn show(now: f64, units: &[String; 4]) -> f64 {
    let mut youngest = f64::INFINITY;
    for element in browser::all("time.age[datetime]") {
        let Some(text) = element.get_attribute("datetime") else { continue };
        let began = js_sys::Date::parse(&text);
        if began.is_nan() {
            continue;
        }
        let seconds = ((now - began) / 1_000.0).max(0.0);
        youngest = youngest.min(seconds);
        let (n, unit) = match seconds {
            s if s < 60.0 => (s, &units[0]),
            s if s < 3_600.0 => (s / 60.0, &units[1]),
            s if s < 86_400.0 => (s / 3_600.0, &units[2]),
            s => (s / 86_400.0, &units[3]),
        };
        let pre = element.get_attribute("data-pre").unwrap_or_default();
        let age = format!("{pre}{}{unit}", n.floor());
        if element.text_content().as_deref() != Some(&age)
            && let Some(node) = element.dyn_ref::<web_sys::Node>()
        {
            node.set_text_content(Some(&age));
        }
    }
    youngest
}
