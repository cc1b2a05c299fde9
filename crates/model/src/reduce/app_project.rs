//! Argo CD AppProjects.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    lax::{List, Must, Obj, Str},
    meta::{Meta, Metadata},
    strings::Strings,
};
use crate::{
    observe::{AppProject, Body, Unreadable},
    words::Kind,
};

/// Most namespaces of one project.
const LIMIT: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
    #[serde(borrow, default)]
    spec: Obj<Spec<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(borrow, default)]
    source_namespaces: List<Str<'a>>,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        let namespaces = self.spec.0.source_namespaces.0;
        Ok(Some(Body::AppProject(Arc::new(AppProject {
            created: self.metadata.creation_timestamp.0,
            source_namespaces: namespaces.iter().take(LIMIT).filter_map(|n| strings.maybe(&n.0)).collect(),
        }))))
    }
}
