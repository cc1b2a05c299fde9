//! Namespaces.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    lax::Must,
    meta::{Every, Meta, Metadata},
    strings::Strings,
};
use crate::{
    observe::{Body, Namespace, Unreadable},
    words::Kind,
};

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a, Every>>,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        Ok(Some(Body::Namespace(Arc::new(Namespace {
            created: self.metadata.creation_timestamp.0,
            deleting_since: self.metadata.deletion_timestamp.0,
            labels: self.metadata.selected_labels(strings),
        }))))
    }
}
