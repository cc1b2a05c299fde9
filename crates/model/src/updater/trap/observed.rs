//! What the updater's own objects and Events tell of its state and its writes.

use jiff::{SignedDuration, Timestamp};

use super::{Updater, Write};
use crate::{
    Text,
    image::ImageRef,
    observe::{Event, ImageChange, ImageUpdater},
};

/// Reason of the Event that the updater writes after a change that worked.
pub const UPDATED: &str = "ImagesUpdated";

impl<'a> Updater<'a> {
    /// Its state by the object that manages the Application; v0.x has none. `Ready` stays true with partial errors, so
    /// `Error` is read.
    #[must_use]
    pub fn of(
        object: Option<&'a ImageUpdater>,
        interval: SignedDuration,
        started: Option<Timestamp>,
    ) -> Self {
        let error = object.and_then(|it| {
            let failing = |kind: &str, status: &str| {
                it.conditions
                    .iter()
                    .find(|condition| *condition.kind == *kind && condition.status.as_deref() == Some(status))
            };
            failing("Error", "True").or_else(|| failing("Ready", "False"))
        });
        Self {
            interval,
            last_checked: object.and_then(|it| it.last_checked),
            error: error.map(|condition| &*condition.message),
            started,
        }
    }
}

/// Whether this Event tells of the same write as an earlier one. A write to Git is told again with each cycle until it has
/// rolled out; what comes later than `patience` after the last, or after something else was asked for, is another write,
/// such as one that undoes a change by hand. `asked` is what was asked for of each repository, as it was noticed to change.
#[must_use]
pub fn is_told_again<'e>(
    event: &Event,
    earlier: impl IntoIterator<Item = &'e Event>,
    asked: &[(Text, Timestamp, Text)],
    patience: SignedDuration,
) -> bool {
    let between = |from: Timestamp, to: Timestamp| {
        asked.iter().any(|(repository, at, what)| {
            let is_other = |change: &ImageChange| {
                change.image.parse::<ImageRef>().is_ok_and(|image| *image.repository == **repository)
                    && change.new != *what
            };
            from < *at && *at < to && event.images.iter().any(is_other)
        })
    };
    earlier.into_iter().any(|other| {
        let (from, to) = (other.at.min(event.at), other.at.max(event.at));
        other.images == event.images && to.duration_since(from) <= patience && !between(from, to)
    })
}

/// What was written for one image of one Application, oldest first: its Events, and the changes of what is meant as
/// they were noticed. The same Event comes again each cycle until a write to Git has rolled out; that is one write.
#[must_use]
pub fn writes<'e>(
    events: impl IntoIterator<Item = &'e Event>,
    repository: &str,
    meant: impl IntoIterator<Item = (Timestamp, Text)>,
) -> Vec<Write> {
    let by_updater = events.into_iter().filter(|event| *event.reason == *UPDATED).flat_map(|event| {
        let ours = event.images.iter().filter(|change| {
            change.image.parse::<ImageRef>().is_ok_and(|image| *image.repository == *repository)
        });
        ours.map(|change| Write { at: event.at, to: Text::clone(&change.new), by_updater: true })
    });
    let others = meant.into_iter().map(|(at, to)| Write { at, to, by_updater: false });
    let mut all: Vec<Write> = by_updater.chain(others).collect();
    // Of one moment the Event comes first: the change that it tells is the updater's own.
    all.sort_by_key(|write| (write.at, !write.by_updater));
    all.dedup_by(|later, earlier| later.to == earlier.to);
    all
}
