//! Step 1: the pull request asks for a preview.

use super::{Given, Look, waits};
use crate::{
    observe::{Pull, PullLabel},
    said,
    text::Text,
    words::{StepKind, Turn},
};

pub(super) fn look(at: &Given<'_>) -> Look {
    let labels = at.set.and_then(|set| set.generator).map_or(&[][..], |generator| &generator.labels);
    let Some(request) = at.request else { return without_forge(at, labels) };
    if labels.is_empty() {
        return unlabelled(at, request);
    }
    let missing: Vec<&str> =
        labels.iter().filter(|name| !request.has_label(name)).map(|name| &**name).collect();
    if !missing.is_empty() {
        let names = missing.join(", ");
        let sentence = said!("waits-no-label", "No label {names} yet", names = names);
        let way_out = said!("way-label", "Label the pull request {names}.", names = names);
        return Look::Waits(
            waits(StepKind::Labelled, Turn::Author, sentence).way_out(way_out).since(request.created),
        );
    }
    let worn: Vec<&PullLabel> = request.labels.iter().filter(|it| labels.contains(&it.name)).collect();
    let told = worn.iter().all(|label| label.since.is_some());
    let last = worn.iter().max_by_key(|label| label.since);
    let at_time = last.and_then(|label| label.since).filter(|_| told);
    let names = labels.iter().map(|name| &**name).collect::<Vec<_>>().join(", ");
    let what = if let Some(who) = last.and_then(|label| label.by.as_ref()) {
        said!("label-by", "label {names} by {who}", names = names, who = who)
    } else {
        said!("label-worn", "label {names}", names = names)
    };
    Look::done(at_time, true, what, &at.forge())
}

/// No label is asked for: a comment may be.
fn unlabelled(at: &Given<'_>, request: &Pull) -> Look {
    let generated = at.set.is_some_and(|set| set.generator.is_some());
    match &request.asked {
        Some(asked) if !generated => {
            let what = match &asked.by {
                Some(who) => said!("preview-asked-by", "asked for in a comment by {who}", who = who),
                None => said!("preview-asked", "asked for in a comment"),
            };
            Look::done(Some(asked.at), true, what, &at.forge())
        }
        _ if generated => Look::Skipped(said!(
            "label-not-needed",
            "the generator takes every pull request: it needs no label"
        )),
        _ => Look::Skipped(said!("label-no-generator", "no generator asks for a label")),
    }
}

fn without_forge(at: &Given<'_>, labels: &[Text]) -> Look {
    if labels.is_empty() {
        return Look::Skipped(said!("label-no-generator", "no generator asks for a label"));
    }
    let names = labels.iter().map(|name| &**name).collect::<Vec<_>>().join(", ");
    if at.app.is_some() {
        let what = said!(
            "label-implied",
            "the generator takes only pull requests with label {names}; when it was put on is not known",
            names = names,
        );
        return Look::Done { at: None, exact: false, what, source: None };
    }
    Look::Unknown(said!("label-unknown", "no forge tells its labels"))
}
