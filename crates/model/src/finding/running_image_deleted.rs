//! `running-image-deleted`: pods run an image that no tag of its repository points at any more, although one did. A
//! registry's clean-up removes such images; a pod that is moved to another node then cannot start.

use super::{Candidate, Context};
use crate::{index::outlook::repository, said, view::ImageView, words::Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let images = at.environment.image.iter().chain(&at.environment.other_images);
    images.into_iter().find_map(|image| of_image(at, image))
}

fn of_image(at: &Context<'_>, image: &ImageView) -> Option<Candidate> {
    let known = repository(at.objects, &image.repository)?;
    // What cannot be read may be there.
    if known.body.error.is_some() {
        return None;
    }
    let mut gone = image.running.iter().filter_map(|running| {
        let digest = running.digest.as_ref()?;
        let points = |edge: &&crate::observe::Edge| known.body.is_same(&edge.digest, digest);
        if known.body.open().any(|edge| points(&edge)) {
            return None;
        }
        let last = known.body.edges.iter().filter(points).max_by_key(|edge| edge.ended_at)?;
        Some((running, digest, last))
    });
    let (running, digest, last) = gone.next()?;
    let summary = said!(
        "image-untagged",
        "{pods} pods run {tag} of {image}, which no tag points at any more",
        pods = running.pods,
        tag = last.tag,
        image = image.repository
    );
    let way = said!(
        "way-image-untagged",
        "Push the image again, or deploy one that is there, before a pod has to pull it."
    );
    let what = said!("what-tag-pointed", "tag {tag} pointed at", tag = last.tag);
    let pointed = super::proof(what, &**digest, &known.source, Some(last.first_seen));
    let until = super::proof(
        said!("what-tag-gone", "tag {tag} was gone", tag = last.tag),
        &*last.ended_at.map(|at| at.to_string()).unwrap_or_default(),
        &known.source,
        last.ended_at,
    );
    let found = at.candidate(Rule::RunningImageDeleted, last.ended_at, summary, way);
    Some(found.with(vec![pointed, until]))
}
