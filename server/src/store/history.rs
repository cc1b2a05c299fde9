//! The timeline: transitions with filters, their histogram and counts, and findings that ended.

use std::time::Duration;

use jiff::Timestamp;
use landfall_model::{Text, transition::Transition, view::Finding, words::TransitionKind};
use sqlx::PgConnection;

use super::{
    Cursor, Gap, Store, StoreError,
    load::kept,
    rows,
    statement::{finding, timeline},
    text::clean,
};

/// Most rows of one page.
const MOST: u32 = 1_000;

/// Which transitions to show. An empty list or `None` sets no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Any of these services.
    pub services: Vec<String>,
    /// Any of these environments.
    pub environments: Vec<String>,
    /// An environment's id or a source's name.
    pub entity: Option<String>,
    pub kinds: Vec<TransitionKind>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Words to be found in any of the texts, whatever their case.
    pub q: Option<String>,
    pub cursor: Option<Cursor>,
    /// Rows of a page: 1 to 1,000; 0 means 50.
    pub limit: u32,
}

/// One page of a list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// One page of findings that ended.
pub type ClosedFindings = Page<Finding>;

/// One bar of the histogram: changes from `start` on for the width that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    pub start: Timestamp,
    pub good: u64,
    pub bad: u64,
}

/// How many changes of a kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindCount {
    pub kind: TransitionKind,
    pub count: u64,
}

/// The lists as the statements take them: cleaned, and absent instead of empty.
struct Lists {
    services: Option<Vec<String>>,
    environments: Option<Vec<String>>,
    kinds: Option<Vec<String>>,
    entity: Option<String>,
    text: Option<String>,
}

impl Lists {
    fn of(query: &HistoryQuery) -> Self {
        let list = |from: &[String]| {
            (!from.is_empty()).then(|| from.iter().map(|text| clean(text).into_owned()).collect::<Vec<_>>())
        };
        Self {
            services: list(&query.services),
            environments: list(&query.environments),
            kinds: (!query.kinds.is_empty())
                .then(|| query.kinds.iter().map(|kind| kind.as_str().to_owned()).collect()),
            entity: query.entity.as_deref().map(|text| clean(text).into_owned()),
            text: query
                .q
                .as_deref()
                .map(str::trim)
                .filter(|q| !q.is_empty())
                .map(|text| clean(text).into_owned()),
        }
    }

    fn filter(&self, query: &HistoryQuery) -> timeline::Filter<'_> {
        timeline::Filter {
            services: self.services.as_deref(),
            environments: self.environments.as_deref(),
            kinds: self.kinds.as_deref(),
            entity: self.entity.as_deref(),
            since: query.since,
            until: query.until,
            text: self.text.as_deref(),
        }
    }
}

fn rows_of(limit: u32) -> u32 {
    if limit == 0 { 50 } else { limit.min(MOST) }
}

impl Store {
    /// One page of transitions, newest first by when they happened.
    pub async fn history(&self, query: &HistoryQuery) -> Result<Page<Transition>, StoreError> {
        let before = match &query.cursor {
            Some(cursor) => Some((cursor.at(), cursor.seq()?)),
            None => None,
        };
        let limit = rows_of(query.limit);
        let lists = Lists::of(query);
        let mut conn = self.reader().await?;
        // One row more tells whether there is a next page.
        let newest = timeline::newest(&mut conn, lists.filter(query), before, i64::from(limit) + 1);
        let mut found = self.measure("history", newest).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next =
            found.last().filter(|_| more).map(|last| Cursor::new(last.at.to_jiff(), last.seq.to_string()));
        let items = found.into_iter().filter_map(|row| kept(rows::transition(row))).collect();
        Ok(Page { items, next })
    }

    /// How much changed in each span of `bucket` (at least a second) between `since` and `until`, for better
    /// and for worse; spans without a change are left out. Services, environments and kinds of `query` apply.
    pub async fn history_histogram(
        &self,
        query: &HistoryQuery,
        since: Timestamp,
        until: Timestamp,
        bucket: Duration,
    ) -> Result<Vec<Bucket>, StoreError> {
        let lists = Lists::of(query);
        let seconds = bucket.as_secs_f64().max(1.0);
        let mut conn = self.reader().await?;
        let histogram = timeline::histogram(&mut conn, lists.filter(query), since, until, seconds);
        let bars = self.measure("history_histogram", histogram).await?;
        Ok(bars
            .into_iter()
            .map(|bar| Bucket {
                start: bar.start.to_jiff(),
                good: bar.good.cast_unsigned(),
                bad: bar.bad.cast_unsigned(),
            })
            .collect())
    }

    /// How many transitions of each kind there are. Times, services, environments and entity of `query`
    /// apply.
    pub async fn counts_by_kind(&self, query: &HistoryQuery) -> Result<Vec<KindCount>, StoreError> {
        let lists = Lists::of(query);
        let mut conn = self.reader().await?;
        let counts = self.measure("counts_by_kind", timeline::counts(&mut conn, lists.filter(query))).await?;
        Ok(counts
            .into_iter()
            .filter_map(|(kind, count)| {
                Some(KindCount { kind: TransitionKind::parse(&kind)?, count: count.cast_unsigned() })
            })
            .collect())
    }

    /// Findings that were open and ended, newest end first.
    pub async fn findings_closed(
        &self,
        service: Option<&str>,
        cursor: Option<&Cursor>,
        limit: u32,
    ) -> Result<ClosedFindings, StoreError> {
        let limit = rows_of(limit);
        let service = service.map(clean);
        let mut conn = self.reader().await?;
        let closed = finding::closed(
            &mut conn,
            cursor.map(|cursor| (cursor.at(), cursor.key())),
            service.as_deref(),
            i64::from(limit) + 1,
        );
        let mut found = self.measure("findings_closed", closed).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let items: Vec<Finding> =
            found.iter().filter_map(|row| kept(rows::finding(row))).map(|row| row.finding).collect();
        let next = items
            .last()
            .filter(|_| more)
            .and_then(|last| Some(Cursor::new(last.until?, Text::clone(&last.id).to_string())));
        Ok(Page { items, next })
    }

    /// Spans of incomplete history that end at or after `since`, oldest first.
    pub async fn gaps(&self, since: Timestamp) -> Result<Vec<Gap>, StoreError> {
        let mut conn = self.reader().await?;
        self.gaps_on(&mut conn, since).await
    }

    pub(super) async fn gaps_on(
        &self,
        conn: &mut PgConnection,
        since: Timestamp,
    ) -> Result<Vec<Gap>, StoreError> {
        let gaps = self.measure("gaps", timeline::gaps(conn, since)).await?;
        Ok(gaps
            .into_iter()
            .map(|row| Gap {
                from: row.from_at.to_jiff(),
                until: row.until_at.to_jiff(),
                lost: row.lost.cast_unsigned(),
                why: Text::from(row.why),
            })
            .collect())
    }
}
