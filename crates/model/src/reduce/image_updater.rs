//! `ImageUpdater` objects of Argo CD Image Updater, v1.0 to v1.4.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    condition::{WireCondition, conditions},
    lax::{Int, List, Must, Obj, Str, Time},
    meta::{Meta, Metadata},
    strings::Strings,
};
use crate::{
    observe::{Body, ImageUpdater, RecentUpdate, Unreadable},
    words::Kind,
};

mod spec;

pub(super) use spec::{credential, method};

/// Most updates kept.
const LIMIT: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
    #[serde(borrow, default)]
    spec: Obj<spec::Spec<'a>>,
    #[serde(borrow, default)]
    status: Option<Must<Status<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Status<'a> {
    #[serde(default)]
    last_checked_at: Time,
    /// What v1.0 and v1.1 write instead.
    #[serde(default)]
    reconciled_at: Time,
    #[serde(default)]
    last_updated_at: Time,
    #[serde(default)]
    applications_matched: Int,
    #[serde(default)]
    images_managed: Int,
    #[serde(borrow, default)]
    recent_updates: List<Obj<Update<'a>>>,
    #[serde(borrow, default)]
    conditions: List<Obj<WireCondition<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    #[serde(borrow, default)]
    image: Str<'a>,
    #[serde(borrow, default)]
    new_version: Str<'a>,
    #[serde(default)]
    applications_updated: Int,
    #[serde(default)]
    updated_at: Time,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        let status = self.status.unwrap_or_default().0;
        let mut conditions = conditions(&status.conditions, strings);
        conditions.retain(|condition| &*condition.kind != "Reconciling");
        let recent = status.recent_updates.0.iter().map(|update| &update.0).take(LIMIT);
        Ok(Some(Body::ImageUpdater(Arc::new(ImageUpdater {
            last_checked: status.last_checked_at.0.or(status.reconciled_at.0),
            last_updated: status.last_updated_at.0,
            applications_matched: status.applications_matched.count(),
            images_managed: status.images_managed.count(),
            recent: recent
                .map(|update| RecentUpdate {
                    image: strings.shared(&update.image.0),
                    new_version: strings.shared(&update.new_version.0),
                    applications: update.applications_updated.count().unwrap_or(0),
                    at: update.updated_at.0,
                })
                .collect(),
            conditions,
            spec: Some(self.spec.0.reduce(strings)),
        }))))
    }
}
