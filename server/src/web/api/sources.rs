//! `/api/v1/sources`.

use jiff::Timestamp;
use landfall_model::{
    Text,
    query::{List, sources},
    view as model,
};

use super::{
    Ask, Format, Reply,
    csv::{Table, cell, maybe},
    types,
    view::{self, Around},
};
use crate::web::Problem;

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Sources).await?;
    let page = sources::sources(&view.prepared, &view.query);
    // For a past view ages are those of then.
    let now = view.query.at.as_ref().map_or(view.now, |moment| moment.at);
    let items: Vec<_> = page.items.iter().map(|found| source(found, now)).collect();
    if ask.format == Format::Csv {
        let mut table = Table::new(&[
            "name",
            "kind",
            "state",
            "last_success",
            "age_seconds",
            "error",
            "objects",
            "unreadable",
        ]);
        for s in &items {
            table.row([
                cell(&s.name),
                cell(s.kind),
                cell(s.state),
                maybe(s.last_success),
                maybe(s.age_seconds),
                maybe(s.error.as_ref()),
                cell(s.objects),
                cell(s.unreadable),
            ]);
        }
        return Ok(view::table(&view, table, page.next.as_ref()));
    }
    view::list(&view, &items, Around::of(&page))
}

fn source(s: &model::SourceView, now: Timestamp) -> types::Source {
    let columns = s.columns.iter().map(|c| types::Column {
        kind: c.kind,
        namespace: c.namespace.clone(),
        state: c.state,
        last_success: c.last_success,
        error: c.error.clone(),
        objects: c.objects,
        unreadable: c.unreadable,
    });
    types::Source {
        name: Text::clone(&s.name),
        kind: s.kind,
        state: s.state,
        since: s.since,
        last_success: s.last_success,
        age_seconds: s.last_success.map(|last| now.duration_since(last).as_secs().max(0)),
        error: s.error.clone(),
        objects: s.objects,
        unreadable: s.unreadable,
        budget: s.budget.as_ref().map(|budget| u64::from(budget.left)),
        budget_per_minute: s.budget.as_ref().map(|budget| budget.per_minute),
        budget_limit: s.budget.as_ref().and_then(|budget| budget.limit),
        budget_remaining: s.budget.as_ref().and_then(|budget| budget.remaining),
        budget_resets_at: s.budget.as_ref().and_then(|budget| budget.resets_at),
        blocked_until: s.budget.as_ref().and_then(|budget| budget.blocked_until),
        blocked_by: s.budget.as_ref().and_then(|budget| budget.blocked_by.clone()),
        columns: columns.collect(),
    }
}
