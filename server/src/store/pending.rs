//! The spool: what waits to be written while the database is slow or away. Bounded whatever happens.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    Text,
    index::StepTime,
    observe::{ObjectName, Scope},
    said,
    transition::Transition,
};
use uuid::Uuid;

use super::{Batch, FindingChange, Frame, Gap, ObjectChange, PullFrame, SourceChange, Words};

/// Above this, only the newest frame of each environment and the newest words of each finding are kept. The transitions still tell what happened.
const FRAME_LIMIT: usize = 20_000;
/// The same for sources.
const SOURCE_LIMIT: usize = 2_000;

/// Rows in waiting. Objects and findings are kept once each, as they are now, so their number is bounded by
/// the world.
#[derive(Debug)]
pub struct Spool {
    limit: usize,
    revision: u64,
    transitions: VecDeque<Transition>,
    objects: HashMap<(Scope, ObjectName), ObjectChange>,
    frames: Vec<Frame>,
    sources: Vec<SourceChange>,
    /// When each source last proved to be alive.
    alive: BTreeMap<Text, Timestamp>,
    findings: BTreeMap<Text, FindingChange>,
    words: Vec<Words>,
    pulls: Vec<PullFrame>,
    step_times: Vec<StepTime>,
    gap: Option<Gap>,
}

impl Spool {
    /// Holds up to `limit` transitions.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            revision: 0,
            transitions: VecDeque::new(),
            objects: HashMap::new(),
            frames: Vec::new(),
            sources: Vec::new(),
            alive: BTreeMap::new(),
            findings: BTreeMap::new(),
            words: Vec::new(),
            pulls: Vec::new(),
            step_times: Vec::new(),
            gap: None,
        }
    }

    /// Adds a batch behind what waits. `skew` is what one's own clock lacks to the database's. Returns how
    /// many old transitions had to go.
    pub fn add(&mut self, batch: Batch, skew: SignedDuration) -> usize {
        let shift = |at: Timestamp| at.saturating_add(skew).unwrap_or(at);
        self.revision = self.revision.max(batch.revision);
        self.transitions.extend(batch.transitions.into_iter().map(|mut transition| {
            transition.noticed_at = shift(transition.noticed_at);
            transition
        }));
        for change in batch.objects {
            let key = match &change {
                ObjectChange::Put(object) => (object.scope.clone(), object.name.clone()),
                ObjectChange::Gone(scope, name) => (scope.clone(), name.clone()),
            };
            self.objects.insert(key, change);
        }
        self.frames.extend(batch.frames.into_iter().map(|frame| Frame { at: shift(frame.at), ..frame }));
        self.sources
            .extend(batch.sources.into_iter().map(|change| SourceChange { at: shift(change.at), ..change }));
        for (name, at) in batch.alive {
            let newest = self.alive.entry(name).or_insert(at);
            *newest = at.max(*newest);
        }
        self.words.extend(batch.words.into_iter().map(|words| Words { at: shift(words.at), ..words }));
        self.pulls.extend(batch.pulls.into_iter().map(|pull| PullFrame { at: shift(pull.at), ..pull }));
        self.step_times.extend(batch.step_times);
        for change in batch.findings {
            let opened = self.findings.get(&change.row.finding.id).is_some_and(|known| known.opened);
            let change = FindingChange { opened: change.opened || opened, ..change };
            self.findings.insert(Text::clone(&change.row.finding.id), change);
        }
        for gap in batch.gaps {
            self.lose(gap);
        }
        self.shrink()
    }

    fn shrink(&mut self) -> usize {
        if self.frames.len() > FRAME_LIMIT {
            keep_newest(&mut self.frames, |frame| Text::clone(&frame.entity));
        }
        if self.words.len() > FRAME_LIMIT {
            keep_newest(&mut self.words, |words| Text::clone(&words.finding.id));
        }
        if self.pulls.len() > FRAME_LIMIT {
            keep_newest(&mut self.pulls, |pull| Text::clone(&pull.id));
        }
        // What is usual is reckoned without the oldest; their transitions still tell of them.
        let over = self.step_times.len().saturating_sub(FRAME_LIMIT);
        self.step_times.drain(..over);
        if self.sources.len() > SOURCE_LIMIT {
            keep_newest(&mut self.sources, |change| Text::clone(&change.view.name));
        }
        let over = self.transitions.len().saturating_sub(self.limit);
        for _ in 0..over {
            if let Some(lost) = self.transitions.pop_front() {
                self.lose(Gap {
                    from: lost.noticed_at,
                    until: lost.noticed_at,
                    lost: 1,
                    why: said!(
                        "spool-full",
                        "the database was away for too long; the oldest changes in waiting were dropped",
                    ),
                });
            }
        }
        over
    }

    /// Admits a loss; it is written with the next batch, as one gap with what was lost before.
    pub fn lose(&mut self, gap: Gap) {
        match &mut self.gap {
            Some(known) => {
                known.from = known.from.min(gap.from);
                known.until = known.until.max(gap.until);
                known.lost += gap.lost;
            }
            none => *none = Some(gap),
        }
    }

    /// What is lost so far and not yet admitted in the database.
    pub const fn gap(&self) -> Option<&Gap> {
        self.gap.as_ref()
    }

    /// How many rows wait.
    pub fn rows(&self) -> usize {
        self.transitions.len()
            + self.objects.len()
            + self.frames.len()
            + self.sources.len()
            + self.alive.len()
            + self.findings.len()
            + self.words.len()
            + self.pulls.len()
            + self.step_times.len()
            + usize::from(self.gap.is_some())
    }

    /// Takes everything as one batch.
    pub fn take(&mut self) -> Option<Batch> {
        if self.rows() == 0 {
            return None;
        }
        Some(Batch {
            id: Uuid::new_v4(),
            revision: self.revision,
            transitions: std::mem::take(&mut self.transitions).into(),
            objects: std::mem::take(&mut self.objects).into_values().collect(),
            frames: std::mem::take(&mut self.frames),
            sources: std::mem::take(&mut self.sources),
            alive: std::mem::take(&mut self.alive).into_iter().collect(),
            findings: std::mem::take(&mut self.findings).into_values().collect(),
            words: std::mem::take(&mut self.words),
            pulls: std::mem::take(&mut self.pulls),
            step_times: std::mem::take(&mut self.step_times),
            gaps: self.gap.take().into_iter().collect(),
        })
    }
}

