//! `latest-tag`: an image is meant by the tag `latest`, or by none, which means the same. What it stands for changes
//! without a word, two pods may run different builds, and a rollback brings nothing back.

use super::{Candidate, Context};
use crate::{
    index::images::{meant, split},
    said,
    words::Rule,
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let mut images = at.joined.workloads.iter().flat_map(|w| meant(at.joined, w)).filter(|(_, image)| {
        let (_, what) = split(image);
        what.digest.is_none() && what.tag.as_deref().is_none_or(|tag| tag == "latest")
    });
    let (container, image) = images.next()?;
    let more = images.count();
    let summary = if more > 0 {
        said!(
            "moving-tags",
            "Container {container} is meant to run {image}, and {more} more: what such a tag stands for changes without a word",
            container = container,
            image = image,
            more = more,
        )
    } else {
        said!(
            "moving-tag",
            "Container {container} is meant to run {image}: what that tag stands for changes without a word",
            container = container,
            image = image,
        )
    };
    let way_out =
        said!("way-latest-tag", "Name each build by a tag of its own, such as its time, or by its digest.");
    let found = at.candidate(Rule::LatestTag, None, summary, way_out);
    let what = said!("what-meant", "meant, {container}", container = container);
    Some(found.with(vec![at.cluster(what, image, None)]))
}
