//! How each stream of each source is doing, and what a source as a whole is then called.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{PollReport, SourceReport, objects::Objects};
use crate::{
    observe::Scope,
    phrase::{Phrase, Said},
    text::Text,
    view::{BudgetView, ColumnView, SourceView},
    words::{Kind, SourceKind, SourceState},
};

/// A watch that says nothing for this long is stale: the collectors end and resume each watch well within it.
pub const WATCH_SILENCE: SignedDuration = SignedDuration::from_secs(30);

/// One stream.
#[derive(Debug, Clone)]
struct Column {
    state: SourceState,
    last_success: Option<Timestamp>,
    error: Option<Said>,
    /// A complete list was read (or restored) at least once: what is not there does not exist.
    read: bool,
}

/// One source.
#[derive(Debug, Clone)]
struct SourceColumns {
    kind: SourceKind,
    state: SourceState,
    since: Option<Timestamp>,
    columns: BTreeMap<(Kind, Option<Text>), Column>,
    /// What was remembered from an earlier run, until a stream of this run succeeds.
    remembered: Option<Timestamp>,
    /// Set of a source that is asked again and again: it has no columns.
    polled: Option<Polled>,
}

/// What was last said of a source without streams.
#[derive(Debug, Clone)]
struct Polled {
    state: SourceState,
    last_success: Option<Timestamp>,
    error: Option<Said>,
    objects: u64,
    unreadable: u64,
    budget: Option<BudgetView>,
}

/// All sources.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    sources: BTreeMap<Text, SourceColumns>,
    /// Somebody said which streams there are.
    expected: bool,
}

impl Columns {
    /// Takes a report in. Returns whether a column's state changed.
    pub fn report(&mut self, report: SourceReport) -> bool {
        let source = self.source(&report.scope.source, report.source_kind);
        let column = source.columns.entry((report.scope.kind, report.within)).or_insert_with(Column::new);
        let before = column.state;
        column.state = report.state;
        column.last_success = column.last_success.max(report.success_at);
        column.error = report.error;
        before != column.state
    }

    /// A complete list was read.
    pub fn mark_read(&mut self, scope: &Scope, within: Option<&Text>) -> bool {
        let kind = source_kind(&scope.source);
        let source = self.source(&scope.source, kind);
        // One that is asked again and again says itself how it is doing.
        if source.polled.is_some() {
            return false;
        }
        let column = source.columns.entry((scope.kind, within.cloned())).or_insert_with(Column::new);
        !std::mem::replace(&mut column.read, true)
    }

    /// Says which streams there are, after [`Columns::restore`]: what an earlier run watched otherwise is forgotten, but
    /// a namespace counts as read if everything was.
    pub fn expect(&mut self, streams: Vec<(Scope, Option<Text>)>) {
        let mut wanted: BTreeMap<Text, BTreeMap<(Kind, Option<Text>), Column>> = BTreeMap::new();
        for (scope, within) in streams {
            let kind = source_kind(&scope.source);
            let known = &self.source(&scope.source, kind).columns;
            let column = known.get(&(scope.kind, within.clone())).or_else(|| known.get(&(scope.kind, None)));
            let column = column.cloned().unwrap_or_else(Column::new);
            wanted.entry(scope.source).or_default().insert((scope.kind, within), column);
        }
        for (name, columns) in wanted {
            if let Some(source) = self.sources.get_mut(&name) {
                source.columns = columns;
            }
        }
        self.expected = true;
    }

    /// Whether all streams were read, or are known to be out of reach. False while nobody said which there are.
    pub fn are_settled(&self) -> bool {
        self.expected
            && self
                .sources
                .values()
                .flat_map(|source| source.columns.values())
                .all(|column| !matches!(column.state, SourceState::Starting))
    }

    /// Sources of an earlier run: their columns count as read, their values as old.
    pub fn restore(&mut self, views: Vec<SourceView>) {
        for view in views {
            let source = self.source(&view.name, view.kind);
            source.remembered = view.last_success;
            source.since = view.since;
            if let Some(polled) = &mut source.polled {
                // It has to be heard again; until when it is left alone still holds.
                *polled = Polled { state: SourceState::Starting, ..Polled::of(&view) };
            }
            for column in view.columns {
                source.columns.insert(
                    (column.kind, column.namespace),
                    Column {
                        // A verdict stands until there is a new one; anything else has to be heard again.
                        state: match column.state {
                            SourceState::Forbidden | SourceState::Absent => column.state,
                            _ => SourceState::Starting,
                        },
                        last_success: column.last_success,
                        error: said(column.error, column.error_phrase),
                        read: !matches!(column.state, SourceState::Starting),
                    },
                );
            }
        }
    }

