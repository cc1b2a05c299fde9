//! What a picture says: of what it is, its parts with their states, and of which moment.

use jiff::tz::TimeZone;
use landfall_app::{
    components::{attribute, preview_word, short_digest, state_word, step_name},
    lang::Lang,
};
use landfall_model::{
    query::{images, previews},
    view::{Environment, ImageView, Pull, Snapshot},
    words::{PreviewState, State, StepState},
};

use crate::web::AppState;

/// Rows that fit.
const ROWS: usize = 4;
/// Pictures are drawn in letters that Japanese has not.
const LANG: Lang = Lang::En;

/// A picture before it is drawn. Its texts may hold anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// What kind of thing it is.
    pub kind: String,
    pub title: String,
    /// Said below the title, in a smaller hand.
    pub about: String,
    pub rows: Vec<Row>,
    /// Where it stands among its six steps; only of pull requests.
    pub steps: Vec<(String, Mark)>,
    /// Of which moment it is.
    pub moment: String,
}

/// One line: a state, of what, and what runs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub mark: Mark,
    pub name: String,
    pub word: String,
    pub value: String,
}

/// A state by colour and shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A disc.
    Good,
    /// Two wedges.
    Moving,
    /// A triangle.
    Odd,
    /// A diamond.
    Bad,
    /// A ring.
    Quiet,
}

impl Face {
    /// The picture of the page at this path, without its first slash; `None`: there is no such page, or no picture of it.
    pub fn of(state: &AppState, path: &str) -> Option<Self> {
        let snapshot = state.live();
        let zone = &state.settings.review.zone;
        let moment = moment(state.now(), zone);
        if let Some(name) = path.strip_prefix("services/") {
            return service(&snapshot, name, moment);
        }
        if let Some(name) = path.strip_prefix("images/") {
            return repository(state, name, moment);
        }
        let (forge, rest) = match path.strip_prefix("forge/") {
            Some(rest) => rest.split_once("/pr/").map(|(forge, rest)| (Some(forge), rest))?,
            None => (None, path.strip_prefix("pr/")?),
        };
        let (repository, number) = rest.rsplit_once('/')?;
        let pull = crate::web::pages::find_pull(&snapshot, forge, repository, number.parse().ok()?)?;
        Some(of_pull(&snapshot, pull, moment))
    }
}

fn moment(now: jiff::Timestamp, zone: &TimeZone) -> String {
    now.to_zoned(zone.clone()).strftime("as of %a %-d %b %Y %H:%M %Z").to_string()
}

fn service(snapshot: &Snapshot, name: &str, moment: String) -> Option<Face> {
    let service = snapshot.service(name)?;
    let lasting = || service.environments.iter().filter(|e| !e.preview);
    let owner = service.owner.as_deref().map(attribute);
    let count = match service.previews().count() {
        0 => None,
        1 => Some("1 preview".to_owned()),
        n => Some(format!("{n} previews")),
    };
    let about = owner.into_iter().chain(count).collect::<Vec<_>>().join(", ");
    Some(Face {
        kind: "service".to_owned(),
        title: attribute(&service.name),
        about,
        rows: lasting().take(ROWS).map(|e| row(snapshot, e, attribute(&e.name), e.image.as_ref())).collect(),
        steps: Vec::new(),
        moment,
    })
}

fn repository(state: &AppState, name: &str, moment: String) -> Option<Face> {
    let prepared = state.prepared();
    let repository = images::repository(&prepared, name)?;
    let (registry, path) = name.split_once('/').unwrap_or(("", name));
    let lasting = repository.uses.iter().filter(|one| !one.environment.preview);
    let row_of = |one: &images::Use| {
        let name = format!("{} {}", attribute(&one.service.name), attribute(&one.environment.name));
        row(&prepared.snapshot, &one.environment, name, Some(one.image()))
    };
    Some(Face {
        kind: "image".to_owned(),
        title: attribute(path),
        about: attribute(registry),
        rows: lasting.take(ROWS).map(row_of).collect(),
        steps: Vec::new(),
        moment,
    })
}

fn row(snapshot: &Snapshot, environment: &Environment, name: String, image: Option<&ImageView>) -> Row {
    let word = state_word(LANG, environment.state).into_owned();
    let (mark, word) = if snapshot.is_stale(environment) {
        (Mark::Quiet, format!("was {word}"))
    } else {
        (mark_of(environment.state), word)
    };
    Row { mark, name, word, value: image.and_then(tag).unwrap_or_default() }
}

const fn mark_of(state: State) -> Mark {
    match state {
        State::Healthy => Mark::Good,
        State::Progressing => Mark::Moving,
        State::Degraded | State::Missing => Mark::Bad,
        State::Drifted | State::Suspended => Mark::Odd,
        State::Unknown | State::None => Mark::Quiet,
    }
}

/// What most pods run, else what is meant to.
fn tag(image: &ImageView) -> Option<String> {
    let running = image.running.first().map(|r| (&r.tag, &r.digest));
    let (tag, digest) = running.or_else(|| image.meant.first().map(|m| (&m.tag, &m.digest)))?;
    tag.as_deref().map(attribute).or_else(|| digest.as_deref().map(short_digest))
}

fn of_pull(snapshot: &Snapshot, pull: &Pull, moment: String) -> Face {
    let number = pull.number.unwrap_or_default();
    let repository = attribute(pull.repository.as_deref().unwrap_or_default());
    let title = pull.request.as_ref().map(|request| attribute(&request.title));
    let stale = previews::is_stale(pull, snapshot);
    let rows = pull.previews.iter().take(ROWS).map(|preview| {
        let word = preview_word(LANG, preview.state).into_owned();
        let (mark, word) = match preview.state {
            _ if stale => (Mark::Quiet, format!("was {word}")),
            PreviewState::Ready => (Mark::Good, word),
            PreviewState::Stuck => (Mark::Bad, word),
            PreviewState::Leftover => (Mark::Odd, word),
            PreviewState::Going | PreviewState::Waiting => (Mark::Moving, word),
            PreviewState::Unknown | PreviewState::None | PreviewState::Ended => (Mark::Quiet, word),
        };
        let waits = preview.waits.as_ref().map(|waits| attribute(&waits.sentence.text));
        let name = attribute(preview.service.as_deref().unwrap_or("preview"));
        Row { mark, name, word, value: waits.unwrap_or_default() }
    });
    let steps = pull.previews.first().into_iter().flat_map(|preview| &preview.steps).map(|step| {
        let mark = match step.state {
            StepState::Done => Mark::Good,
            StepState::Now => Mark::Moving,
            StepState::Stuck => Mark::Bad,
            StepState::Ahead | StepState::Skipped | StepState::Unknown => Mark::Quiet,
        };
        // The name in one word, as wide as its place.
        let name = step_name(LANG, step.kind);
        (name.split(' ').next().unwrap_or_default().to_owned(), mark)
    });
    Face {
        kind: "pull request".to_owned(),
        about: title.as_ref().map_or_else(|| repository.clone(), |_| format!("#{number} of {repository}")),
        title: title.unwrap_or_else(|| format!("#{number}")),
        rows: rows.collect(),
        steps: steps.collect(),
        moment,
    }
}
