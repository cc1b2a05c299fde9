//! Repositories of images by query: who uses them, where, and what of them runs.

mod standing;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{
    FilterKey, Page, Prepared, Query, SortKey,
    page::{SortedBy, cut, position},
    search::{self, Terms},
    spec::NO_TEAM,
};
use crate::{
    text::Text,
    view::{Environment, ImageView, Service, Snapshot},
};

pub use standing::{NO_POLICY, policies};

/// A repository with everything that uses it.
#[derive(Debug, Clone)]
pub struct Repository {
    /// As images name it: `registry.example/hosting/control-panel`.
    pub name: Text,
    /// By service, environments in the order of the columns, previews last.
    pub uses: Vec<Use>,
}

/// One environment that uses a repository.
#[derive(Debug, Clone)]
pub struct Use {
    pub service: Arc<Service>,
    pub environment: Arc<Environment>,
    /// Place among the environment's other images; `None`: it is the primary one.
    other: Option<usize>,
}

/// Something of a repository that runs: a tag with its digest, as far as pods tell them.
#[derive(Debug, Clone, PartialEq)]
pub struct Runs {
    pub tag: Option<Text>,
    pub digest: Option<Text>,
    pub pods: u32,
    pub ready: u32,
    /// Places in [`Repository::uses`], with the pods of each there.
    pub uses: Vec<(usize, u32)>,
}

impl Repository {
    /// Where an image runs now: one whose digest is among these.
    pub fn running_any<'a>(&'a self, digests: &'a [&'a str]) -> impl Iterator<Item = &'a Use> {
        let is = |digest: &Option<Text>| digest.as_deref().is_some_and(|digest| digests.contains(&digest));
        self.uses.iter().filter(move |one| one.image().running.iter().any(|running| is(&running.digest)))
    }
}

impl Use {
    /// The image of this repository there.
    ///
    /// # Panics
    ///
    /// Never: the place was taken from this very environment.
    #[must_use]
    pub fn image(&self) -> &ImageView {
        match self.other {
            Some(at) => &self.environment.other_images[at],
            None => self.environment.image.as_ref().expect("the primary image that it was made from"),
        }
    }

    /// Whether it is the environment's primary image.
    #[must_use]
    pub fn is_primary(&self) -> bool {
        self.other.is_none()
    }

    /// Whether something runs there that is not meant.
    #[must_use]
    pub fn differs(&self) -> bool {
        let image = self.image();
        let meant = |tag: &Option<Text>, digest: &Option<Text>| {
            image.meant.iter().any(|m| {
                (m.tag.is_some() && m.tag == *tag && m.digest.is_none())
                    || (m.digest.is_some() && m.digest == *digest)
            })
        };
        !image.meant.is_empty() && image.running.iter().any(|r| !meant(&r.tag, &r.digest))
    }
}

impl Repository {
    /// What runs of it, most pods first; what is only meant is not there.
    #[must_use]
    pub fn running(&self) -> Vec<Runs> {
        let mut all: BTreeMap<(&Option<Text>, &Option<Text>), Runs> = BTreeMap::new();
        for (at, one) in self.uses.iter().enumerate() {
            for running in &one.image().running {
                let runs = all.entry((&running.tag, &running.digest)).or_insert_with(|| Runs {
                    tag: running.tag.clone(),
                    digest: running.digest.clone(),
                    pods: 0,
                    ready: 0,
                    uses: Vec::new(),
                });
                runs.pods += running.pods;
                runs.ready += running.ready;
                runs.uses.push((at, running.pods));
            }
        }
        let mut all: Vec<Runs> = all.into_values().collect();
        all.sort_by_key(|runs| std::cmp::Reverse(runs.pods));
        all
    }

    /// Pods that run it.
    #[must_use]
    pub fn pods(&self) -> u32 {
        self.uses.iter().flat_map(|one| &one.image().running).map(|running| running.pods).sum()
    }

    /// Services that use it, each once.
    #[must_use]
    pub fn services(&self) -> Vec<&Arc<Service>> {
        let mut services: Vec<&Arc<Service>> = self.uses.iter().map(|one| &one.service).collect();
        services.dedup_by(|a, b| a.name == b.name);
        services
    }

    /// When what runs changed last, anywhere.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.uses.iter().filter_map(|one| one.image().since).max()
    }
}

