//! What one transaction writes.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_model::{
    Text,
    index::{FindingRow, Step, StepTime},
    observe::{ObjectName, Observation, Scope},
    phrase::Said,
    transition::Transition,
    view::{Environment, Finding, Pull, SourceView},
    words::TransitionKind,
};
use serde_json::Value;
use uuid::Uuid;

/// What lines about Landfall's own history are about.
pub(super) const GAP_ENTITY: &str = "landfall";

/// The rows of one step, or of several that waited together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Recognises a batch whose commit was acknowledged to nobody.
    pub id: Uuid,
    /// Revision of the newest view in it.
    pub revision: u64,
    pub transitions: Vec<Transition>,
    /// At most one per object.
    pub objects: Vec<ObjectChange>,
    /// Oldest first.
    pub frames: Vec<Frame>,
    /// Oldest first.
    pub sources: Vec<SourceChange>,
    /// Sources that proved to be alive, and when, whether or not their state changed. At most one per source.
    pub alive: Vec<(Text, Timestamp)>,
    /// At most one per finding.
    pub findings: Vec<FindingChange>,
    /// Oldest first.
    pub words: Vec<Words>,
    /// Spans that this batch admits to have lost.
    pub gaps: Vec<Gap>,
    /// Oldest first.
    pub pulls: Vec<PullFrame>,
    pub step_times: Vec<StepTime>,
}

/// An object as it is now.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectChange {
    Put(Observation),
    Gone(Scope, ObjectName),
}

/// An environment's view from a moment on; `None`: gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub entity: Text,
    pub at: Timestamp,
    pub view: Option<Arc<Environment>>,
}

/// A pull request's view from a moment on; `None`: nobody tells of it any more.
#[derive(Debug, Clone, PartialEq)]
pub struct PullFrame {
    pub id: Text,
    pub at: Timestamp,
    pub view: Option<Arc<Pull>>,
}

/// A source from a moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceChange {
    pub at: Timestamp,
    pub view: Arc<SourceView>,
}

/// A finding as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingChange {
    pub row: FindingRow,
    /// It was open at some time in the batch, also where it no longer is.
    pub opened: bool,
}

/// What an open finding said from a moment on, for views of the past; its own row holds its newest words.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    pub at: Timestamp,
    pub finding: Finding,
}

/// A span of which history is incomplete.
///
/// Writing it ([`Store::commit`](super::Store::commit), nowhere else) makes two rows under one id, in one transaction:
/// a line of kind `gap` in the timeline, with `at` = `from`, and a span in `gaps`. **Lists show the line, once; the span
/// serves what is not a list**: the shade over a histogram, the mark of a view of the past. Who shows both as rows shows
/// it twice. The line stands in every timeline, whatever service or environment it is narrowed to, unless the kinds
/// that were asked for leave it out: what is missing may have been anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub from: Timestamp,
    pub until: Timestamp,
    /// Transitions that are known to be lost.
    pub lost: u64,
    pub why: Said,
}

impl Gap {
    /// The same span has the same id.
    pub fn id(&self) -> Uuid {
        let span = format!("gap {} {}", self.from.as_microsecond(), self.until.as_microsecond());
        Uuid::new_v5(&Uuid::NAMESPACE_OID, span.as_bytes())
    }

    /// The line in the timeline.
    pub(super) fn transition(&self) -> Transition {
        Transition {
            id: self.id(),
            at: self.from,
            noticed_at: self.until,
            service: None,
            environment: None,
            entity: Text::from(GAP_ENTITY),
            kind: TransitionKind::Gap,
            from: Value::String(self.from.to_string()),
            to: Value::String(self.until.to_string()),
            detail: Some(Text::clone(&self.why.text)),
            detail_phrase: self.why.phrase.clone(),
            bad: true,
            source: Text::from("landfall"),
            subject: Text::from("history"),
        }
    }
}

