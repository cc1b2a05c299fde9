//! What was pushed and what ran, drawn: a track for each digest, a way for each environment. A way that comes back to a track it had left is a
//! release that was taken back, whatever its tag is called.

mod pushed;
mod scale;

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::Timestamp;
use landfall_model::{query::images::Use, transition::Transition};
use leptos::prelude::*;
use serde_json::Value;

use self::{pushed::Wanted, scale::Scale};
use crate::{
    components::{attribute, short_digest},
    data::{RepositoryPage, Shell},
    tr,
};

const WIDTH: f64 = 1180.0;
/// Room for the names of tracks, at the left.
const NAMES: f64 = 250.0;
const TRACK: f64 = 28.0;
const TOP: f64 = 12.0;
/// Lanes and ways that are drawn; the table below has all.
const TRACKS: usize = 10;
const WAYS: usize = 6;

/// What ran, as far as it can be told apart: the digest, else the tag.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Image {
    key: String,
    label: String,
}

/// One environment's way through the tracks.
struct Way {
    name: String,
    production: bool,
    /// From when what ran, oldest first.
    steps: Vec<(Timestamp, Image)>,
}

pub(super) fn drawing(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let ways = ways(data, shell);
    let Some(first) = ways.iter().flat_map(|way| way.steps.iter().map(|(at, _)| *at)).min() else {
        return ().into_any();
    };
    let now = shell.clock.now;
    let wanted = pushed::wanted(data);
    let tracks = tracks(&ways, &wanted);
    let pushes = pushed::pushes(data, &tracks, first);
    let changed = ways.iter().flat_map(|way| way.steps.iter().map(|(at, _)| *at));
    let scale = Scale::new(first, now, changed.chain(pushes.iter().map(|edge| edge.first_seen)));
    let height = TOP + TRACK * f64::from(u32::try_from(tracks.len()).unwrap_or(0)) + 22.0;
    let x = |at: Timestamp| scale.x(at);
    let middle = |key: &str| {
        let track = tracks.iter().position(|track| track.key == key)?;
        Some(TOP + TRACK * (f64::from(u32::try_from(track).unwrap_or(0)) + 0.5))
    };
    // Lines in one track lie beside each other.
    let y = |image: &Image, nth: usize| {
        Some(middle(&image.key)? + f64::from(u32::try_from(nth).unwrap_or(0)) * 3.0 - 1.0)
    };
    let names: Vec<AnyView> = tracks
        .iter()
        .enumerate()
        .map(|(nth, track)| {
            let middle = TOP + TRACK * (f64::from(u32::try_from(nth).unwrap_or(0)) + 0.5);
            view! {
                <path class="hair" d=format!("M{NAMES} {middle:.1}H{WIDTH}")/>
                <text x="0" y=format!("{:.1}", middle + 4.0)>{track.label.clone()}</text>
            }
            .into_any()
        })
        .collect();
    let paths: Vec<AnyView> = ways
        .iter()
        .enumerate()
        .map(|(nth, way)| {
            let mut path = String::new();
            let mut dots = Vec::new();
            for (at, image) in &way.steps {
                let Some(y) = y(image, nth) else { continue };
                let x = x(*at);
                let _ = if path.is_empty() {
                    write!(path, "M{x:.1} {y:.1}")
                } else {
                    write!(path, "H{x:.1}V{y:.1}")
                };
                dots.push(view! { <circle cx=format!("{x:.1}") cy=format!("{y:.1}") r="3"/> }.into_any());
            }
            let _ = write!(path, "H{:.1}", x(now));
            let class = if way.production { "ran prod" } else { "ran" };
            view! { <g class=class><title>{way.name.clone()}</title><path d=path/>{dots}</g> }.into_any()
        })
        .collect();
    let (from, to) = (shell.clock.day(first), shell.clock.day(now));
    let foot = format!("{:.1}", height - 5.0);
    let start = format!("{:.1}", x(first));
    let split = scale.split().map(|(at, x)| {
        let x = format!("{x:.1}");
        let line = format!("M{x} {TOP}V{:.1}", height - 18.0);
        view! { <path class="ln split" d=line/><text x=x y=foot.clone() text-anchor="middle">{shell.clock.moment(at)}</text> }
    });
    let description = describe(&ways, &wanted, shell);
    view! {
        <figure>
            <div class="scroll" tabindex="0" role="group" aria-label=tr!(lang, "images-drawing")>
                <svg class="draw strip" viewBox=format!("0 0 {WIDTH} {height}") role="img" aria-labelledby="ran-t ran-d">
                    <title id="ran-t">{tr!(lang, "images-drawing")}</title>
                    <desc id="ran-d">{description}</desc>
                    {names}
                    {split}
                    {pushed::lines(&wanted, scale, middle, shell)}
                    {paths}
                    {pushed::rings(&pushes, scale, middle, shell)}
                    <text x=start y=foot.clone()>{from}</text>
                    <text x=WIDTH.to_string() y=foot text-anchor="end">{to}</text>
                </svg>
            </div>
            <figcaption>{tr!(lang, "images-drawing-words")}</figcaption>
        </figure>
    }
    .into_any()
}