    /// A source as the leader told it: a follower takes it as it is and only notices silence itself.
    pub fn adopt(&mut self, view: SourceView) {
        let source = self.source(&view.name, view.kind);
        source.since = view.since;
        source.state = view.state;
        if let Some(polled) = &mut source.polled {
            *polled = Polled::of(&view);
        }
        for column in view.columns {
            // The leader's sign of life is for the source as a whole; a stream that was well then is well.
            let alive = if column.state == SourceState::Ok { view.last_success } else { None };
            let told = Column {
                state: column.state,
                last_success: column.last_success.max(alive),
                error: said(column.error, column.error_phrase),
                read: column.state != SourceState::Starting,
            };
            source.columns.insert((column.kind, column.namespace), told);
        }
    }

    fn source(&mut self, name: &Text, kind: SourceKind) -> &mut SourceColumns {
        self.sources.entry(Text::clone(name)).or_insert_with(|| SourceColumns {
            kind,
            state: SourceState::Starting,
            since: None,
            columns: BTreeMap::new(),
            remembered: None,
            polled: None,
        })
    }

    /// Declares a source that is configured, so that it is shown before it says anything.
    pub fn declare(&mut self, name: &Text, kind: SourceKind) {
        self.source(name, kind);
    }

    /// Declares a source that has no streams.
    pub fn declare_polled(&mut self, name: &Text) {
        let kind = source_kind(name);
        self.source(name, kind).polled = Some(Polled::new());
    }

    /// Takes in what is said of a source without streams; of others nothing is taken.
    pub fn polled(&mut self, report: PollReport) {
        let kind = source_kind(&report.source);
        let Some(polled) = &mut self.source(&report.source, kind).polled else { return };
        *polled = Polled {
            state: report.state,
            last_success: polled.last_success.max(report.success_at),
            error: report.error,
            objects: report.objects,
            unreadable: report.unreadable,
            budget: report.budget,
        };
    }

    /// Whether all objects of this kind in this namespace are known: a list was read, now or in an earlier run.
    pub fn is_read(&self, source: &Text, kind: Kind, namespace: &Text) -> bool {
        self.column(source, kind, namespace).is_some_and(|c| c.read)
    }

    /// Whether what is there can be told from what is not: read, and neither forbidden nor absent.
    pub fn is_readable(&self, source: &Text, kind: Kind, namespace: &Text) -> bool {
        self.column(source, kind, namespace)
            .is_some_and(|c| c.read && !matches!(c.state, SourceState::Forbidden | SourceState::Absent))
    }

    /// Whether the last word on this kind was "not permitted".
    pub fn is_forbidden(&self, source: &Text, kind: Kind, namespace: &Text) -> bool {
        self.column(source, kind, namespace).is_some_and(|c| c.state == SourceState::Forbidden)
    }

    /// Whether nothing is known of this kind yet, good or bad.
    pub fn is_settled(&self, source: &Text, kind: Kind, namespace: &Text) -> bool {
        self.column(source, kind, namespace)
            .is_some_and(|c| c.read || matches!(c.state, SourceState::Forbidden | SourceState::Absent))
    }

    fn column(&self, source: &Text, kind: Kind, namespace: &Text) -> Option<&Column> {
        let columns = &self.sources.get(source)?.columns;
        columns.get(&(kind, Some(Text::clone(namespace)))).or_else(|| columns.get(&(kind, None)))
    }

    /// Lets time pass: a stream silent for too long becomes stale. Returns the views by name and the next moment at
    /// which one would become stale.
    pub fn advance(
        &mut self,
        now: Timestamp,
        silence: impl Fn(&Text) -> SignedDuration,
        objects: &Objects,
    ) -> (Vec<SourceView>, Option<Timestamp>) {
        let mut next: Option<Timestamp> = None;
        let mut views = Vec::with_capacity(self.sources.len());
        for (name, source) in &mut self.sources {
            let limit = silence(name);
            if let Some(polled) = &mut source.polled {
                if let Some(due) = polled.silent_at(limit) {
                    if due <= now {
                        polled.state = SourceState::Stale;
                    } else {
                        next = Some(next.map_or(due, |n| n.min(due)));
                    }
                }
                let view = polled.view(name, source.kind);
                if view.state != source.state || source.since.is_none() {
                    source.state = view.state;
                    source.since = Some(now);
                }
                views.push(SourceView { since: source.since, ..view });
                continue;
            }
            let mut columns = Vec::with_capacity(source.columns.len());
            for ((kind, within), column) in &mut source.columns {
                if column.state == SourceState::Ok
                    && let Some(at) = column.last_success
                {
                    let due = at.checked_add(limit).unwrap_or(at);
                    if due <= now {
                        column.state = SourceState::Stale;
                    } else {
                        next = Some(next.map_or(due, |n| n.min(due)));
                    }
                }
                let scope = Scope { source: Text::clone(name), kind: *kind };
                let (count, unreadable) = objects.count(&scope, within.as_ref());
                columns.push(ColumnView {
                    kind: *kind,
                    namespace: within.clone(),
                    state: column.state,
                    last_success: column.last_success,
                    error: column.error.as_ref().map(|error| Text::clone(&error.text)),
                    error_phrase: column.error.as_ref().and_then(|error| error.phrase.clone()),
                    objects: count,
                    unreadable,
                });
            }
            let state = overall(&columns);
            let (error, error_phrase) = first_error(&columns);
            if state != source.state || source.since.is_none() {
                source.state = state;
                source.since = Some(now);
            }
            views.push(SourceView {
                name: Text::clone(name),
                kind: source.kind,
                state,
                since: source.since,
                last_success: last_success(&columns).or(source.remembered),
                error,
                error_phrase,
                objects: columns.iter().map(|c| c.objects).sum(),
                unreadable: columns.iter().map(|c| c.unreadable).sum(),
                columns,
                budget: None,
            });
        }
        (views, next)
    }
}

