//! A time in which nobody watched: told once, when it is over.

use jiff::{SignedDuration, Timestamp};
use landfall_model::{said, view::Snapshot};

use crate::store::Gap;

/// A change of leaders is quicker than this; what is longer is told as a gap.
const ABSENCE: SignedDuration = SignedDuration::from_secs(60);

/// From the last stored sign of life to the first new one: since then nobody has answered, if there is such a time.
///
/// The gap goes into the very batch that holds the first new answer, and signs of life are written behind it. A leader that
/// is killed before that batch is written leaves the absence to its successor, one that is killed after it leaves none: so
/// each is told once.
#[derive(Debug, PartialEq, Eq)]
pub struct Absence(Option<Timestamp>);

impl Absence {
    /// What a new leader finds: `last_seen` is the newest stored sign of life of any source.
    pub fn found(last_seen: Option<Timestamp>, now: Timestamp) -> Self {
        Self(last_seen.filter(|at| now.duration_since(*at) > ABSENCE))
    }

    /// The gap, where this view is the first in which a source answered again.
    pub fn end(&mut self, view: &Snapshot, at: Timestamp) -> Option<Gap> {
        let answered = |from: &Timestamp| {
            view.sources.values().any(|source| source.last_success.is_some_and(|seen| seen > *from))
        };
        let from = self.0.take_if(|from| answered(from))?;
        let why = said!("nobody-watched", "nobody was watching: what came and went in between is not known");
        Some(Gap { from, until: at, lost: 0, why })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use landfall_model::Text;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn seen(last_success: i64) -> Snapshot {
        let source: landfall_model::view::SourceView = serde_json::from_value(serde_json::json!({
            "name": "cluster/prod", "kind": "kubernetes", "state": "ok", "since": null,
            "last_success": at(last_success), "error": null, "objects": 0, "unreadable": 0, "columns": [],
        }))
        .unwrap();
        let mut view = Snapshot::default();
        view.sources.insert(Text::clone(&source.name), Arc::new(source));
        view
    }

    #[test]
    fn it_ends_with_the_first_answer_and_is_told_once() {
        let mut absence = Absence::found(Some(at(1_000)), at(5_000));
        assert_eq!(absence.end(&seen(1_000), at(5_001)), None, "the stored sign of life is no answer");
        let gap = absence.end(&seen(5_002), at(5_003)).expect("a gap");
        assert_eq!((gap.from, gap.until), (at(1_000), at(5_003)));
        assert_eq!(absence.end(&seen(5_004), at(5_004)), None, "once");
    }

    #[test]
    fn a_change_of_leaders_and_a_first_start_are_none() {
        assert_eq!(Absence::found(Some(at(1_000)), at(1_060)), Absence(None));
        assert_eq!(Absence::found(None, at(1_060)), Absence(None));
    }
}
