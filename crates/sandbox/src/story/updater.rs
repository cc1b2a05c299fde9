//! Image Updater: looks at the registry every half minute and writes what its policy picks to the Applications.
//!
//! It does what the real one does with three of its policies, mistakes included: dates are those of the image's own
//! configuration, are read once for each tag, and what was pushed last means nothing to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fleet::{Fleet, Thing};
use super::images::{path, split};
use super::step::Step;
use crate::build::application::Initiator;
use crate::build::updater::{Reference, Updater, Written};

/// Seconds between two looks.
pub(crate) const INTERVAL_S: i64 = 30;

/// How the next image is picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The latest `created` of the images' own configurations; of equal ones the last by name.
    NewestBuild,
    /// The last by name, in bytes.
    Alphabetical,
    /// The highest of three numbers; anything else is left out.
    Semver,
}

impl Policy {
    const fn name(self) -> &'static str {
        match self {
            Self::NewestBuild => "newest-build",
            Self::Alphabetical => "alphabetical",
            Self::Semver => "semver",
        }
    }
}

/// An image that it looks after.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub unit: usize,
    pub policy: Policy,
    /// Pattern of tags. Without `regexp:` before it none fits; there are no others in the story.
    pub allow: Option<String>,
}

/// The object of one Argo CD with its memory.
#[derive(Clone, Debug)]
pub(crate) struct Looking {
    pub argo: usize,
    pub watched: Vec<Watched>,
    pub object: Updater,
    /// When each tag's image says it was built, by repository and tag: read once, and kept.
    dates: BTreeMap<(String, String), String>,
}

impl Looking {
    pub fn new(argo: usize, name: &str, created: Timestamp, watched: Vec<Watched>) -> Self {
        let object = Updater {
            name: name.to_owned(),
            created,
            generation: 1,
            references: Vec::new(),
            checked: None,
            recent: Vec::new(),
            changed: 0,
        };
        Self { argo, watched, object, dates: BTreeMap::new() }
    }
}

impl Fleet {
    /// Whether Image Updater deploys a unit.
    pub fn is_watched(&self, unit: usize) -> bool {
        self.updaters.iter().flat_map(|one| &one.watched).any(|watched| watched.unit == unit)
    }

    /// The object as it is meant from now on.
    pub fn put_updater(&mut self, nth: usize) {
        let references: Vec<Reference> = self.updaters[nth]
            .watched
            .iter()
            .map(|watched| {
                let unit = &self.units[watched.unit];
                Reference {
                    application: unit.app.name.clone(),
                    repository: split(&unit.meant).0.to_owned(),
                    strategy: watched.policy.name(),
                    allow: watched.allow.clone(),
                }
            })
            .collect();
        let looking = &mut self.updaters[nth];
        looking.object.references = references;
        let (argo, object) = (looking.argo, looking.object.object());
        self.put_fixed(argo, object);
    }

    /// One look, and the next one half a minute later.
    pub fn look_and_go_on(&mut self, nth: usize) {
        self.look(nth);
        self.after(INTERVAL_S, Step::Look(nth));
    }

    /// One look: each image gets what its policy picks.
    pub fn look(&mut self, nth: usize) {
        let mut written = Vec::new();
        for watched in self.updaters[nth].watched.clone() {
            let unit = &self.units[watched.unit];
            if !unit.exists || unit.app.deleted.is_some() || unit.busy {
                continue;
            }
            let Some((repository, live)) = unit.app.images.first().map(|image| split(image)) else {
                continue;
            };
            let (repository, live) = (repository.to_owned(), live.to_owned());
            let already = split(&unit.meant).1.to_owned();
            let Some(tag) = self.pick(nth, &watched, &repository) else { continue };
            if tag != live && tag != already {
                written.push(Written { repository, from: live, to: tag.clone(), at: self.now });
                self.write_image(watched.unit, &tag, written.last());
            }
        }
        let looking = &mut self.updaters[nth];
        looking.object.checked = Some(self.now);
        looking.object.changed = written.len();
        if !written.is_empty() {
            looking.object.recent = written;
        }
        self.put_updater(nth);
    }

    /// The tag that comes last by the policy.
    fn pick(&mut self, nth: usize, watched: &Watched, repository: &str) -> Option<String> {
        if watched.allow.as_deref().is_some_and(|allow| allow != "any") {
            return None;
        }
        let tags = self.images.registry.tags(path(repository)).into_iter();
        match watched.policy {
            Policy::Alphabetical => tags.map(|(tag, _)| tag).max(),
            Policy::Semver => {
                tags.filter_map(|(tag, _)| Some((numbers(&tag)?, tag))).max().map(|(_, tag)| tag)
            }
            Policy::NewestBuild => {
                let dates = &mut self.updaters[nth].dates;
                let built = tags.filter_map(|(tag, digest)| {
                    let key = (repository.to_owned(), tag.clone());
                    if !dates.contains_key(&key) {
                        dates.insert(key.clone(), self.images.registry.created(&digest)?);
                    }
                    Some((dates.get(&key)?.parse::<Timestamp>().ok()?, tag))
                });
                built.max().map(|(_, tag)| tag)
            }
        }
    }

    /// The Application gets another image in its spec, over what Git says; Argo CD syncs it.
    fn write_image(&mut self, at: usize, tag: &str, written: Option<&Written>) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.flaw = None;
        unit.busy = true;
        unit.meant = unit.with_tag(tag);
        unit.app.image = Some(unit.meant.clone());
        unit.app.image_written = Some(now);
        let image = unit.meant.clone();
        self.put(Thing::App(at));
        if let Some(written) = written {
            self.events += 1;
            let event = written.event(&self.units[at].app, self.events);
            let argo = self.units[at].argo;
            self.put_event(argo, event);
        }
        self.set_sync(at, "OutOfSync");
        self.put_app(at);
        self.after(2, Step::Begin(at, Initiator::Automated));
        self.after(5, Step::Apply(at, image));
    }

    /// The policy of a unit's image from now on. Only who is watched has one.
    pub fn set_policy(&mut self, unit: usize, policy: Policy, allow: Option<&str>) {
        for nth in 0..self.updaters.len() {
            let looking = &mut self.updaters[nth];
            let Some(watched) = looking.watched.iter_mut().find(|watched| watched.unit == unit) else {
                continue;
            };
            watched.policy = policy;
            watched.allow = allow.map(str::to_owned);
            looking.object.generation += 1;
            self.put_updater(nth);
        }
    }

    /// The Image Updater of a unit looks at once.
    pub fn look_at_once(&mut self, unit: usize) {
        for nth in 0..self.updaters.len() {
            if self.updaters[nth].watched.iter().any(|watched| watched.unit == unit) {
                self.look(nth);
            }
        }
    }
}

/// `1.27.3`, `v1.27.3`
fn numbers(tag: &str) -> Option<[u64; 3]> {
    let mut parts = tag.strip_prefix('v').unwrap_or(tag).split('.').map(str::parse::<u64>);
    let mut next = || parts.next()?.ok();
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some(found)
}