/// Keeps the last item of each key, in their order.
fn keep_newest<T>(items: &mut Vec<T>, key: impl Fn(&T) -> Text) {
    let newest: HashMap<Arc<str>, usize> =
        items.iter().enumerate().map(|(at, item)| (key(item), at)).collect();
    let mut at = 0;
    items.retain(|item| {
        let keep = newest.get(&key(item)) == Some(&at);
        at += 1;
        keep
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(n: usize, entity: usize) -> Frame {
        let at = Timestamp::from_second(i64::try_from(n).unwrap()).unwrap();
        Frame { entity: Text::from(entity.to_string()), at, view: None }
    }

    #[test]
    fn frames_are_bounded_and_the_newest_of_each_environment_stays() {
        let mut spool = Spool::new(10);
        for n in 0..FRAME_LIMIT {
            spool.add(Batch { frames: vec![frame(n, n % 100)], ..Batch::default() }, SignedDuration::ZERO);
        }
        assert_eq!(spool.rows(), FRAME_LIMIT, "while there is room, every frame is kept");
        spool.add(Batch { frames: vec![frame(FRAME_LIMIT, 7)], ..Batch::default() }, SignedDuration::ZERO);
        let batch = spool.take().unwrap();
        assert_eq!(batch.frames.len(), 100);
        assert_eq!(batch.frames.last(), Some(&frame(FRAME_LIMIT, 7)));
        assert!(batch.frames.is_sorted_by_key(|frame| frame.at), "in the order of the log");
        assert!(spool.take().is_none());
    }

    #[test]
    fn a_finding_that_opened_and_ended_in_waiting_stays_known_as_open() {
        let finding: landfall_model::view::Finding = serde_json::from_value(serde_json::json!({
            "id": "f", "rule": "degraded", "severity": "critical", "subject": {"kind": "source", "name": "x"},
            "since": "2026-11-20T10:00:00Z", "opened_at": "2026-11-20T10:00:00Z", "summary": "", "proof": [], "way_out": "",
        }))
        .unwrap();
        let mut spool = Spool::new(10);
        for open in [true, false] {
            let row = landfall_model::index::FindingRow { finding: finding.clone(), open };
            spool.add(Batch { findings: vec![row.into()], ..Batch::default() }, SignedDuration::ZERO);
        }
        let findings = spool.take().unwrap().findings;
        assert_eq!(findings.len(), 1);
        assert!(findings[0].opened && !findings[0].row.open);
    }

    #[test]
    fn a_sign_of_life_overtakes_nothing_that_waits() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let sign = |second| Batch::signs_of_life(0, vec![(Text::from("cluster/prod"), at(second))]);
        let gap = Gap { from: at(1), until: at(100), lost: 0, why: "nobody was watching".into() };
        let mut spool = Spool::new(10);
        spool.add(Batch { gaps: vec![gap], ..Batch::default() }, SignedDuration::ZERO);
        spool.add(sign(101), SignedDuration::ZERO);
        spool.add(sign(99), SignedDuration::ZERO);
        let batch = spool.take().unwrap();
        assert_eq!((batch.gaps.len(), &*batch.alive), (1, &[(Text::from("cluster/prod"), at(101))][..]));
        // Cut in two, the half with the gap is written first.
        let (first, second) = batch.halves().unwrap();
        assert_eq!((first.gaps.len(), first.alive.len()), (1, 0));
        assert_eq!((second.gaps.len(), second.alive.len()), (0, 1));
    }

    #[test]
    fn times_are_those_of_the_database_s_clock() {
        let mut spool = Spool::new(10);
        spool.add(Batch { frames: vec![frame(100, 1)], ..Batch::default() }, SignedDuration::from_secs(-60));
        assert_eq!(spool.take().unwrap().frames, [frame(40, 1)]);
    }
}
