//! `updater-no-match`: somebody wrote settings of Image Updater for this Application, and nothing comes of them: no
//! reference takes it in, its annotations cannot be read, or the image is not among those that Argo CD reports.

use super::{Candidate, Context};
use crate::{index::outlook::passed_over, phrase::Said, said, words::Rule};

/// References that are shown.
const SHOWN: usize = 5;

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    if let Some(tried) = passed_over(at.joined, at.managed) {
        let summary = said!("no-reference", "Its annotations list images, but nothing reads them");
        let way = said!("way-trap-match", "Correct the name pattern or the labels of a reference.");
        let lines = tried.into_iter().take(SHOWN).map(|(name, why)| {
            let what = said!("what-tried", "{pattern} was looked at", pattern = name);
            at.argocd(what, why, None)
        });
        return Some(at.candidate(Rule::UpdaterNoMatch, None, summary, way).with(lines.collect()));
    }
    let application = at.joined.application;
    // Before the first pods Argo CD reports nothing.
    if application.reported_images.is_empty() {
        return None;
    }
    let managed = at.managed.managed.iter().flat_map(|managed| &managed.images);
    let image = managed.into_iter().find(|image| !image.is_live(application))?;
    let summary = said!(
        "image-not-live",
        "Image Updater passes {image} over: Argo CD does not report that the Application runs it",
        image = image.repository
    );
    let way = said!("way-trap-live", "Correct the image's name, or set force-update.");
    let reported = Said::from(application.reported_images.join(", ").as_str());
    let line = at.argocd(said!("what-reported", "images that the Application reports"), reported, None);
    Some(at.candidate(Rule::UpdaterNoMatch, None, summary, way).with(vec![line]))
}
