//! The question of a page, and the view it is asked of.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_app::data::{Facet, FacetOption, Pager};
use landfall_model::query::{self, FilterKey, List, Page, ParamError, Prepared, Query, pairs};
use landfall_model::{
    view::{Finding, Snapshot},
    words::Rule,
};

use super::Ask;
use crate::web::{Problem, history};

/// Rows of a page that does not say how many, and what may be chosen.
pub(super) const ROWS: usize = 50;
pub(super) const ROW_CHOICES: &[usize] = &[25, 50, 100, 200];

/// A view with its moment.
pub(super) struct View {
    pub prepared: Arc<Prepared>,
    /// The past moment that is shown; `None`: now.
    pub at: Option<Timestamp>,
}

impl Ask {
    /// The query of a list. `own` are parameters that the page reads itself. Every wrong one is named.
    pub(super) fn query(&self, list: List, own: &[&str]) -> Result<Query, Problem> {
        self.query_or(list, own, &[])
    }

    /// The same, with what is asked for where the address does not say it. A place in the list belongs to an order, so the
    /// list must be ordered by these before that is read.
    pub(super) fn query_or(
        &self,
        list: List,
        own: &[&str],
        defaults: &[(&str, &str)],
    ) -> Result<Query, Problem> {
        let mut asked = self.asked(own);
        for (key, value) in defaults.iter().filter(|(key, _)| self.params.get(key).is_none()) {
            asked.push(((*key).to_owned(), (*value).to_owned()));
        }
        let parsed = Query::parse(list, &asked, &self.state.reckoning());
        if !parsed.errors.is_empty() {
            return Err(Problem::parameters(parsed.errors));
        }
        let mut query = parsed.query;
        if self.params.get("limit").is_none() {
            query.limit = ROWS;
        }
        Ok(query)
    }

    fn asked(&self, own: &[&str]) -> Vec<(String, String)> {
        let mut asked = pairs(self.params.on("").trim_start_matches('?'));
        asked.retain(|(key, value)| !(own.contains(&key.as_str()) || key == "group" && value == "none"));
        asked
    }

    /// A moment that the page reads itself.
    pub(super) fn moment(&self, key: &str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.params.get(key) else { return Ok(None) };
        self.state
            .reckoning()
            .parse(text)
            .map(Some)
            .map_err(|error| Problem::from(ParamError { field: key.to_owned(), detail: error.said() }))
    }

    /// The live view, or that of the query's moment.
    pub(super) async fn view(&self, at: Option<Timestamp>) -> Result<View, Problem> {
        let Some(at) = at else {
            return Ok(View { prepared: self.state.prepared(), at: None });
        };
        let store = self.state.history.as_deref().ok_or_else(history::no_database)?;
        let past = self.state.past.get(store, at, self.state.now(), &self.state.live()).await?;
        Ok(View { prepared: Arc::clone(&past.prepared), at: Some(at) })
    }
}

/// Facets of these keys, in this order, those without a value left out.
pub(super) fn facets(facets: &[query::Facet], keys: &[FilterKey]) -> Vec<Facet> {
    keys.iter()
        .filter_map(|key| facets.iter().find(|facet| facet.key == *key))
        .filter(|facet| !facet.values.is_empty())
        .map(|facet| Facet {
            key: facet.key.as_str(),
            options: facet
                .values
                .iter()
                .take(200)
                .map(|value| FacetOption {
                    value: Arc::clone(&value.value),
                    count: Some(value.count),
                    chosen: value.selected,
                })
                .collect(),
        })
        .collect()
}

/// Which part of a list a page shows.
pub(super) fn pager<T>(page: &Page<T>, limit: usize) -> Pager {
    let shown = page.items.len();
    Pager {
        from: if shown == 0 { 0 } else { page.first + 1 },
        to: page.first + shown,
        total: page.total,
        limit,
        limits: ROW_CHOICES.to_vec(),
        next: page.next.as_ref().map(query::Cursor::encode),
        previous: page.prev.as_ref().map(query::Cursor::encode),
    }
}

/// What is told first of one service: the worst, in the environment that stands first, with the sharper rule before
/// `out-of-sync`, the newest before the older.
pub(super) fn weight(finding: &Finding, snapshot: &Snapshot) -> impl Ord + use<> {
    let place = finding
        .environment
        .as_ref()
        .and_then(|name| snapshot.environment_order.iter().position(|known| known == name))
        .unwrap_or(usize::MAX);
    (
        finding.severity,
        place,
        finding.rule == Rule::OutOfSync,
        std::cmp::Reverse(finding.since),
        Arc::clone(&finding.id),
    )
}
