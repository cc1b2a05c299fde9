//! As of: the whole view at a moment of the past.

use jiff::Timestamp;
use landfall_model::{
    index::FindingRow,
    view::{Environment, Finding, Pull, SourceView},
};
use sqlx::Connection as _;

use super::{
    Gap, Store, StoreError, rows,
    statement::{finding, frame, source},
    text::{month_of, read, start_of},
};

/// What was known at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PastView {
    pub as_of: Timestamp,
    /// The first moment that can be asked for.
    pub earliest: Timestamp,
    /// By id.
    pub environments: Vec<Environment>,
    /// By id.
    pub pulls: Vec<Pull>,
    /// Those that were open, by id, with what they said then; `until` may be later than `as_of`.
    pub findings: Vec<Finding>,
    /// By name, as each was: tells which were silent.
    pub sources: Vec<SourceView>,
    /// Spans of incomplete history that the moment lies in.
    pub gaps: Vec<Gap>,
}

impl Store {
    /// The view as it was known at `at`; `None` where history does not reach back so far.
    pub async fn as_of(&self, at: Timestamp) -> Result<Option<PastView>, StoreError> {
        let mut conn = self.reader().await?;
        let mut tx = self
            .measure("begin_read", conn.begin_with("begin isolation level repeatable read read only"))
            .await?;
        let Some(earliest) =
            self.measure("earliest", frame::earliest(&mut tx)).await?.filter(|first| at >= *first)
        else {
            return Ok(None);
        };
        let month = start_of(month_of(at));
        let Some(from) = self.measure("keyed_month", frame::keyed_month(&mut tx, month)).await? else {
            return Ok(None);
        };
        let environments = self.measure("environments_as_of", self.environments(&mut tx, at, from)).await?;
        let pulls = self.measure("pulls_as_of", self.pulls_as_of(&mut tx, at, from)).await?;
        let findings = self.measure("findings_as_of", finding::as_of(&mut tx, at)).await?;
        let sources = self.measure("sources_as_of", source::as_of(&mut tx, at)).await?;
        let gaps = self.gaps_on(&mut tx, at).await?;
        self.measure("commit", tx.commit()).await?;
        Ok(Some(PastView {
            as_of: at,
            earliest,
            environments,
            pulls,
            findings: findings
                .iter()
                .filter_map(|row| self.kept(rows::finding(row)))
                .map(|FindingRow { finding, .. }| finding)
                .collect(),
            sources: sources.iter().filter_map(|view| self.kept(read("source", view))).collect(),
            gaps: gaps.into_iter().filter(|gap| gap.from <= at).collect(),
        }))
    }

    /// The first moment that [`Store::as_of`] can answer.
    pub async fn earliest(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut conn = self.reader().await?;
        self.measure("earliest", frame::earliest(&mut conn)).await
    }
}