impl From<FindingRow> for FindingChange {
    fn from(row: FindingRow) -> Self {
        Self { opened: row.open, row }
    }
}

impl Batch {
    /// The rows of a step that was made at `at`.
    pub fn of(step: &Step, at: Timestamp) -> Self {
        let changes = &step.store;
        let put = changes.upserts.iter().cloned().map(ObjectChange::Put);
        let gone = changes.deletes.iter().cloned().map(|(scope, name)| ObjectChange::Gone(scope, name));
        Self {
            id: Uuid::new_v4(),
            revision: step.snapshot.revision,
            transitions: step.transitions.clone(),
            objects: put.chain(gone).collect(),
            frames: changes
                .frames
                .iter()
                .map(|(entity, view)| Frame { entity: Text::clone(entity), at, view: view.clone() })
                .collect(),
            sources: changes.sources.iter().map(|view| SourceChange { at, view: Arc::clone(view) }).collect(),
            alive: Vec::new(),
            findings: changes.findings.iter().cloned().map(FindingChange::from).collect(),
            words: changes
                .findings
                .iter()
                .filter(|row| row.open)
                .map(|row| Words { at, finding: row.finding.clone() })
                .collect(),
            gaps: Vec::new(),
            pulls: changes
                .pulls
                .iter()
                .map(|(id, view)| PullFrame { id: Text::clone(id), at, view: view.clone() })
                .collect(),
            step_times: changes.step_times.clone(),
        }
    }

    /// Says that sources proved to be alive, without a change of their state.
    pub fn signs_of_life(revision: u64, alive: Vec<(Text, Timestamp)>) -> Self {
        Self { id: Uuid::new_v4(), revision, alive, ..Self::default() }
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// How many rows it writes.
    pub fn rows(&self) -> usize {
        self.transitions.len()
            + self.objects.len()
            + self.frames.len()
            + self.sources.len()
            + self.alive.len()
            + self.findings.len()
            + self.words.len()
            + self.gaps.len()
            + self.pulls.len()
            + self.step_times.len()
    }

    /// The moments whose partitions it needs.
    pub(super) fn moments(&self) -> impl Iterator<Item = Timestamp> {
        let told = self.transitions.iter().map(|t| t.noticed_at);
        told.chain(self.gaps.iter().map(|gap| gap.until))
            .chain(self.frames.iter().map(|f| f.at))
            .chain(self.words.iter().map(|words| words.at))
            .chain(self.pulls.iter().map(|pull| pull.at))
    }

    /// Cuts it in two, to find the row that the database refuses. `None` where it holds a single row.
    pub(super) fn halves(mut self) -> Option<(Self, Self)> {
        if self.rows() < 2 {
            return None;
        }
        let mut half = self.rows() / 2;
        let mut first = Self { id: Uuid::new_v4(), revision: self.revision, ..Self::default() };
        take(&mut self.transitions, &mut first.transitions, &mut half);
        take(&mut self.objects, &mut first.objects, &mut half);
        take(&mut self.frames, &mut first.frames, &mut half);
        take(&mut self.sources, &mut first.sources, &mut half);
        take(&mut self.findings, &mut first.findings, &mut half);
        take(&mut self.words, &mut first.words, &mut half);
        take(&mut self.pulls, &mut first.pulls, &mut half);
        take(&mut self.step_times, &mut first.step_times, &mut half);
        take(&mut self.gaps, &mut first.gaps, &mut half);
        // Never before a gap: a sign of life that is written hides an absence from the next leader.
        take(&mut self.alive, &mut first.alive, &mut half);
        self.id = Uuid::new_v4();
        Some((first, self))
    }
}

/// Moves up to `left` items from the front of `from` to `to`.
fn take<T>(from: &mut Vec<T>, to: &mut Vec<T>, left: &mut usize) {
    let n = from.len().min(*left);
    to.extend(from.drain(..n));
    *left -= n;
}
