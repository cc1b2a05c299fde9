//! From the model's types to the columns of statements, and back.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::{Timestamp as Ts, ToSqlx};
use landfall_model::{
    Interner, Text,
    index::{FindingRow, StepTime},
    observe::{Body, ObjectName, Observation, Scope, Unreadable, Version},
    transition::Transition,
    view::SourceView,
    words::{Kind, TransitionKind},
};

use super::{
    Frame, PullFrame, StoreError, Words,
    batch::FindingChange,
    statement::{finding, frame, observation, pull, source, timeline, transition},
    text::{clean, json, read},
};

/// How long a transition's id is remembered: a source tells the same change again within minutes, a restarted
/// replica within its downtime.
const SEEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The same for what lay in a source's own history (Argo CD keeps ten deployments, however old): told at each
/// start.
const OLD_SEEN_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);
/// From this age on a change counts as taken from a source's history.
const OLD: SignedDuration = SignedDuration::from_hours(24);

fn owned(text: &str) -> String {
    clean(text).into_owned()
}

fn optional(text: Option<&Text>) -> Option<String> {
    text.map(|text| owned(text))
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Columns of transitions, numbered from `seq` on. None is noticed after `now`, the database's clock.
pub fn transitions(rows: &[Transition], seq: i64, now: Timestamp) -> Result<transition::Columns, StoreError> {
    let mut columns = transition::Columns::default();
    for (row, seq) in rows.iter().zip(seq..) {
        let noticed_at = row.noticed_at.min(now);
        let keep_for = if noticed_at.duration_since(row.at) > OLD { OLD_SEEN_FOR } else { SEEN_FOR };
        columns.id.push(row.id);
        columns.seq.push(seq);
        columns.at.push(row.at.to_sqlx());
        columns.noticed_at.push(noticed_at.to_sqlx());
        columns.service.push(optional(row.service.as_ref()));
        columns.environment.push(optional(row.environment.as_ref()));
        columns.entity.push(owned(&row.entity));
        columns.kind.push(row.kind.as_str().to_owned());
        columns.was.push(json(&row.from)?);
        columns.now.push(json(&row.to)?);
        columns.detail.push(optional(row.detail.as_ref()));
        columns.phrase.push(row.detail_phrase.as_deref().map(json).transpose()?);
        columns.bad.push(row.bad);
        columns.source.push(owned(&row.source));
        columns.subject.push(owned(&row.subject));
        columns.keep_until.push(now.saturating_add(keep_for).unwrap_or(now).to_sqlx());
    }
    Ok(columns)
}

/// A stored transition. A kind that this version does not know is refused.
pub fn transition(row: timeline::Row) -> Result<Transition, StoreError> {
    let kind = TransitionKind::parse(&row.kind).ok_or_else(|| StoreError::Unreadable {
        what: "transition",
        why: format!("unknown kind {:?}", row.kind),
    })?;
    Ok(Transition {
        id: row.id,
        at: row.at.to_jiff(),
        noticed_at: row.noticed_at.to_jiff(),
        service: row.service.map(Text::from),
        environment: row.environment.map(Text::from),
        entity: row.entity.into(),
        kind,
        from: row.was,
        to: row.now,
        detail: row.detail.map(Text::from),
        // A later version may know sentences that this one does not: the English one stands for them.
        detail_phrase: row.phrase.and_then(|phrase| serde_json::from_value(phrase).ok()),
        bad: row.bad,
        source: row.source.into(),
        subject: row.subject.into(),
    })
}

/// Columns of objects.
pub fn puts<'a>(
    rows: impl IntoIterator<Item = &'a Observation>,
) -> Result<observation::PutColumns, StoreError> {
    let mut columns = observation::PutColumns::default();
    for row in rows {
        columns.source.push(owned(&row.scope.source));
        columns.kind.push(row.scope.kind.as_str().to_owned());
        columns.namespace.push(owned(&row.name.namespace));
        columns.name.push(owned(&row.name.name));
        columns.uid.push(owned(&row.uid));
        columns.epoch.push(row.version.epoch.into());
        columns.resource.push(bigint(row.version.resource));
        columns.noticed_at.push(row.noticed_at.to_sqlx());
        columns.body.push(json(&row.body)?);
    }
    Ok(columns)
}