/// Every repository of a snapshot, by name.
pub(super) fn all(snapshot: &Snapshot) -> Vec<Repository> {
    let mut found: BTreeMap<&Text, Vec<Use>> = BTreeMap::new();
    for service in &snapshot.services {
        for environment in &service.environments {
            let others = environment.other_images.iter().enumerate().map(|(at, image)| (Some(at), image));
            for (other, image) in environment.image.iter().map(|image| (None, image)).chain(others) {
                let (service, environment) = (Arc::clone(service), Arc::clone(environment));
                found.entry(&image.repository).or_default().push(Use { service, environment, other });
            }
        }
    }
    found.into_iter().map(|(name, uses)| Repository { name: Text::clone(name), uses }).collect()
}

/// The repository of this name.
pub fn repository<'a>(prepared: &'a Prepared, name: &str) -> Option<&'a Repository> {
    let all = prepared.repositories();
    all.binary_search_by(|one| (*one.name).cmp(name)).ok().map(|at| &all[at])
}

/// Repositories that a query chooses.
pub fn images<'a>(prepared: &'a Prepared, query: &Query) -> Page<&'a Repository> {
    let terms = Terms::new(&query.q);
    let says = |one: &&Repository| terms.is_empty() || terms.fit(&search::repository(one));
    let now = prepared.snapshot.as_of.unwrap_or(Timestamp::MAX);
    let found: Vec<&Repository> = prepared.repositories().iter().filter(says).collect();
    let facets = query
        .list
        .filters()
        .into_iter()
        .map(|(key, _)| {
            let mut counts: BTreeMap<Text, usize> = BTreeMap::new();
            for one in &found {
                let uses = one.uses.iter().filter(|one| fits(one, query, Some(key), now));
                let mut values: Vec<Text> = uses.filter_map(|one| value(one, key, now)).collect();
                values.sort_unstable();
                values.dedup();
                for value in values {
                    *counts.entry(value).or_default() += 1;
                }
            }
            super::Facet::new(query, key, counts)
        })
        .collect();
    let chosen = found.into_iter().filter(|one| one.uses.iter().any(|use_| fits(use_, query, None, now)));
    let mut chosen: Vec<&Repository> = chosen.collect();
    let key = |one: &Repository| position((0, ""), value_to_sort_by(one, query, now), &one.name);
    let reverse = query.sort.reverse;
    chosen.sort_by_cached_key(|one| SortedBy { position: key(one), reverse });
    let cut = cut(query, chosen.len(), |i| key(chosen[i]));
    Page {
        total: chosen.len(),
        first: cut.range.start,
        items: chosen[cut.range].to_vec(),
        item_groups: Vec::new(),
        groups: Vec::new(),
        facets,
        next: cut.next,
        prev: cut.prev,
    }
}

/// Whether a use passes every filter but that of `but`.
fn fits(one: &Use, query: &Query, but: Option<FilterKey>, now: Timestamp) -> bool {
    let mut keys = query.filters.keys().copied().filter(|key| Some(*key) != but);
    keys.all(|key| value(one, key, now).is_some_and(|value| query.admits(key, &value)))
}

fn value(one: &Use, key: FilterKey, now: Timestamp) -> Option<Text> {
    match key {
        FilterKey::Service => Some(Text::clone(&one.service.name)),
        FilterKey::Team => Some(one.service.owner.clone().unwrap_or_else(|| Text::from(NO_TEAM))),
        FilterKey::Env if one.environment.preview => Some(Text::from(super::spec::ANY_PREVIEW)),
        FilterKey::Env => Some(Text::clone(&one.environment.name)),
        FilterKey::State => Some(Text::from(one.standing(now).as_str())),
        FilterKey::Policy => Some(Text::from(one.policy())),
        _ => None,
    }
}

fn value_to_sort_by<'a>(one: &'a Repository, query: &Query, now: Timestamp) -> (i64, &'a str) {
    let turn = |number: i64| if query.sort.reverse { -number } else { number };
    match query.sort.key {
        SortKey::Since => (one.since().map_or(i64::MAX, |at| turn(-at.as_microsecond())), ""),
        SortKey::State => (one.worst(now).map_or(i64::MAX, |(standing, _)| turn(standing as i64)), ""),
        _ => (0, &one.name),
    }
}
