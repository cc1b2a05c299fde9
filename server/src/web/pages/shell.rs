//! What stands around every page.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use jiff::Timestamp;
use landfall_app::{
    data::{Database, Freshness, Gap, Review, Shell, Starting},
    format::Clock,
};
use landfall_model::{view::Snapshot, words::SourceState};

use super::Ask;
use crate::store::{MIGRATOR, WriterState};

impl Ask {
    /// The shell of a page that shows this snapshot, as it was at `at` or as it is now.
    pub(super) fn shell(
        &self,
        snapshot: &Snapshot,
        at: Option<Timestamp>,
        since: Option<Timestamp>,
    ) -> Shell {
        let now = at.unwrap_or_else(|| self.state.now());
        let schedule = &self.state.settings.review;
        let review = schedule.last_at_or_before(now);
        Shell {
            clock: Clock { now, zone: schedule.zone.clone(), lang: self.look.lang },
            theme: self.look.theme,
            path: self.path.clone(),
            params: self.params.clone(),
            at,
            since,
            review: Review { id: schedule.week_of(review).to_string(), at: review },
            assets: self.state.assets.base(),
            base: self.state.settings.base.clone(),
            version: env!("CARGO_PKG_VERSION"),
            revision: snapshot.revision,
            schema: self.state.history.as_ref().and_then(|_| MIGRATOR.iter().map(|m| m.version).max()),
            sources: Freshness::of(snapshot),
            findings: snapshot.findings.len(),
            gap: at.and_then(|at| self.state.past.gap_at(at)).map(|gap| Gap {
                from: gap.from,
                to: gap.until,
                why: gap.why,
            }),
            database: database(self),
            starting: if at.is_none() { starting(snapshot) } else { None },
            links: Arc::new(self.settings.links.clone()),
        }
    }
}

/// Whether transitions reach the database.
fn database(ask: &Ask) -> Database {
    let Some(writer) = &ask.state.writer else {
        return if ask.state.history.is_some() { Database::Ok } else { Database::Off };
    };
    let status = writer.borrow();
    match status.state {
        WriterState::Retrying | WriterState::ReadOnly => Database::Away {
            since: status.last_commit.unwrap_or_else(|| ask.state.now()),
            waiting: status.queued,
        },
        WriterState::Ok | WriterState::Fenced | WriterState::Stopped => Database::Ok,
    }
}

/// A view that was restored, or is still empty, before its sources were read.
fn starting(snapshot: &Snapshot) -> Option<Starting> {
    let waiting = || snapshot.sources.values().filter(|s| s.state == SourceState::Starting);
    waiting().next()?;
    let last_known =
        if snapshot.services.is_empty() { None } else { waiting().filter_map(|s| s.last_success).max() };
    Some(Starting { last_known })
}

/// What changes a page without a new revision: the sources' states and the database's.
pub(super) fn mood(ask: &Ask) -> u64 {
    let mut hash = DefaultHasher::new();
    for source in ask.state.live().sources.values() {
        (&source.name, source.state as u8).hash(&mut hash);
    }
    match database(ask) {
        Database::Ok => 0_u8.hash(&mut hash),
        Database::Off => 1_u8.hash(&mut hash),
        Database::Away { waiting, .. } => (2_u8, waiting).hash(&mut hash),
    }
    hash.finish()
}