/// Columns of keys.
pub fn keys<'a>(rows: impl IntoIterator<Item = (&'a Scope, &'a ObjectName)>) -> observation::KeyColumns {
    let mut columns = observation::KeyColumns::default();
    for (scope, name) in rows {
        columns.source.push(owned(&scope.source));
        columns.kind.push(scope.kind.as_str().to_owned());
        columns.namespace.push(owned(&name.namespace));
        columns.name.push(owned(&name.name));
    }
    columns
}

/// A stored object.
pub enum Object {
    Living(Observation),
    Gone(Scope, ObjectName),
}

/// Reads an object; names that repeat are shared through `interner`.
pub fn object(row: &observation::Row, interner: &mut Interner) -> Result<Object, StoreError> {
    let kind = Kind::parse(&row.kind).ok_or_else(|| StoreError::Unreadable {
        what: "object",
        why: format!("unknown kind {:?}", row.kind),
    })?;
    let scope = Scope { source: interner.intern(&row.source), kind };
    let name = ObjectName { namespace: interner.intern(&row.namespace), name: interner.intern(&row.name) };
    let Some(body) = &row.body else { return Ok(Object::Gone(scope, name)) };
    let mut body: Body = read("object", body)?;
    body.share(interner);
    Ok(Object::Living(Observation {
        scope,
        name,
        uid: Text::from(row.uid.as_str()),
        version: Version {
            epoch: u32::try_from(row.version_epoch).unwrap_or_default(),
            resource: u64::try_from(row.version_resource).unwrap_or_default(),
        },
        noticed_at: row.noticed_at.to_jiff(),
        body,
    }))
}

/// A stored object whose body does not read, under its own name.
pub fn unreadable_object(row: &observation::Row, interner: &mut Interner) -> Option<Observation> {
    let why = Text::from("what was stored of it cannot be read by this version");
    Some(Observation {
        scope: Scope { source: interner.intern(&row.source), kind: Kind::parse(&row.kind)? },
        name: ObjectName { namespace: interner.intern(&row.namespace), name: interner.intern(&row.name) },
        uid: Text::from(row.uid.as_str()),
        version: Version::default(),
        noticed_at: row.noticed_at.to_jiff(),
        body: Body::Unreadable(Arc::new(Unreadable { field: Text::from(""), why })),
    })
}

/// Columns of frames, numbered from `seq` on.
pub fn frames(rows: &[Frame], seq: i64) -> Result<frame::Columns, StoreError> {
    let mut columns = frame::Columns::default();
    for (row, seq) in rows.iter().zip(seq..) {
        columns.entity.push(owned(&row.entity));
        columns.at.push(row.at.to_sqlx());
        columns.seq.push(seq);
        columns.view.push(row.view.as_deref().map(json).transpose()?);
    }
    Ok(columns)
}

/// Columns of pull requests' frames, numbered from `seq` on.
pub fn pull_frames(rows: &[PullFrame], seq: i64) -> Result<frame::Columns, StoreError> {
    let mut columns = frame::Columns::default();
    for (row, seq) in rows.iter().zip(seq..) {
        columns.entity.push(format!("pull/{}", owned(&row.id)));
        columns.at.push(row.at.to_sqlx());
        columns.seq.push(seq);
        columns.view.push(row.view.as_deref().map(json).transpose()?);
    }
    Ok(columns)
}

/// Each pull request with its first frame, and whether the last one says that it is gone.
pub fn pulls(rows: &[PullFrame]) -> pull::Columns {
    type Seen<'a> = (Timestamp, Option<Timestamp>, Option<&'a landfall_model::view::Pull>);
    let mut seen: BTreeMap<&str, Seen<'_>> = BTreeMap::new();
    for row in rows {
        let gone = row.view.is_none().then_some(row.at);
        let known = seen.entry(&row.id).or_insert((row.at, None, None));
        known.1 = gone;
        known.2 = row.view.as_deref().or(known.2);
    }
    let mut columns = pull::Columns::default();
    for (id, (first, gone, view)) in seen {
        columns.id.push(owned(id));
        columns.repository.push(view.and_then(|view| optional(view.repository.as_ref())));
        columns.number.push(view.and_then(|view| view.number).map(bigint));
        columns.first.push(first.to_sqlx());
        columns.gone.push(gone.map(ToSqlx::to_sqlx));
    }
    columns
}