/// Production first, then the other environments in their order; previews come and go, they are in the table.
fn ways(data: &RepositoryPage, shell: &Shell) -> Vec<Way> {
    let mut changes: BTreeMap<&str, Vec<&Transition>> = BTreeMap::new();
    for change in data.changes.iter().rev() {
        changes.entry(&change.entity).or_default().push(change);
    }
    let mut ways: Vec<Way> = data
        .repository
        .uses
        .iter()
        .filter(|one| !one.environment.preview)
        .filter_map(|one| way(one, changes.get(&*one.environment.id)?, shell))
        .collect();
    ways.sort_by_key(|way| !way.production);
    ways.truncate(WAYS);
    ways
}

fn way(one: &Use, changes: &[&Transition], shell: &Shell) -> Option<Way> {
    let first = changes.first()?;
    // Before its first known change it ran what that replaced, since nobody knows when: from the drawing's left edge.
    let before = first.at - (shell.clock.now.duration_since(first.at) / 40);
    let steps = [(before, image(&first.from)?)].into_iter();
    let steps = steps.chain(changes.iter().filter_map(|change| Some((change.at, image(&change.to)?))));
    Some(Way {
        name: format!("{} {}", attribute(&one.service.name), attribute(&one.environment.name)),
        production: &*one.environment.name == "production",
        steps: steps.collect(),
    })
}

fn image(value: &Value) -> Option<Image> {
    let text = |key| value.get(key).and_then(Value::as_str);
    let (tag, digest) = (text("tag"), text("digest"));
    let label = match (tag, digest) {
        (Some(tag), Some(digest)) => format!("{} {}", clip(tag), short_digest(digest)),
        (Some(tag), None) => clip(tag),
        (None, Some(digest)) => short_digest(digest),
        (None, None) => return None,
    };
    Some(Image { key: digest.or(tag)?.to_owned(), label })
}

/// A tag that fits beside its track.
fn clip(tag: &str) -> String {
    let shown = attribute(tag);
    if shown.chars().count() <= 30 { shown } else { shown.chars().take(29).chain(['…']).collect() }
}

/// Newest on top; a digest that came back keeps its track, under the tag that it has now.
fn tracks(ways: &[Way], wanted: &[Wanted]) -> Vec<Image> {
    let mut all: Vec<&(Timestamp, Image)> = ways.iter().flat_map(|way| &way.steps).collect();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut tracks: Vec<Image> = Vec::new();
    for image in wanted.iter().map(|one| &one.image).chain(all.into_iter().map(|(_, image)| image)) {
        if !tracks.iter().any(|track| track.key == image.key) {
            tracks.push(image.clone());
        }
    }
    tracks.truncate(TRACKS);
    // The track of what came first is the lowest: a release goes up, one that is taken back goes down.
    let first = |track: &Image| {
        let ran =
            ways.iter().flat_map(|way| &way.steps).filter(|(_, it)| it.key == track.key).map(|(at, _)| *at);
        let pushed = wanted.iter().filter(|one| one.image.key == track.key).map(|one| one.at);
        ran.chain(pushed).min()
    };
    tracks.sort_by_key(|track| std::cmp::Reverse(first(track)));
    tracks
}

/// The drawing in words.
fn describe(ways: &[Way], wanted: &[Wanted], shell: &Shell) -> String {
    let mut words = String::new();
    for way in ways {
        let _ = write!(words, "{}: ", way.name);
        for (nth, (at, image)) in way.steps.iter().enumerate() {
            let _ = match nth {
                0 => write!(words, "{}", image.label),
                _ => write!(words, "; {} {}", shell.clock.moment(*at), image.label),
            };
        }
        words.push_str(". ");
    }
    for one in wanted {
        let text = tr!(shell.lang(), "images-drawing-expected", tag = attribute(&one.tag));
        let _ = write!(words, "{text}, {}. ", shell.clock.moment(one.at));
    }
    words
}
