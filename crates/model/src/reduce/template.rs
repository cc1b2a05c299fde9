//! The pod template of a workload: which containers it wants.

use serde::Deserialize;

use super::{
    lax::{List, Must, Obj, Str},
    strings::Strings,
};
use crate::observe::MeantContainer;

/// Most containers of one pod.
const LIMIT: usize = 100;

/// `spec.template`.
#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Template<'a> {
    #[serde(borrow, default)]
    pub spec: Option<Must<PodSpec<'a>>>,
}

/// `spec` of a pod or of a pod template.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(super) struct PodSpec<'a> {
    #[serde(borrow, default)]
    pub containers: Option<Vec<Must<Container<'a>>>>,
    #[serde(borrow, default)]
    pub init_containers: List<Obj<Container<'a>>>,
}

/// One container of a spec.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(super) struct Container<'a> {
    #[serde(borrow, default)]
    pub name: Str<'a>,
    #[serde(borrow, default)]
    pub image: Str<'a>,
    #[serde(borrow, default)]
    restart_policy: Str<'a>,
}

impl<'a> PodSpec<'a> {
    /// Containers that live as long as the pod, and whether each is a sidecar.
    pub fn lasting(&self) -> impl Iterator<Item = (&Container<'a>, bool)> {
        let containers = self.containers.iter().flatten().map(|container| (&container.0, false));
        containers
            .chain(self.init().filter(|c| c.is_sidecar()).map(|container| (container, true)))
            .take(LIMIT)
    }

    /// Containers that end before the others begin.
    pub fn passing(&self) -> impl Iterator<Item = &Container<'a>> {
        self.init().filter(|container| !container.is_sidecar()).take(LIMIT)
    }

    fn init(&self) -> impl Iterator<Item = &Container<'a>> {
        self.init_containers.0.iter().map(|container| &container.0)
    }
}

impl Container<'_> {
    fn is_sidecar(&self) -> bool {
        self.restart_policy.0 == "Always"
    }

    pub fn meant(&self, sidecar: bool, strings: &mut Strings<'_>) -> MeantContainer {
        MeantContainer { name: strings.shared(&self.name.0), image: strings.shared(&self.image.0), sidecar }
    }
}
