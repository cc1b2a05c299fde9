//! `/api/v1/search`: what was seen at registries, by tag, digest or commit, now and in the past.

use jiff::Timestamp;
use landfall_model::{
    Text,
    query::{Cursor, List, Needle, ParamError, Part, Prepared, images},
    said,
};

use super::{
    Ask, Reply,
    images::RunningThere,
    schema::api_type,
    view::{self, Around},
};
use crate::{
    store::Found,
    web::{Problem, history},
};

/// How far one can go on: of each way to fit some thousands are looked at.
const FURTHEST: u32 = 20_000;

api_type! {
    /// A tag that pointed at a digest and fits what was searched for.
    FoundSighting {
        /// Registry and path.
        repository: Text,
        /// The tag.
        tag: Text,
        /// `sha256:…`.
        digest: Text,
        /// What fits: `digest`, `tag`, `commit` (within the tag) or `revision` (the image's label).
        matched: Text,
        /// Commit that the image says it was built from.
        revision: Option<Text>,
        /// When the image was built, by its own word.
        created: Option<Timestamp>,
        /// When it was first seen so.
        first_seen: Timestamp,
        /// When it was last seen so.
        last_seen: Timestamp,
        /// When it was seen not to be so any more.
        ended_at: Option<Timestamp>,
        /// `poll`, `webhook` or `vendor`.
        seen_by: Text,
        /// Where it runs, at the moment of the view.
        running: Vec<RunningThere>,
    }
}

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Images).await?;
    let store = ask.state.history.as_deref().ok_or_else(history::no_database)?;
    let q = &view.query.q;
    let Some(needle) = Needle::read(q) else {
        // Several words are a mistake; one that no tag begins with finds nothing.
        if q.contains(char::is_whitespace) {
            return Err(wrong("q", needed()));
        }
        return view::list(
            &view,
            &Vec::<FoundSighting>::new(),
            Around { total: Some(0), ..Around::default() },
        );
    };
    let offset = match view.query.cursor.as_ref().map(|cursor| cursor.key.as_slice()) {
        None => 0,
        Some([Part::Number(offset)]) => u32::try_from(*offset)
            .ok()
            .filter(|offset| *offset <= FURTHEST)
            .ok_or_else(|| wrong("cursor", foreign()))?,
        Some(_) => return Err(wrong("cursor", foreign())),
    };
    let limit = u32::try_from(view.query.limit).unwrap_or(100);
    let page = store.find_sightings(&needle, view.as_of, offset, limit).await?;
    let end = u64::from(offset) + page.items.len() as u64;
    let next = (end < page.total && !page.items.is_empty()).then(|| Cursor {
        order: view.query.order(),
        before: false,
        key: vec![Part::Number(i64::try_from(end).unwrap_or(i64::MAX))],
    });
    // Where not all were looked at, nobody knows how many there are.
    let total = (!page.is_partial).then(|| usize::try_from(page.total).unwrap_or(usize::MAX));
    let items: Vec<FoundSighting> =
        page.items.into_iter().map(|found| sighting(&view.prepared, found)).collect();
    view::list(&view, &items, Around { total, next, ..Around::default() })
}

fn wrong(field: &str, detail: landfall_model::phrase::Said) -> Problem {
    ParamError { field: field.to_owned(), detail }.into()
}

fn needed() -> landfall_model::phrase::Said {
    said!(
        "search-needs",
        "must be one word: the beginning of a tag, or six or more digits of a digest or commit"
    )
}

fn foreign() -> landfall_model::phrase::Said {
    said!("cursor-foreign", "is not one of ours; start again without it")
}

fn sighting(prepared: &Prepared, found: Found) -> FoundSighting {
    let digests: Vec<&str> =
        found.platforms.iter().chain([&found.sighting.digest]).map(String::as_str).collect();
    let repository = images::repository(prepared, &found.repository);
    let running = repository.iter().flat_map(|repository| repository.running_any(&digests));
    let there = |one: &images::Use| {
        let is = |digest: &Option<Text>| digest.as_deref().is_some_and(|it| digests.contains(&it));
        RunningThere {
            service: Text::clone(&one.service.name),
            environment: Text::clone(&one.environment.name),
            id: Text::clone(&one.environment.id),
            pods: one.image().running.iter().filter(|it| is(&it.digest)).map(|it| it.pods).sum(),
        }
    };
    let running = running.map(there).collect();
    FoundSighting {
        matched: found.how.as_str().into(),
        running,
        repository: found.repository.into(),
        tag: found.sighting.tag.into(),
        digest: found.sighting.digest.into(),
        revision: found.revision.map(Text::from),
        created: found.sighting.created,
        first_seen: found.sighting.first_seen,
        last_seen: found.sighting.last_seen,
        ended_at: found.sighting.ended_at,
        seen_by: found.sighting.seen_by.into(),
    }
}
