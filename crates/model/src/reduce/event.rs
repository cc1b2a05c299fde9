//! Events. Only those that a page shows are kept: Argo CD's own on Applications and ApplicationSets (each change with
//! its second, and who asked), the Image Updater's, and warnings about pods and what runs them.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    failure::unreadable,
    lax::{Int, Must, Obj, Str, Time},
    meta::{Meta, Metadata},
    strings::{MESSAGE, Strings},
};
use crate::{
    observe::{Body, Event, ImageChange, ObjectName, Unreadable},
    words::Kind,
};

/// Most images of one Event.
const IMAGES: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
    #[serde(borrow, default)]
    involved_object: Obj<Involved<'a>>,
    #[serde(borrow, default)]
    reason: Str<'a>,
    #[serde(borrow, default)]
    message: Str<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Str<'a>,
    #[serde(borrow, default)]
    source: Obj<Component<'a>>,
    #[serde(borrow, default)]
    reporting_component: Str<'a>,
    #[serde(default)]
    first_timestamp: Time,
    #[serde(default)]
    last_timestamp: Time,
    #[serde(default)]
    event_time: Time,
    #[serde(default)]
    count: Int,
    #[serde(default)]
    series: Obj<Series>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Involved<'a> {
    #[serde(borrow, default)]
    api_version: Str<'a>,
    #[serde(borrow, default)]
    kind: Str<'a>,
    #[serde(borrow, default)]
    namespace: Str<'a>,
    #[serde(borrow, default)]
    name: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct Component<'a> {
    #[serde(borrow, default)]
    component: Str<'a>,
}

/// How Events of `events.k8s.io` repeat.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Series {
    #[serde(default)]
    count: Int,
    #[serde(default)]
    last_observed_time: Time,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        if !self.matters() {
            return Ok(None);
        }
        let times = [
            self.last_timestamp.0,
            self.series.0.last_observed_time.0,
            self.event_time.0,
            self.first_timestamp.0,
            self.metadata.creation_timestamp.0,
        ];
        let at = times.into_iter().flatten().next();
        let at = at.ok_or_else(|| unreadable("lastTimestamp", "no time says when it happened"))?;
        let about = &self.involved_object.0;
        let component = self.source.0.component.get().or(self.reporting_component.get()).unwrap_or_default();
        let first_line = self.message.0.lines().next().unwrap_or_default();
        Ok(Some(Body::Event(Arc::new(Event {
            about_kind: strings.shared(&about.kind.0),
            about: ObjectName {
                namespace: strings.shared(&about.namespace.0),
                name: strings.shared(&about.name.0),
            },
            reason: strings.shared(&self.reason.0),
            message: strings.message(first_line, MESSAGE),
            warning: self.is_warning(),
            component: strings.shared(component),
            at,
            count: self.count.count().or(self.series.0.count.count()).unwrap_or(1),
            images: self.images(strings),
        }))))
    }
}

impl Wire<'_> {
    fn is_warning(&self) -> bool {
        self.kind.0 == "Warning"
    }

    fn matters(&self) -> bool {
        let about = &self.involved_object.0;
        if about.name.is_empty() {
            return false;
        }
        match &*about.kind.0 {
            "Application" | "ApplicationSet" => about.api_version.0.starts_with("argoproj.io/"),
            "Pod" | "ReplicaSet" => self.is_warning(),
            kind => self.is_warning() && Kind::parse(kind).is_some_and(Kind::is_workload),
        }
    }

    /// `argocd-image-updater.image-<N>/{full-image-name, image-name, old-tag, new-tag}`, N from 0.
    fn images(&self, strings: &mut Strings<'_>) -> Vec<ImageChange> {
        if self.reason.0 != "ImagesUpdated" {
            return Vec::new();
        }
        let mut images = Vec::new();
        for number in 0..IMAGES {
            let value = |key: &str| {
                self.metadata.annotations.get(&format!("argocd-image-updater.image-{number}/{key}"))
            };
            let Some(image) = value("full-image-name").or_else(|| value("image-name")) else { break };
            images.push(ImageChange {
                image: strings.shared(image),
                old: strings.shared(value("old-tag").unwrap_or_default()),
                new: strings.shared(value("new-tag").unwrap_or_default()),
            });
        }
        images
    }
}
