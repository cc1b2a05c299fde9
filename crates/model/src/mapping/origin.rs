//! From a preview to its pull request: four ways, in order, never a guess between two.
//!
//! ```text
//!  1 label landfall.dev/pr, Flux's change_request        2 the owning set's generator: provider, repository
//!  3 the template of its name or namespace, its shape    4 the commit that it deploys is a head
//! ```
//!
//! Which pull request it is are two questions, and each is answered by the first way that can: in which repository, and
//! of which number. What stays open is said.

use super::{
    Address, Asked, preview,
    template::{self, Read},
};
use crate::{
    observe::{ApplicationSet, PullRequestGenerator},
    phrase::Said,
    said,
    text::Text,
    view::Traced,
    words::{Confidence, TraceMethod},
};

/// Where a preview comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Host of the forge, where it is told: `github.com`.
    pub host: Option<Text>,
    /// Provider of the generator: `github`, `gitlab`, `gitea`, …
    pub provider: Option<Text>,
    /// Path on the forge.
    pub repository: Option<Text>,
    pub number: Option<u64>,
    pub traced: Traced,
}

/// A pull request that is known from a forge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownPull {
    pub repository: Text,
    pub number: u64,
}

/// What forges know, as far as tracing asks.
pub trait Heads {
    /// Pull requests of which this commit is the head.
    fn with_head(&self, sha: &str) -> Vec<KnownPull>;
    /// Whether there is such a pull request.
    fn is_known(&self, repository: &str, number: u64) -> bool;
}

/// Label that a template writes the head into which the generator saw.
pub(crate) const HEAD_SHA: &str = "landfall.dev/head-sha";

/// A place and who says so.
struct Place {
    host: Option<Text>,
    provider: Option<Text>,
    repository: Text,
}

/// The pull request of a preview. `set` is the ApplicationSet that owns it.
pub(super) fn origin(
    asked: &Asked<'_>,
    set: Option<&ApplicationSet>,
    repository: Option<&str>,
    heads: &dyn Heads,
) -> Origin {
    let numbered = numbered(asked, set);
    let places = places(asked, set, repository);
    let shas = commits(asked);
    match (numbered, places.as_slice()) {
        (Numbered::Is(number, method, by), [place]) => {
            let confidence = match method {
                TraceMethod::Name => Confidence::Likely,
                _ => Confidence::Certain,
            };
            found(place, number, method, confidence, by)
        }
        (Numbered::Is(number, _, by), []) => {
            // The commit may tell the repository, where only one has this number at this head.
            match only(heads_of(heads, &shas).filter(|known| known.number == number)) {
                Some(known) => Origin {
                    host: None,
                    provider: None,
                    repository: Some(known.repository),
                    number: Some(number),
                    traced: traced(TraceMethod::Revision, Confidence::Likely, by_commit()),
                },
                None => Origin { number: Some(number), ..unknown(by) },
            }
        }
        (Numbered::Is(number, _, by), many) => several(many, number, by, &shas, heads),
        (Numbered::Ambiguous(by), _) => match by_revision(&shas, heads) {
            Some(found) => found,
            None => {
                Origin { traced: traced(TraceMethod::Unknown, Confidence::Ambiguous, by), ..unknown_here() }
            }
        },
        (Numbered::No, places) => by_revision(&shas, heads).unwrap_or_else(|| {
            let by = said!("traced-not", "neither label, name nor commit tells the pull request");
            match places {
                [place] => Origin {
                    host: place.host.clone(),
                    provider: place.provider.clone(),
                    repository: Some(Text::clone(&place.repository)),
                    ..unknown(by)
                },
                _ => unknown(by),
            }
        }),
    }
}

enum Numbered {
    Is(u64, TraceMethod, Said),
    Ambiguous(Said),
    No,
}