/// Columns of steps.
pub fn step_times(rows: &[StepTime]) -> pull::StepColumns {
    let ms = |span: SignedDuration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let mut columns = pull::StepColumns::default();
    for row in rows {
        columns.id.push(row.id);
        columns.pull.push(owned(&row.pull));
        columns.repository.push(optional(row.repository.as_ref()));
        columns.service.push(optional(row.service.as_ref()));
        columns.environment.push(optional(row.environment.as_ref()));
        columns.commit.push(optional(row.commit.as_ref()));
        columns.step.push(row.step.as_str().to_owned());
        columns.at.push(row.at.to_sqlx());
        columns.took_ms.push(row.took.map(ms));
        columns.in_all_ms.push(row.in_all.map(ms));
        columns.exact.push(row.exact);
        columns.stuck.push(row.stuck);
    }
    columns
}

/// Columns of findings' words, numbered from `seq` on.
pub fn words(
    rows: &[Words],
    seq: i64,
    clamp: impl Fn(Timestamp) -> Timestamp,
) -> Result<frame::Columns, StoreError> {
    let mut columns = frame::Columns::default();
    for (row, seq) in rows.iter().zip(seq..) {
        columns.entity.push(format!("finding/{}", owned(&row.finding.id)));
        columns.at.push(clamp(row.at).to_sqlx());
        columns.seq.push(seq);
        columns.view.push(Some(json(&row.finding)?));
    }
    Ok(columns)
}

/// Columns of the list of environments.
#[derive(Default)]
pub struct EntityColumns {
    pub id: Vec<String>,
    pub first: Vec<Ts>,
    pub gone: Vec<Option<Ts>>,
}

/// Each environment with its first frame, and whether the last one says that it is gone.
pub fn entities(rows: &[Frame]) -> EntityColumns {
    let mut seen: BTreeMap<&str, (Timestamp, Option<Timestamp>)> = BTreeMap::new();
    for row in rows {
        let gone = row.view.is_none().then_some(row.at);
        seen.entry(&row.entity).and_modify(|known| known.1 = gone).or_insert((row.at, gone));
    }
    let mut columns = EntityColumns::default();
    for (id, (first, gone)) in seen {
        columns.id.push(owned(id));
        columns.first.push(first.to_sqlx());
        columns.gone.push(gone.map(ToSqlx::to_sqlx));
    }
    columns
}

/// Columns of findings.
pub fn findings(rows: &[FindingChange]) -> Result<finding::Columns, StoreError> {
    let mut columns = finding::Columns::default();
    for FindingChange { row: FindingRow { finding, open }, opened } in rows {
        columns.id.push(owned(&finding.id));
        columns.rule.push(finding.rule.as_str().to_owned());
        columns.severity.push(finding.severity.as_str().to_owned());
        columns.subject_kind.push(finding.subject.kind.as_str().to_owned());
        columns.subject_name.push(owned(&finding.subject.name));
        columns.service.push(optional(finding.service.as_ref()));
        columns.environment.push(optional(finding.environment.as_ref()));
        columns.since.push(finding.since.to_sqlx());
        columns.opened_at.push(finding.opened_at.to_sqlx());
        columns.until.push(finding.until.map(ToSqlx::to_sqlx));
        columns.opened.push(*opened);
        columns.open.push(*open);
        columns.body.push(json(finding)?);
    }
    Ok(columns)
}

/// A stored finding; the time of its first opening is that of the row.
pub fn finding(row: &finding::Row) -> Result<FindingRow, StoreError> {
    let mut finding: landfall_model::view::Finding = read("finding", &row.body)?;
    if row.open {
        finding.opened_at = row.opened_at.to_jiff();
    }
    Ok(FindingRow { finding, open: row.open })
}

/// A stored source, with its newest sign of life.
pub fn source(row: &source::Row) -> Result<SourceView, StoreError> {
    let mut view: SourceView = read("source", &row.view)?;
    view.last_success = view.last_success.max(row.last_success.map(Ts::to_jiff));
    Ok(view)
}

/// Columns of sources.
#[derive(Default)]
pub struct SourceColumns {
    pub name: Vec<String>,
    pub view: Vec<String>,
    pub last_success: Vec<Option<Ts>>,
}

/// The newest word of each source in a batch.
pub fn newest_sources<'a>(
    rows: impl IntoIterator<Item = &'a Arc<SourceView>>,
) -> Result<SourceColumns, StoreError> {
    let newest: BTreeMap<&str, &Arc<SourceView>> = rows.into_iter().map(|view| (&*view.name, view)).collect();
    let mut columns = SourceColumns::default();
    for (name, view) in newest {
        columns.name.push(owned(name));
        columns.view.push(json(&**view)?);
        columns.last_success.push(view.last_success.map(ToSqlx::to_sqlx));
    }
    Ok(columns)
}
