//! Two moments beside each other: what is worse, better, or only other.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_app::data::{Comparison, Difference, Side};
use landfall_model::{
    Text,
    view::{Environment, Snapshot},
    words::State,
};

/// Lines of each part unless all are asked for; the rest is counted, with a link.
pub(super) const SHOWN: usize = 20;
/// Lines of each part when all are asked for.
pub(super) const AT_MOST: usize = 2_000;

/// How bad a state is. Equal numbers: neither worse nor better.
const fn badness(state: State) -> u8 {
    match state {
        State::Healthy | State::None => 0,
        State::Suspended | State::Progressing => 1,
        State::Drifted => 2,
        State::Unknown => 3,
        State::Missing => 4,
        State::Degraded => 5,
    }
}

/// Compares two views; each part has at most `rows` lines.
pub(super) fn compare(
    was: &Snapshot,
    is: &Snapshot,
    (from, to, to_now): (Timestamp, Timestamp, bool),
    rows: usize,
) -> Comparison {
    let (old, new) = (by_id(was), by_id(is));
    let mut ids: Vec<&Text> = old.keys().chain(new.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let (mut worse, mut better, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        let (a, b) = (old.get(id).copied(), new.get(id).copied());
        let Some(any) = b.or(a) else { continue };
        let (before, after) = (side(a), side(b));
        if before == after {
            continue;
        }
        let changed = b.and_then(|e| {
            if before.state == after.state { e.image.as_ref().and_then(|i| i.since) } else { e.since }
        });
        let rank = |state: Option<State>| state.map_or(0, badness);
        let order = rank(after.state).cmp(&rank(before.state));
        let difference = Difference {
            service: Text::clone(&any.service),
            environment: Text::clone(&any.name),
            was: before,
            is: after,
            changed: changed.filter(|t| *t >= from),
        };
        match order {
            std::cmp::Ordering::Greater => worse.push(difference),
            std::cmp::Ordering::Less if b.is_some() => better.push(difference),
            _ => other.push(difference),
        }
    }
    let cut = |list: &mut Vec<Difference>| {
        list.sort_by(|a, b| {
            b.changed
                .cmp(&a.changed)
                .then_with(|| (&a.service, &a.environment).cmp(&(&b.service, &b.environment)))
        });
        let more = list.len().saturating_sub(rows);
        list.truncate(rows);
        more
    };
    let more = (cut(&mut worse), cut(&mut better), cut(&mut other));
    Comparison { from, to, to_now, worse, better, other, more }
}

fn by_id(snapshot: &Snapshot) -> BTreeMap<&Text, &Arc<Environment>> {
    snapshot
        .services
        .iter()
        .flat_map(|s| &s.environments)
        .filter(|e| !e.preview)
        .map(|e| (&e.id, e))
        .collect()
}

/// Tag, digest and state; nothing where it was not there.
fn side(environment: Option<&Arc<Environment>>) -> Side {
    let Some(environment) = environment else { return Side::default() };
    let running = environment.image.as_ref().and_then(|i| i.running.first());
    Side {
        tag: running.and_then(|r| r.tag.clone()),
        digest: running.and_then(|r| r.digest.clone()),
        state: Some(environment.state),
    }
}
