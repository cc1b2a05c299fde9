//! `summary-mismatch`: `status.summary.images` and the pods disagree. Argo CD Image Updater believes the summary, so
//! updates may stop in silence (argoproj/argo-cd#27861, #19670).

use std::collections::BTreeSet;

use super::{Candidate, Context};
use crate::{
    index::{images::split, joined::JoinedWorkload},
    phrase::Said,
    said,
    text::Text,
    words::{Health, Kind, Rule},
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let joined = at.joined;
    let app = joined.application;
    let quiet = matches!(app.health, Some(Health::Progressing | Health::Missing) | None);
    if quiet || joined.cluster.is_none() || !joined.forbidden.is_empty() || app.deleting_since.is_some() {
        return None;
    }
    if joined.workloads.iter().any(|w| w.is_rolling() || matches!(w.kind, Kind::CronJob | Kind::Job)) {
        return None;
    }
    let running: BTreeSet<&Text> = joined
        .workloads
        .iter()
        .flat_map(JoinedWorkload::living_pods)
        .flat_map(|p| p.pod.containers.iter().map(|c| &c.image))
        .collect();
    if running.is_empty() {
        return None;
    }
    let reported: BTreeSet<&Text> = app.reported_images.iter().collect();
    let left_out: Vec<&Text> = running.iter().copied().filter(|image| !reported.contains(image)).collect();
    let repositories: BTreeSet<Text> = running.iter().map(|image| split(image).0).collect();
    // Init containers and hooks are in the summary too: only another image of a running repository is stale.
    let stale: Vec<&Text> = reported
        .iter()
        .copied()
        .filter(|image| {
            !running.contains(image) && !left_out.is_empty() && repositories.contains(&split(image).0)
        })
        .collect();
    let missing = left_out.first()?;
    let summary = match stale.first() {
        Some(old) => said!(
            "summary-old",
            "Argo CD's summary says {old}, the pods run {missing}",
            old = old,
            missing = missing,
        ),
        None if reported.is_empty() => said!(
            "summary-empty",
            "Argo CD's summary lists no image, the pods run {missing}",
            missing = missing,
        ),
        None => {
            said!("summary-lacks", "Argo CD's summary lacks {missing}, which the pods run", missing = missing)
        }
    };
    let list = |images: &mut dyn Iterator<Item = &Text>| {
        let all: Vec<&str> = images.map(|i| &**i).collect();
        if all.is_empty() { said!("none", "none") } else { Said::from(all.join(", ")) }
    };
    let found = at.candidate(
        Rule::SummaryMismatch,
        None,
        summary,
        said!(
            "way-summary-mismatch",
            "Trust the pods. A hard refresh in Argo CD rebuilds the summary; Image Updater believes it.",
        ),
    );
    Some(found.with(vec![
        at.argocd("summary.images", list(&mut app.reported_images.iter()), None),
        at.cluster(said!("what-run", "pods run"), list(&mut running.iter().copied()), None),
    ]))
}
