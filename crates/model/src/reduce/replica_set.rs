//! ReplicaSets: metadata is all that is read, so that a watch may ask for metadata alone.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    lax::Must,
    meta::{Meta, Metadata},
    strings::Strings,
};
use crate::{
    observe::{Body, ReplicaSet, Unreadable},
    words::Kind,
};

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        Ok(Some(Body::ReplicaSet(Arc::new(ReplicaSet {
            created: self.metadata.creation_timestamp.0,
            owner: self.metadata.controller(strings),
            revision: self
                .metadata
                .annotated_number("deployment.kubernetes.io/revision")
                .or_else(|| self.metadata.annotated_number("rollout.argoproj.io/revision")),
        }))))
    }
}
