//! Whether a generator takes a pull request, by the rules of Argo CD's own.

use crate::{
    observe::{Pull, PullFilter, PullRequestGenerator},
    phrase::Said,
    said,
    updater::go_regex_fits,
    words::PullState,
};

/// Whether the pull request carries all labels that the generator asks for.
#[must_use]
pub fn is_labelled(generator: &PullRequestGenerator, pull: &Pull) -> bool {
    generator.labels.iter().all(|label| pull.has_label(label))
}

/// Whether the generator takes pull requests in this state. GitLab's takes all of them unless it is told otherwise.
#[must_use]
pub fn takes_state(generator: &PullRequestGenerator, state: PullState) -> bool {
    if &*generator.provider != "gitlab" {
        return state == PullState::Open;
    }
    match generator.state.as_deref() {
        None | Some("") => true,
        Some("opened") => state == PullState::Open,
        Some("closed") => state == PullState::Closed,
        Some("merged") => state == PullState::Merged,
        // `locked`: nobody can tell.
        Some(_) => false,
    }
}

/// Why the generator's filters leave it out; `None`: they let it pass, or cannot be read.
#[must_use]
pub fn refused_by(generator: &PullRequestGenerator, pull: &Pull) -> Option<Said> {
    if generator.filters.is_empty() {
        return None;
    }
    let mut refusals = generator.filters.iter().map(|filter| refusal(filter, pull));
    // One that fits is enough.
    let first = refusals.next().flatten()?;
    refusals.all(|refusal| refusal.is_some()).then_some(first)
}

fn refusal(filter: &PullFilter, pull: &Pull) -> Option<Said> {
    let refuses = |pattern: &Option<crate::Text>, value: &str| {
        pattern.as_deref().is_some_and(|pattern| go_regex_fits(pattern, value) == Some(false))
    };
    if refuses(&filter.branch, &pull.head.branch) {
        let pattern = filter.branch.as_deref().unwrap_or_default();
        return Some(said!(
            "filter-branch",
            "branch {branch} does not fit {pattern}",
            branch = pull.head.branch,
            pattern = pattern,
        ));
    }
    if refuses(&filter.target_branch, &pull.base) {
        let pattern = filter.target_branch.as_deref().unwrap_or_default();
        return Some(said!(
            "filter-target",
            "target branch {branch} does not fit {pattern}",
            branch = pull.base,
            pattern = pattern,
        ));
    }
    if refuses(&filter.title, &pull.title) {
        let pattern = filter.title.as_deref().unwrap_or_default();
        return Some(said!("filter-title", "its title does not fit {pattern}", pattern = pattern));
    }
    None
}
