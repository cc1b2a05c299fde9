//! `mutable-tag-in-production`: what runs where it matters most is meant by a tag that was seen to point at one image and
//! then at another. A pod that starts tomorrow may run something else than one that started today.

use super::{Candidate, Context};
use crate::{index::outlook::repository, said, words::Rule};

/// Earlier targets that are shown.
const SHOWN: usize = 4;

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let name = &at.environment.name;
    let matters = match at.critical_in {
        [] => &**name == "production",
        named => named.contains(name),
    };
    if !matters {
        return None;
    }
    let images = at.environment.image.iter().chain(&at.environment.other_images);
    let meant = images.flat_map(|image| image.meant.iter().map(move |meant| (image, meant)));
    let by_tag = meant.filter(|(_, meant)| meant.digest.is_none());
    by_tag.into_iter().find_map(|(image, meant)| {
        let tag = meant.tag.as_deref()?;
        let known = repository(at.objects, &image.repository)?;
        let edges: Vec<_> = known.body.edges.iter().filter(|edge| *edge.tag == *tag).collect();
        let last = edges.last()?;
        if edges.iter().all(|edge| known.body.is_same(&edge.digest, &last.digest)) {
            return None;
        }
        let summary = said!(
            "tag-moved",
            "{image}:{tag} was moved to another image: a restarted pod may run something else",
            image = image.repository,
            tag = tag
        );
        let way = said!("way-mutable-tag", "Deploy by a tag that is never moved, or by digest.");
        let lines = edges.iter().rev().take(SHOWN).rev().map(|edge| {
            let what = said!("what-tag-pointed", "tag {tag} pointed at", tag = edge.tag);
            super::proof(what, &*edge.digest, &known.source, Some(edge.first_seen))
        });
        Some(at.candidate(Rule::MutableTagInProduction, None, summary, way).with(lines.collect()))
    })
}