impl Column {
    const fn new() -> Self {
        Self { state: SourceState::Starting, last_success: None, error: None, read: false }
    }
}

impl Polled {
    const fn new() -> Self {
        Self {
            state: SourceState::Starting,
            last_success: None,
            error: None,
            objects: 0,
            unreadable: 0,
            budget: None,
        }
    }

    /// As it was stored, or told by the leader.
    fn of(view: &SourceView) -> Self {
        Self {
            state: view.state,
            last_success: view.last_success,
            error: view.said(),
            objects: view.objects,
            unreadable: view.unreadable,
            budget: view.budget.clone(),
        }
    }

    /// When it will have been silent for too long, as far as that can happen to it now.
    fn silent_at(&self, limit: SignedDuration) -> Option<Timestamp> {
        let at = self.last_success.filter(|_| self.state == SourceState::Ok)?;
        Some(at.checked_add(limit).unwrap_or(at))
    }

    fn view(&self, name: &Text, kind: SourceKind) -> SourceView {
        SourceView {
            name: Text::clone(name),
            kind,
            state: self.state,
            since: None,
            last_success: self.last_success,
            error: self.error.as_ref().map(|error| Text::clone(&error.text)),
            error_phrase: self.error.as_ref().and_then(|error| error.phrase.clone()),
            objects: self.objects,
            unreadable: self.unreadable,
            columns: Vec::new(),
            budget: self.budget.clone(),
        }
    }
}

/// What sort of source a name is of: the part before the slash.
pub fn source_kind(name: &str) -> SourceKind {
    match name.split('/').next() {
        Some("argocd") => SourceKind::ArgoCd,
        Some("registry") => SourceKind::Registry,
        Some("forge") => SourceKind::Forge,
        Some("vm") => SourceKind::Vm,
        Some("dns") => SourceKind::Dns,
        _ => SourceKind::Kubernetes,
    }
}

/// A source is as good as its worst stream, but what is not installed does not count, and a forbidden kind only takes
/// its own column away as long as others can be read.
fn overall(columns: &[ColumnView]) -> SourceState {
    let has = |state| columns.iter().any(|c| c.state == state);
    let all = |state: SourceState| {
        columns.iter().filter(|c| c.state != SourceState::Absent).all(|c| c.state == state)
    };
    if columns.is_empty() {
        SourceState::Starting
    } else if columns.iter().all(|c| c.state == SourceState::Absent) {
        SourceState::Absent
    } else if has(SourceState::Failing) {
        SourceState::Failing
    } else if has(SourceState::Stale) {
        SourceState::Stale
    } else if has(SourceState::Starting) {
        SourceState::Starting
    } else if all(SourceState::Forbidden) {
        SourceState::Forbidden
    } else {
        SourceState::Ok
    }
}

/// The oldest among the streams that work: the source is as fresh as its least fresh part.
fn last_success(columns: &[ColumnView]) -> Option<Timestamp> {
    columns
        .iter()
        .filter(|c| !matches!(c.state, SourceState::Absent | SourceState::Forbidden))
        .filter_map(|c| c.last_success)
        .min()
}

fn first_error(columns: &[ColumnView]) -> (Option<Text>, Option<Box<Phrase>>) {
    let failing = columns.iter().filter(|c| c.state != SourceState::Absent).find(|c| c.error.is_some());
    failing.map(|c| (c.error.clone(), c.error_phrase.clone())).unwrap_or_default()
}

/// A stored sentence with its parts.
fn said(text: Option<Text>, phrase: Option<Box<Phrase>>) -> Option<Said> {
    text.map(|text| Said { text, phrase })
}
