//! `cannot-render`: Argo CD cannot tell what is meant (`ComparisonError`, `InvalidSpecError`). It may still say
//! `Healthy`.

use super::{Candidate, Context};
use crate::{index::state::is_render_error, said, words::Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    let condition = app.conditions.iter().find(|c| is_render_error(&c.kind))?;
    let way_out = match &*condition.kind {
        "InvalidSpecError" => said!(
            "way-invalid-spec",
            "Mend the Application's spec: project, cluster or source do not exist or are not allowed.",
        ),
        _ => said!(
            "way-cannot-render",
            "Mend the manifests or the access to the repository; the message names the place.",
        ),
    };
    let health = app.health.map_or("-", |health| health.as_str());
    let found = at.candidate(Rule::CannotRender, condition.since, (&condition.message).into(), way_out);
    Some(found.with(vec![
        at.argocd(&condition.kind, &condition.message, condition.since),
        at.argocd(said!("what-health", "health"), health, app.health_since),
    ]))
}
