//! Objects by scope and name, whatever order they arrive in.
//!
//! Each object's place is a small lattice: the highest version wins, a deletion leaves a grave with its version, and a
//! complete list sets a floor below which nothing that it did not hold can come back. Applying the same set of truthful
//! messages in any order, with repeats, therefore ends in the same contents.

use std::collections::{BTreeMap, HashMap};

use crate::{
    observe::{Body, ObjectName, Observation, Scope, Version},
    text::Text,
};

/// What a message did to one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Older than what is known, or the same again.
    Stale,
    /// Newer version, same body: nothing to tell anybody.
    Refreshed,
    /// The body is new or different; the previous one is given.
    Changed { previous: Option<Body> },
    /// The object is gone.
    Removed { previous: Body },
}

/// All objects of all scopes.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    scopes: HashMap<Scope, ScopeObjects>,
}

#[derive(Debug, Clone, Default)]
struct ScopeObjects {
    live: BTreeMap<ObjectName, Observation>,
    graves: HashMap<ObjectName, Version>,
    /// Version of the last list, per namespace that was listed; `None` = everywhere.
    floors: HashMap<Option<Text>, Version>,
    /// How many live ones are unreadable.
    unreadable: u64,
}

impl ScopeObjects {
    fn floor(&self, namespace: &Text) -> Version {
        let everywhere = self.floors.get(&None).copied().unwrap_or_default();
        self.floors.get(&Some(Text::clone(namespace))).copied().unwrap_or_default().max(everywhere)
    }
}

/// Whether `new` cannot be newer than `known`. A resource version of zero means "not told": then nothing is known about
/// the order, and the newcomer wins.
fn not_newer(new: Version, known: Version) -> bool {
    new.resource != 0 && new <= known
}

fn is_unreadable(body: &Body) -> u64 {
    u64::from(matches!(body, Body::Unreadable(_)))
}

impl Objects {
    /// Takes one object in.
    pub fn apply(&mut self, mut observation: Observation) -> Effect {
        let scope = self.scopes.entry(observation.scope.clone()).or_default();
        if let Some(held) = scope.live.get_mut(&observation.name) {
            if not_newer(observation.version, held.version) {
                return Effect::Stale;
            }
            held.version = observation.version;
            if held.uid == observation.uid && held.body == observation.body {
                return Effect::Refreshed;
            }
            scope.unreadable += is_unreadable(&observation.body);
            let previous = std::mem::replace(&mut held.body, observation.body);
            scope.unreadable -= is_unreadable(&previous);
            held.uid = observation.uid;
            held.noticed_at = observation.noticed_at;
            return Effect::Changed { previous: Some(previous) };
        }
        let grave = scope.graves.get(&observation.name).copied().unwrap_or_default();
        let floor = scope.floor(&observation.name.namespace);
        if not_newer(observation.version, grave) || not_newer(observation.version, floor) {
            return Effect::Stale;
        }
        scope.graves.remove(&observation.name);
        // The map's key and the observation share their strings.
        let name = observation.name.clone();
        observation.name = name.clone();
        scope.unreadable += is_unreadable(&observation.body);
        scope.live.insert(name, observation);
        Effect::Changed { previous: None }
    }

    /// Takes a deletion in.
    pub fn delete(&mut self, scope: &Scope, name: &ObjectName, version: Version) -> Effect {
        let objects = self.scopes.entry(scope.clone()).or_default();
        match objects.live.get(name) {
            Some(held) if version.resource != 0 && version < held.version => Effect::Stale,
            held => {
                let known = held.is_some();
                let grave = objects.graves.entry(name.clone()).or_default();
                *grave = (*grave).max(version);
                match known.then(|| objects.live.remove(name)).flatten() {
                    Some(gone) => {
                        objects.unreadable -= is_unreadable(&gone.body);
                        Effect::Removed { previous: gone.body }
                    }
                    None => Effect::Stale,
                }
            }
        }
    }

    /// Takes a complete list in: every object of it is applied, and what it does not hold and is not newer than it is
    /// gone. Returns the effect on each name that was touched.
    pub fn reset(
        &mut self,
        scope: &Scope,
        within: Option<&Text>,
        items: Vec<Observation>,
        version: Version,
    ) -> Vec<(ObjectName, Effect)> {
        let objects = self.scopes.entry(scope.clone()).or_default();
        let floor = objects.floors.get(&within.cloned()).copied().unwrap_or_default();
        let outdated = not_newer(version, floor) && version != floor;
        let mut effects = Vec::new();
        if !outdated {
            let listed: std::collections::HashSet<&ObjectName> =
                items.iter().map(|item| &item.name).collect();
            let gone: Vec<ObjectName> = objects
                .live
                .iter()
                .filter(|(name, held)| {
                    within.is_none_or(|namespace| name.namespace == *namespace)
                        && !listed.contains(name)
                        && (version.resource == 0 || held.version <= version)
                })
                .map(|(name, _)| name.clone())
                .collect();
            for name in gone {
                if let Some(held) = objects.live.remove(&name) {
                    objects.unreadable -= is_unreadable(&held.body);
                    effects.push((name, Effect::Removed { previous: held.body }));
                }
            }
        }
        for item in items {
            let name = item.name.clone();
            let effect = self.apply(item);
            if effect != Effect::Stale {
                effects.push((name, effect));
            }
        }
        if !outdated {
            let objects = self.scopes.entry(scope.clone()).or_default();
            objects.floors.insert(within.cloned(), version);
            objects.graves.retain(|name, grave| {
                within.is_some_and(|namespace| name.namespace != *namespace) || *grave > version
            });
        }
        effects
    }

    /// The object of this name.
    pub fn get(&self, scope: &Scope, name: &ObjectName) -> Option<&Observation> {
        self.scopes.get(scope)?.live.get(name)
    }

    /// All objects of a scope, by name.
    pub fn of(&self, scope: &Scope) -> impl Iterator<Item = (&ObjectName, &Observation)> {
        self.scopes.get(scope).into_iter().flat_map(|objects| &objects.live)
    }

    /// How many objects a scope holds within a namespace (`None` = everywhere), and how many of them are unreadable.
    pub fn count(&self, scope: &Scope, within: Option<&Text>) -> (u64, u64) {
        let Some(objects) = self.scopes.get(scope) else { return (0, 0) };
        let Some(namespace) = within else { return (objects.live.len() as u64, objects.unreadable) };
        objects
            .live
            .iter()
            .filter(|(name, _)| name.namespace == *namespace)
            .fold((0, 0), |(all, broken), (_, held)| (all + 1, broken + is_unreadable(&held.body)))
    }

    /// All scopes that were ever seen.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.keys()
    }
}
