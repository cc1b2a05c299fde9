//! The edge: text in, observations out. Nothing else of an object goes further.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
};

use landfall_model::{
    Interner,
    observe::{Body, ObjectName, Observation, Unreadable, Version},
    reduce::{self, Meta, Reduced},
};

use prometheus_client::metrics::counter::Counter;

use super::resource::Plan;
use crate::clock;

/// Reduces objects of one plan.
#[derive(Debug)]
pub struct Edge<'a> {
    pub plan: &'a Plan,
    pub epoch: u32,
    pub interner: &'a Mutex<Interner>,
    /// Counts panics that were caught.
    pub panics: &'a Counter,
}

impl Edge<'_> {
    /// The reduced object, or why it does not even say its name.
    pub fn reduce(&self, text: &str) -> Result<Reduced, String> {
        let scope = &self.plan.scope;
        let reduced = guarded(self.panics, || {
            let mut interner = self.interner.lock().unwrap_or_else(PoisonError::into_inner);
            reduce::reduce(scope.kind, &scope.source, text, self.epoch, clock::now(), &mut interner)
        });
        if let Some(result) = reduced {
            return result.map_err(|nameless| nameless.to_string());
        }
        tracing::error!(kind = %scope.kind, "reducing an object panicked; it is shown as unreadable");
        let why = "an internal error while reading it";
        let meta = guarded(self.panics, || reduce::meta(text)).flatten().ok_or(why)?;
        let observation = self.unreadable(&meta, why);
        Ok(Reduced { meta, observation: Some(observation), left_out: 0 })
    }

    /// An object of which no more than its name is known.
    pub fn unreadable(&self, meta: &Meta, why: &str) -> Observation {
        let mut interner = self.interner.lock().unwrap_or_else(PoisonError::into_inner);
        Observation {
            scope: self.plan.scope.clone(),
            name: ObjectName {
                namespace: interner.intern(&meta.namespace),
                name: interner.intern(&meta.name),
            },
            uid: meta.uid.as_str().into(),
            version: Version { epoch: self.epoch, resource: meta.resource_version },
            noticed_at: clock::now(),
            body: Body::Unreadable(Unreadable { field: "".into(), why: why.into() }.into()),
        }
    }

    /// An object of which not even the name is known: it stands under the place where it was found. No name of
    /// Kubernetes has brackets or blanks.
    pub fn unnamed(&self, place: &str, why: &str) -> Observation {
        let meta = Meta {
            // A list of one namespace replaces what is in it.
            namespace: self.plan.within.as_deref().unwrap_or_default().to_owned(),
            name: format!("(no name, {place})"),
            ..Meta::default()
        };
        self.unreadable(&meta, why)
    }

    /// An object that could not be read, under its name if it has one, else under its place.
    pub fn known_as(&self, meta: Option<&Meta>, place: impl FnOnce() -> String, why: &str) -> Observation {
        match meta {
            Some(meta) => self.unreadable(meta, why),
            None => self.unnamed(&place(), why),
        }
    }
}

/// What `work` gives; `None` if it panics, which is counted and ends nothing.
fn guarded<T>(panics: &Counter, work: impl FnOnce() -> T) -> Option<T> {
    let done = catch_unwind(AssertUnwindSafe(work));
    if done.is_err() {
        panics.inc();
    }
    done.ok()
}

/// Whether an object stands under its place instead of a name.
pub fn is_unnamed(observation: &Observation) -> bool {
    observation.name.name.starts_with("(no name, ")
}

/// Where in a list an object without a name stands.
pub fn place_in_list(items: &[Observation]) -> String {
    let unnamed = items.iter().rev().take_while(|item| is_unnamed(item)).count();
    let after = match items.iter().rev().find(|item| !is_unnamed(item)) {
        Some(item) => format!("after {}", item.name),
        None => "at the beginning".to_owned(),
    };
    if unnamed == 0 { after } else { format!("{after}, number {}", unnamed + 1) }
}

/// What is said of an object that is larger than allowed.
pub fn too_large(limit: usize) -> String {
    format!("is larger than {} MiB: `object_mib` in [limits]", limit >> 20)
}

/// Sorts by name, so that the same list makes the same change whatever the order it came in.
pub fn by_name(items: &mut [Observation]) {
    items.sort_by(|a, b| a.name.cmp(&b.name));
}

#[cfg(test)]
mod tests {
    use landfall_model::{
        observe::Scope,
        words::{Kind, SourceKind},
    };

    use super::*;
    use crate::watch::resource::Resource;

    #[test]
    fn a_panic_is_counted_and_ends_nothing() {
        let panics = Counter::default();
        assert_eq!(guarded(&panics, || 7), Some(7));
        assert_eq!(guarded(&panics, || -> u8 { panic!("as an object might make us") }), None);
        assert_eq!(panics.get(), 1);
    }

    #[test]
    fn what_has_no_name_stands_under_its_place() {
        let plan = Plan {
            scope: Scope { source: "cluster/prod".into(), kind: Kind::Pod },
            source_kind: SourceKind::Kubernetes,
            resource: Resource::of(Kind::Pod),
            within: None,
        };
        let interner = Mutex::new(Interner::default());
        let panics = Counter::default();
        let edge = Edge { plan: &plan, epoch: 3, interner: &interner, panics: &panics };
        let mut items = Vec::new();
        for name in [None, Some("a"), None, None] {
            let meta = name.map(|name: &str| Meta { name: name.into(), ..Meta::default() });
            let item = edge.known_as(meta.as_ref(), || place_in_list(&items), "why");
            items.push(item);
        }
        let names: Vec<String> = items.iter().map(|item| item.name.name.to_string()).collect();
        assert_eq!(
            names,
            ["(no name, at the beginning)", "a", "(no name, after a)", "(no name, after a, number 2)"]
        );
    }
}
