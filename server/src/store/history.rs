//! The timeline: transitions with filters, their histogram and counts, and findings that ended.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use landfall_model::{Text, phrase::Said, transition::Transition, view::Finding, words::TransitionKind};
use sqlx::PgConnection;

use crate::clock;

use super::{
    Cursor, Gap, Store, StoreError,
    batch::GAP_ENTITY,
    commit::count,
    rows,
    statement::{finding, timeline},
    text::clean,
};

/// The newest span that is searched for words; each further one is twice as long.
const FIRST_SPAN: SignedDuration = SignedDuration::from_hours(6);
/// When a search pauses until somebody asks for more.
const SEARCH_FOR: Duration = Duration::from_millis(1_500);

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
    /// How long to search for words before the page is given as it is; `None`: one and a half seconds.
    pub patience: Option<Duration>,
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
    gap: [String; 1],
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
            gap: [TransitionKind::Gap.as_str().to_owned()],
        }
    }

    /// Gaps, where the list is narrowed to somebody and the kinds leave them in: what is missing may have been theirs.
    fn gaps(&self, query: &HistoryQuery) -> Option<timeline::Filter<'_>> {
        let narrowed = self.services.is_some() || self.environments.is_some() || self.entity.is_some();
        let wanted = query.kinds.is_empty() || query.kinds.contains(&TransitionKind::Gap);
        (narrowed && wanted && self.entity.as_deref() != Some(GAP_ENTITY)).then_some(timeline::Filter {
            entity: Some(GAP_ENTITY),
            kinds: Some(&self.gap),
            services: None,
            environments: None,
            ..self.filter(query)
        })
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
    /// One page of transitions, newest first by when they happened. Gaps stand in every list, see [`Gap`].
    ///
    /// With [`HistoryQuery::q`] a page may hold fewer rows than asked for, or none, and still have a next one: no index
    /// helps with words, so a page stops searching after [`HistoryQuery::patience`] and the next goes on from there.
    pub async fn history(&self, query: &HistoryQuery) -> Result<Page<Transition>, StoreError> {
        let before = match &query.cursor {
            Some(cursor) => Some((cursor.at(), cursor.seq()?)),
            None => None,
        };
        let limit = rows_of(query.limit) as usize;
        let lists = Lists::of(query);
        let mut conn = self.reader().await?;
        // One row more tells whether there is a next page.
        let (mut found, stopped_at) = if lists.text.is_some() {
            self.search(&mut conn, query, &lists, before, limit + 1).await?
        } else {
            let newest = timeline::newest(&mut conn, lists.filter(query), before, count(limit + 1));
            (self.measure("history", newest).await?, None)
        };
        if let Some(gaps) = lists.gaps(query) {
            let newest = timeline::newest(&mut conn, gaps, before, count(limit + 1));
            let gaps = self.measure("history_gaps", newest).await?;
            // Below what was searched through, they belong to the next page.
            let down_to = stopped_at.unwrap_or(Timestamp::MIN);
            found.extend(gaps.into_iter().filter(|gap| gap.at.to_jiff() >= down_to));
            found.sort_by_key(|row| std::cmp::Reverse((row.at.to_jiff(), row.seq)));
        }
        let next = if found.len() > limit {
            found.truncate(limit);
            found.last().map(|last| Cursor::new(last.at.to_jiff(), last.seq.to_string()))
        } else {
            // All rows at that very moment were looked at; sequence numbers begin with one.
            stopped_at.map(|at| Cursor::new(at, "0"))
        };
        let items = found.into_iter().filter_map(|row| self.kept(rows::transition(row))).collect();
        Ok(Page { items, next })
    }

    /// Looks for words in ever longer spans of time, newest first, until `wanted` rows are found, history ends or it
    /// takes too long; then also says down to which moment all was looked at.
    async fn search(
        &self,
        conn: &mut PgConnection,
        query: &HistoryQuery,
        lists: &Lists,
        mut before: Option<(Timestamp, i64)>,
        wanted: usize,
    ) -> Result<(Vec<timeline::Row>, Option<Timestamp>), StoreError> {
        let patience = query.patience.unwrap_or(SEARCH_FOR);
        let Some(oldest) = self.measure("oldest_transition", timeline::oldest(conn)).await? else {
            return Ok((Vec::new(), None));
        };
        let floor = query.since.map_or(oldest, |since| since.max(oldest));
        let started = Instant::now();
        let mut top = before.map(|(at, _)| at).or(query.until).unwrap_or_else(clock::now);
        let mut span = FIRST_SPAN;
        let mut found = Vec::new();
        loop {
            let bottom = top.saturating_sub(span).unwrap_or(floor).max(floor);
            let filter = timeline::Filter { since: Some(bottom), ..lists.filter(query) };
            let newest = timeline::newest(conn, filter, before, count(wanted - found.len()));
            match self.measure("history_search", newest).await {
                Ok(rows) => found.extend(rows),
                // What is found is worth more than an error; the next page tries this span again, alone.
                Err(StoreError::TooSlow(_)) if span > FIRST_SPAN => return Ok((found, Some(top))),
                Err(error) => return Err(error),
            }
            if found.len() >= wanted || bottom <= floor {
                return Ok((found, None));
            }
            if started.elapsed() > patience {
                return Ok((found, Some(bottom)));
            }
            before = Some((bottom, 0));
            top = bottom;
            span = span.saturating_mul(2);
        }
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
        let mut counts =
            self.measure("counts_by_kind", timeline::counts(&mut conn, lists.filter(query))).await?;
        if let Some(gaps) = lists.gaps(query) {
            let all = self.measure("counts_gaps", timeline::counts(&mut conn, gaps)).await?;
            counts.extend(all.into_iter().filter(|(kind, _)| kind == TransitionKind::Gap.as_str()));
            counts.sort();
        }
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
            found.iter().filter_map(|row| self.kept(rows::finding(row))).map(|row| row.finding).collect();
        let next = items
            .last()
            .filter(|_| more)
            .and_then(|last| Some(Cursor::new(last.until?, Text::clone(&last.id).to_string())));
        Ok(Page { items, next })
    }

    /// How many findings were open and ended between `since` and `until`.
    pub async fn count_findings_closed(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let mut conn = self.reader().await?;
        let count = finding::count_closed(&mut conn, since, until);
        Ok(self.measure("count_findings_closed", count).await?.cast_unsigned())
    }

    /// How many findings opened in a span of time, whether or not they ended since.
    pub async fn count_findings_opened(&self, since: Timestamp, until: Timestamp) -> Result<u64, StoreError> {
        let mut conn = self.reader().await?;
        let count = finding::count_opened(&mut conn, since, until);
        Ok(self.measure("count_findings_opened", count).await?.cast_unsigned())
    }

    /// Spans of incomplete history that end at or after `since`, oldest first. Each also has its line in
    /// [`Store::history`], under the same id: see [`Gap`] for which of the two a page shows.
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
                why: Said {
                    text: Text::from(row.why),
                    phrase: row.phrase.and_then(|phrase| serde_json::from_value(phrase).ok()),
                },
            })
            .collect())
    }
}
