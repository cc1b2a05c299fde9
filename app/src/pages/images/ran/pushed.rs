//! What was pushed, drawn into the tracks: a ring for each tag that was first seen there, and what is expected and does not
//! run.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{Image, Scale, WIDTH, clip};
use crate::{
    components::{attribute, short_digest},
    data::{Edge, RepositoryPage, Shell},
    tr,
};

/// Room that a label needs at the right of its ring; else it ends with the drawing.
const LABEL: f64 = 250.0;

/// An image that should run and does not.
pub(super) struct Wanted {
    pub image: Image,
    pub tag: String,
    /// When it was pushed.
    pub at: Timestamp,
}

/// What environments, previews aside, should run and do not; each image once.
pub(super) fn wanted(data: &RepositoryPage) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for one in data.repository.uses.iter().filter(|one| !one.environment.preview) {
        let Some(outlook) = one.image().outlook.as_deref().filter(|outlook| outlook.is_behind()) else {
            continue;
        };
        let Some(expected) = outlook.expected.as_ref() else { continue };
        let Some(at) = expected.at else { continue };
        if all.iter().all(|known| known.image.key != *expected.digest) {
            let label = format!("{} {}", clip(&expected.tag), short_digest(&expected.digest));
            let image = Image { key: expected.digest.to_string(), label };
            all.push(Wanted { image, tag: expected.tag.to_string(), at });
        }
    }
    all
}

/// Pushes of the images that have a track.
pub(super) fn pushes<'a>(data: &'a RepositoryPage, tracks: &[Image], since: Timestamp) -> Vec<&'a Edge> {
    let edges = data.seen.iter().flat_map(|seen| &seen.edges);
    edges
        .filter(|edge| edge.first_seen >= since && tracks.iter().any(|track| track.key == edge.digest))
        .collect()
}

/// A ring for each push.
pub(super) fn rings(
    edges: &[&Edge],
    scale: Scale,
    middle: impl Fn(&str) -> Option<f64>,
    shell: &Shell,
) -> Vec<AnyView> {
    let lang = shell.lang();
    let ring = |edge: &&Edge| {
        let (x, y) = (scale.x(edge.first_seen), middle(&edge.digest)?);
        let moment = shell.clock.moment(edge.first_seen);
        let title = tr!(lang, "images-drawing-push", tag = attribute(&edge.tag), moment = moment);
        Some(
            view! { <circle class="push" cx=format!("{x:.1}") cy=format!("{y:.1}") r="5"><title>{title}</title></circle> }
                .into_any(),
        )
    };
    edges.iter().filter_map(ring).collect()
}

/// What is expected: from its push on, dashed, under its tag.
pub(super) fn lines(
    wanted: &[Wanted],
    scale: Scale,
    middle: impl Fn(&str) -> Option<f64>,
    shell: &Shell,
) -> Vec<AnyView> {
    let lang = shell.lang();
    let line = |one: &Wanted| {
        let (from, to, y) = (scale.x(one.at), WIDTH - 8.0, middle(&one.image.key)?);
        let (anchor, x) = if from + LABEL > WIDTH { ("end", to) } else { ("start", from + 9.0) };
        let text = tr!(lang, "images-drawing-expected", tag = clip(&one.tag));
        Some(
            view! {
                <g class="want">
                    <path d=format!("M{from:.1} {y:.1}H{to:.1}")/>
                    <text x=format!("{x:.1}") y=format!("{:.1}", y + 13.0) text-anchor=anchor>{text}</text>
                </g>
            }
            .into_any(),
        )
    };
    wanted.iter().filter_map(line).collect()
}
