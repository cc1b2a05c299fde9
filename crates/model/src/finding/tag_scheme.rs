//! `tag-scheme-unsortable`: the policy in force orders a repository's tags in another order than that in which they were
//! pushed, so what is pushed last is not always what comes last. It works until the day on which it does not.

use std::collections::BTreeMap;

use super::{Candidate, Context};
use crate::{
    index::outlook::{Known, repository},
    said,
    updater::{Strategy, created::created, lint, trap},
    view::ImageView,
    words::Rule,
};

/// Tags with the same date that are no accident.
const TIED: usize = 3;

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let images = at.environment.image.iter().chain(&at.environment.other_images);
    images.into_iter().find_map(|image| of_image(at, image))
}

fn of_image(at: &Context<'_>, image: &ImageView) -> Option<Candidate> {
    let settings = &image.outlook.as_ref()?.policy.as_ref()?.image;
    let known = repository(at.objects, &image.repository)?;
    match Strategy::from_name(&settings.strategy.value).0 {
        Strategy::Alphabetical => {
            let settled = known.body.settled_at?;
            let tags = trap::tags(known.body, &settings.policy(&[]).platforms);
            let pushed: BTreeMap<&str, _> = known
                .body
                .open()
                .filter(|edge| edge.first_seen > settled)
                .map(|edge| (&*edge.tag, edge.first_seen))
                .collect();
            let lint = lint(&settings.policy(&[]), &tags, |tag| pushed.get(tag).copied()).ok()?;
            let pair = lint.reversed.first()?;
            let summary = said!(
                "tags-unsorted",
                "By name {before} comes after {after}, but it was pushed before it: the order by name is not that of the pushes",
                before = pair.pushed_before,
                after = pair.pushed_after
            );
            Some(found(at, &known, image, summary, lint.misplaced))
        }
        Strategy::NewestBuild => {
            let mut dates: BTreeMap<_, usize> = BTreeMap::new();
            for tag in trap::tags(known.body, &settings.policy(&[]).platforms) {
                *dates.entry(tag.created.as_deref().and_then(created)).or_default() += 1;
            }
            let (date, tied) =
                dates.into_iter().filter(|(date, _)| date.is_some()).max_by_key(|(_, n)| *n)?;
            if tied < TIED {
                return None;
            }
            let date = date.map(|date| date.to_string()).unwrap_or_default();
            let summary = said!(
                "dates-equal",
                "{n} tags have the same date ({date}): newest-build chooses among them by name",
                n = tied,
                date = date
            );
            Some(found(at, &known, image, summary, tied))
        }
        _ => None,
    }
}

fn found(
    at: &Context<'_>,
    known: &Known<'_>,
    image: &ImageView,
    summary: crate::phrase::Said,
    tags: usize,
) -> Candidate {
    let way = said!(
        "way-trap-sortable",
        "Give images tags that sort by time (20231127-170000) and pick them with alphabetical, or follow one moving tag with digest."
    );
    let what = said!("what-tags-misplaced", "tags concerned in {repository}", repository = image.repository);
    let line = super::proof(what, &*tags.to_string(), &known.source, None);
    at.candidate(Rule::TagSchemeUnsortable, None, summary, way).with(vec![line])
}
