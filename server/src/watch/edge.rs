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

use super::resource::Plan;
use crate::clock;

/// Reduces objects of one plan.
#[derive(Debug)]
pub struct Edge<'a> {
    pub plan: &'a Plan,
    pub epoch: u32,
    pub interner: &'a Mutex<Interner>,
}

impl Edge<'_> {
    /// The reduced object, or `None` for what does not even say its name.
    pub fn reduce(&self, text: &str) -> Option<Reduced> {
        let scope = &self.plan.scope;
        let mut interner = self.interner.lock().unwrap_or_else(PoisonError::into_inner);
        let reduced = catch_unwind(AssertUnwindSafe(|| {
            reduce::reduce(scope.kind, &scope.source, text, self.epoch, clock::now(), &mut interner)
        }));
        match reduced {
            Ok(Ok(reduced)) => Some(reduced),
            Ok(Err(nameless)) => {
                tracing::debug!(%nameless, "an object was skipped");
                None
            }
            Err(_) => {
                tracing::error!(kind = %scope.kind, "reducing an object panicked; it is shown as unreadable");
                let meta = catch_unwind(|| reduce::meta(text)).ok()??;
                let observation = self.unreadable(&meta, "an internal error while reading it", &mut interner);
                Some(Reduced { meta, observation: Some(observation), left_out: 0 })
            }
        }
    }

    /// What can be said of an object whose JSON is cut off: its name, if that came before the cut.
    pub fn salvage(&self, text: &str) -> Option<Observation> {
        let metadata = text.split_once(r#""metadata":{"#)?.1;
        let value = |key: &str| {
            let (value, _) = metadata.split_once(&format!(r#""{key}":""#))?.1.split_once('"')?;
            (!value.contains('\\')).then(|| value.to_owned())
        };
        let meta = Meta {
            namespace: value("namespace").unwrap_or_default(),
            name: value("name")?,
            uid: value("uid").unwrap_or_default(),
            resource_version: value("resourceVersion")?.parse().ok()?,
        };
        let mut interner = self.interner.lock().unwrap_or_else(PoisonError::into_inner);
        Some(self.unreadable(&meta, "the JSON ends early", &mut interner))
    }

    fn unreadable(&self, meta: &Meta, why: &str, interner: &mut Interner) -> Observation {
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
    fn a_cut_object_keeps_its_name() {
        let plan = Plan {
            scope: Scope { source: "cluster/prod".into(), kind: Kind::Pod },
            source_kind: SourceKind::Kubernetes,
            resource: Resource::of(Kind::Pod),
            within: None,
        };
        let interner = Mutex::new(Interner::default());
        let edge = Edge { plan: &plan, epoch: 3, interner: &interner };
        let line = r#"{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"7","lab"#;
        let salvaged = edge.salvage(line).unwrap();
        assert_eq!(
            (salvaged.name.to_string().as_str(), salvaged.version),
            ("n/a", Version { epoch: 3, resource: 7 })
        );
        assert!(matches!(salvaged.body, Body::Unreadable(_)));
        assert!(edge.salvage(r#"{"type":"ADDED","object":{"metadata":{"na"#).is_none());
        assert!(edge.salvage("garbage").is_none());
    }
}
