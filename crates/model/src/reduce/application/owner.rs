//! Who last set an image field: read from `metadata.managedFields` before it is dropped.

use jiff::Timestamp;
use serde::Deserialize;

use super::super::{
    lax::{List, Obj, Present, Str, Time},
    strings::Strings,
};
use crate::text::Text;

/// `metadata.managedFields[]`, as far as it tells of images.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manager<'a> {
    #[serde(borrow, default, rename = "manager")]
    name: Str<'a>,
    #[serde(default)]
    time: Time,
    #[serde(default)]
    fields_v1: Obj<Fields>,
}

#[derive(Debug, Default, Deserialize)]
struct Fields {
    #[serde(default, rename = "f:spec")]
    spec: Obj<SpecFields>,
}

#[derive(Debug, Default, Deserialize)]
struct SpecFields {
    #[serde(default, rename = "f:source")]
    source: Obj<SourceFields>,
    /// A list that is owned as a whole.
    #[serde(default, rename = "f:sources")]
    sources: Present,
}

#[derive(Debug, Default, Deserialize)]
struct SourceFields {
    #[serde(default, rename = "f:kustomize")]
    kustomize: Obj<KustomizeFields>,
    #[serde(default, rename = "f:helm")]
    helm: Obj<HelmFields>,
}

#[derive(Debug, Default, Deserialize)]
struct KustomizeFields {
    #[serde(default, rename = "f:images")]
    images: Present,
}

#[derive(Debug, Default, Deserialize)]
struct HelmFields {
    #[serde(default, rename = "f:parameters")]
    parameters: Present,
}

impl Fields {
    fn own_images(&self) -> bool {
        let SpecFields { source: Obj(source), sources } = &self.spec.0;
        sources.0 || source.kustomize.0.images.0 || source.helm.0.parameters.0
    }
}

/// The manager that owns the image fields, with the time of its last change; the latest where several do.
pub(super) fn of_images(
    managers: &List<Obj<Manager<'_>>>,
    strings: &mut Strings<'_>,
) -> Option<(Text, Option<Timestamp>)> {
    let owners =
        managers.0.iter().map(|manager| &manager.0).filter(|manager| manager.fields_v1.0.own_images());
    let latest = owners.max_by_key(|manager| manager.time.0)?;
    Some((strings.maybe(&latest.name.0)?, latest.time.0))
}