/// The number: by label, by the template of name or namespace, by the shape of the name.
fn numbered(asked: &Asked<'_>, set: Option<&ApplicationSet>) -> Numbered {
    if let Some((key, number)) = preview::labelled(asked) {
        return Numbered::Is(number, TraceMethod::Label, said!("traced-by-label", "label {key}", key = key));
    }
    if let Some(set) = set.filter(|set| !set.pull_requests.is_empty()) {
        let name = asked.app.owner_set.as_deref().unwrap_or_default();
        match by_template(asked, set) {
            Read::Number(number) => {
                let by = said!(
                    "traced-by-template",
                    "generator and name template of ApplicationSet {set}",
                    set = name
                );
                return Numbered::Is(number, TraceMethod::Generator, by);
            }
            Read::Ambiguous => {
                return Numbered::Ambiguous(said!(
                    "traced-name-ambiguous",
                    "the name template of ApplicationSet {set} can be read in several ways",
                    set = name,
                ));
            }
            Read::Nothing => {}
        }
    }
    match preview::split(&asked.name.name).and_then(|(_, number)| number.parse().ok()) {
        Some(number) => Numbered::Is(number, TraceMethod::Name, said!("traced-by-name", "shape of the name")),
        None => Numbered::No,
    }
}

/// The number in the name, else in the namespace, by the templates that may have made them.
pub(super) fn by_template(asked: &Asked<'_>, set: &ApplicationSet) -> Read {
    let own = set.pull_requests.iter().filter_map(|generator| generator.template_name.as_deref());
    let names = own.chain(set.template_name.as_deref()).map(|template| (template, &*asked.name.name));
    let spaces = set.template_namespace.as_deref().zip(asked.app.destination.namespace.as_deref());
    let mut read = Read::Nothing;
    for (template, name) in names.chain(spaces) {
        match template::number(template, name) {
            found @ Read::Number(_) => return found,
            Read::Ambiguous => read = Read::Ambiguous,
            Read::Nothing => {}
        }
    }
    read
}

/// The repositories that it may be of, each once.
fn places(asked: &Asked<'_>, set: Option<&ApplicationSet>, catalogued: Option<&str>) -> Vec<Place> {
    if let Some(place) = asked.label("landfall.dev/repo").and_then(place_of_url) {
        return vec![place];
    }
    let mut places: Vec<Place> = Vec::new();
    for generator in set.into_iter().flat_map(|set| &set.pull_requests) {
        let place = place_of_generator(generator);
        if !place.repository.is_empty()
            && places.iter().all(|known| (&known.repository, &known.host) != (&place.repository, &place.host))
        {
            places.push(place);
        }
    }
    if places.is_empty() {
        places.extend(catalogued.and_then(place_of_url));
    }
    places
}

/// `https://forge.example/group/project`, with `.git` or without; a bare `owner/repo` as well.
fn place_of_url(url: &str) -> Option<Place> {
    let Address { host, path } = Address::read(url);
    path.contains('/').then(|| Place {
        host: host.map(Text::from),
        provider: None,
        repository: Text::from(path),
    })
}

fn place_of_generator(generator: &PullRequestGenerator) -> Place {
    Place {
        host: Some(host_of(generator)),
        provider: Some(Text::clone(&generator.provider)),
        repository: Text::clone(&generator.repository),
    }
}

/// The host of the forge that a generator asks.
#[must_use]
pub fn host_of(generator: &PullRequestGenerator) -> Text {
    let of_api = generator.api.as_deref().and_then(|api| {
        let (_, rest) = api.split_once("://")?;
        rest.split(['/', '?']).next().filter(|host| !host.is_empty())
    });
    match (of_api, &*generator.provider) {
        (Some("api.github.com"), _) | (None, "github") => Text::from("github.com"),
        (Some("api.bitbucket.org"), _) | (None, "bitbucket") => Text::from("bitbucket.org"),
        (Some(host), _) => Text::from(host.to_ascii_lowercase()),
        (None, "gitlab") => Text::from("gitlab.com"),
        (None, "azuredevops") => Text::from("dev.azure.com"),
        (None, provider) => Text::from(provider),
    }
}

