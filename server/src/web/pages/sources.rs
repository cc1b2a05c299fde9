//! `/sources`.

use std::collections::BTreeMap;

use landfall_app::{data::Sources, pages};
use landfall_model::{
    Text,
    query::{List, sources::sources},
};

use super::Ask;
use crate::web::Problem;

pub(super) async fn page(ask: &Ask) -> Result<String, Problem> {
    let mut query = ask.query(List::Sources, &[])?;
    query.limit = landfall_model::query::MAX_LIMIT;
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let snapshot = &view.prepared.snapshot;
    let mut resting: BTreeMap<Text, usize> = BTreeMap::new();
    for service in &snapshot.services {
        let mut of: Vec<&Text> = service.environments.iter().flat_map(|e| &e.sources).collect();
        of.sort_unstable();
        of.dedup();
        for source in of {
            *resting.entry(Text::clone(source)).or_default() += 1;
        }
    }
    let data = Sources { sources: sources(&view.prepared, &query).items, resting };
    Ok(pages::sources(&data, &ask.shell(snapshot, view.at, None)))
}
