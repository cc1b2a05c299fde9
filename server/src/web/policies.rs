//! The policies in force for a repository, run over its tags: what each picks, and why, for page and API alike.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use landfall_app::data::InForce;
use landfall_model::{Text, observe::Repository, query::images, updater::explain, view::PolicyInForce};

use super::AppState;

/// Tags whose place in a policy's order is told: those in use, then the newest.
const RANKED: u32 = 1_000;
/// Policies that are run over the tags.
const POLICIES: usize = 4;

/// Those of the most environments first, and what each chooses of the tags as they were at `at`.
pub async fn in_force(
    state: &AppState,
    repository: &images::Repository,
    at: Option<Timestamp>,
) -> Vec<InForce> {
    let mut found: Vec<Found> = Vec::new();
    for (place, one) in repository.uses.iter().enumerate() {
        let outlook = one.image().outlook.as_ref();
        let Some(policy) = outlook.and_then(|outlook| outlook.policy.as_ref()) else { continue };
        let at = found.iter().position(|known| is_same(&known.policy, policy)).unwrap_or(found.len());
        if at == found.len() {
            found.push(Found { policy: Arc::clone(policy), patterns: Vec::new(), uses: Vec::new() });
        }
        let group = &mut found[at];
        group.uses.push(place);
        if let Some(pattern) = policy.name_pattern.as_ref().filter(|it| !group.patterns.contains(it)) {
            group.patterns.push(Text::clone(pattern));
        }
    }
    found.sort_by_key(|group| std::cmp::Reverse(group.uses.len()));
    let known = if found.is_empty() { None } else { tags(state, repository, at).await };
    let tell = |(nth, Found { policy, patterns, uses }): (usize, Found)| {
        let outlook = uses.first().and_then(|place| repository.uses[*place].image().outlook.as_ref());
        let expected = outlook.and_then(|outlook| outlook.expected.as_ref());
        let told = known.as_ref().filter(|_| nth < POLICIES);
        InForce {
            explained: told.map(|known| explain(&policy.image, known, expected)),
            looked_at: told.map_or(0, |known| known.edges.len()),
            tags: told.map_or(0, |known| usize::try_from(known.tags).unwrap_or(usize::MAX)),
            policy,
            patterns,
            uses,
        }
    };
    found.into_iter().enumerate().map(tell).collect()
}

/// Environments for which the same holds.
struct Found {
    policy: Arc<PolicyInForce>,
    patterns: Vec<Text>,
    uses: Vec<usize>,
}

/// Whether the same holds, by whichever reference.
fn is_same(a: &PolicyInForce, b: &PolicyInForce) -> bool {
    let without = |it: &PolicyInForce| PolicyInForce { name_pattern: None, ..it.clone() };
    a == b || without(a) == without(b)
}

/// The tags of a repository as they were at `at`: those that matter to somebody, and the newest.
async fn tags(
    state: &AppState,
    repository: &images::Repository,
    at: Option<Timestamp>,
) -> Option<Repository> {
    let history = state.history.as_deref()?;
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for one in &repository.uses {
        let image = one.image();
        wanted.extend(image.running.iter().filter_map(|it| it.digest.as_deref()).map(str::to_owned));
        if let Some(outlook) = &image.outlook {
            wanted.extend(outlook.expected.iter().map(|it| it.tag.to_string()));
            wanted.extend(outlook.would_pick.iter().map(|it| it.tag.clone()));
        }
    }
    let wanted: Vec<String> = wanted.into_iter().collect();
    let at = at.unwrap_or_else(|| state.now());
    match history.tags_at(&repository.name, at, &wanted, RANKED).await {
        Ok(known) => known,
        Err(error) => {
            tracing::warn!(%error, "the tags of a repository cannot be read");
            None
        }
    }
}