/// Commits that tell what it was made for: the head that the generator saw, and what its sources point at.
fn commits<'a>(asked: &'a Asked<'_>) -> Vec<&'a str> {
    let of_sources = asked.app.sources.iter().filter_map(|source| source.target_revision.as_deref());
    asked.label(HEAD_SHA).into_iter().chain(of_sources).filter(|sha| is_commit(sha)).collect()
}

/// A full commit id.
pub(crate) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn heads_of<'a>(heads: &'a dyn Heads, shas: &'a [&str]) -> impl Iterator<Item = KnownPull> + use<'a> {
    shas.iter().flat_map(|sha| heads.with_head(sha))
}

/// The one that there is, if there is but one.
fn only(found: impl Iterator<Item = KnownPull>) -> Option<KnownPull> {
    let mut all: Vec<KnownPull> = found.collect();
    all.sort();
    all.dedup();
    if all.len() == 1 { all.pop() } else { None }
}

/// The fourth way.
fn by_revision(shas: &[&str], heads: &dyn Heads) -> Option<Origin> {
    let mut all: Vec<KnownPull> = heads_of(heads, shas).collect();
    all.sort();
    all.dedup();
    match all.as_slice() {
        [] => None,
        [known] => Some(Origin {
            host: None,
            provider: None,
            repository: Some(Text::clone(&known.repository)),
            number: Some(known.number),
            traced: traced(TraceMethod::Revision, Confidence::Likely, by_commit()),
        }),
        many => {
            let by = said!("traced-commit-ambiguous", "its commit is the head of several pull requests");
            Some(Origin {
                traced: between(many.iter().map(|it| (&it.repository, it.number)), by),
                ..unknown_here()
            })
        }
    }
}

/// The set looks at several repositories: only what forges know can tell them apart.
fn several(places: &[Place], number: u64, by: Said, shas: &[&str], heads: &dyn Heads) -> Origin {
    let of_commit: Vec<KnownPull> = heads_of(heads, shas).filter(|known| known.number == number).collect();
    let fits = |place: &&Place| of_commit.iter().any(|known| known.repository == place.repository);
    let by_commit: Vec<&Place> = places.iter().filter(fits).collect();
    if let [place] = by_commit.as_slice() {
        return found(place, number, TraceMethod::Generator, Confidence::Likely, by);
    }
    let known: Vec<&Place> = places.iter().filter(|it| heads.is_known(&it.repository, number)).collect();
    let candidates = if known.is_empty() { places.iter().collect() } else { known };
    let by = said!(
        "traced-several",
        "its generators look at several repositories, and each may have a number {number}",
        number = number,
    );
    Origin {
        number: Some(number),
        traced: between(candidates.iter().map(|place| (&place.repository, number)), by),
        ..unknown_here()
    }
}

fn found(place: &Place, number: u64, method: TraceMethod, confidence: Confidence, by: Said) -> Origin {
    Origin {
        host: place.host.clone(),
        provider: place.provider.clone(),
        repository: Some(Text::clone(&place.repository)),
        number: Some(number),
        traced: traced(method, confidence, by),
    }
}

fn traced(method: TraceMethod, confidence: Confidence, by: Said) -> Traced {
    Traced { method, confidence, by, candidates: Vec::new() }
}

fn between<'a>(candidates: impl Iterator<Item = (&'a Text, u64)>, by: Said) -> Traced {
    let candidates = candidates.map(|(repository, number)| Text::from(format!("{repository}#{number}")));
    Traced {
        method: TraceMethod::Unknown,
        confidence: Confidence::Ambiguous,
        by,
        candidates: candidates.collect(),
    }
}

fn by_commit() -> Said {
    said!("traced-by-commit", "the commit that it deploys is the head")
}

fn unknown(by: Said) -> Origin {
    Origin { traced: traced(TraceMethod::Unknown, Confidence::Unknown, by), ..unknown_here() }
}

fn unknown_here() -> Origin {
    Origin {
        host: None,
        provider: None,
        repository: None,
        number: None,
        traced: traced(TraceMethod::Unknown, Confidence::Unknown, Said::from("")),
    }
}
