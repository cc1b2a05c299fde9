//! `status.resources[]`: what an Application manages.

use serde::Deserialize;

use super::super::{
    lax::{Flag, Obj, Str},
    strings::Strings,
};
use crate::{
    observe::{ManagedObject, Resources},
    words::Kind,
};

/// Most workloads named.
const WORKLOADS: usize = 500;
/// Most objects named in each of the other lists.
const OBJECTS: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireResource<'a> {
    #[serde(borrow, default)]
    group: Str<'a>,
    #[serde(borrow, default)]
    kind: Str<'a>,
    #[serde(borrow, default)]
    namespace: Str<'a>,
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default)]
    status: Str<'a>,
    #[serde(borrow, default)]
    health: Obj<ResourceHealth<'a>>,
    #[serde(default)]
    hook: Flag,
    #[serde(default)]
    requires_pruning: Flag,
}

#[derive(Debug, Default, Deserialize)]
struct ResourceHealth<'a> {
    #[serde(borrow, default)]
    status: Str<'a>,
}

/// The lists, and whether there are Applications among them.
pub(super) struct Managed {
    pub resources: Resources,
    pub has_applications: bool,
}

pub(super) fn reduce(list: &[Obj<WireResource<'_>>], strings: &mut Strings<'_>) -> Managed {
    let mut resources = Resources::default();
    let mut has_applications = false;
    for resource in list.iter().map(|resource| &resource.0) {
        // Hooks come and go with a sync; they are no part of what is meant to be there.
        if resource.name.is_empty() || resource.hook.is_true() {
            continue;
        }
        let out_of_sync = resource.status.0 == "OutOfSync";
        let prunable = resource.requires_pruning.is_true();
        resources.total += 1;
        resources.out_of_sync += u32::from(out_of_sync);
        resources.prunable += u32::from(prunable);
        has_applications |= resource.kind.0 == "Application" && resource.group.0 == "argoproj.io";
        let lists = [
            (resource.is_workload(), &mut resources.workloads, WORKLOADS),
            (out_of_sync, &mut resources.differing, OBJECTS),
            (prunable, &mut resources.to_prune, OBJECTS),
            (resource.health.0.status.0 == "Missing", &mut resources.missing, OBJECTS),
        ];
        for (fits, list, limit) in lists {
            if fits && list.len() < limit {
                list.push(managed_object(
                    [&resource.kind, &resource.group, &resource.namespace, &resource.name],
                    strings,
                ));
            }
        }
    }
    Managed { resources, has_applications }
}

impl WireResource<'_> {
    fn is_workload(&self) -> bool {
        Kind::parse(&self.kind.0).is_some_and(Kind::is_workload)
            && matches!(&*self.group.0, "apps" | "batch" | "argoproj.io")
    }
}

/// From kind, group, namespace and name. The core group is empty, or absent in `status.resources`.
pub(super) fn managed_object(
    [kind, group, namespace, name]: [&Str<'_>; 4],
    strings: &mut Strings<'_>,
) -> ManagedObject {
    ManagedObject {
        kind: strings.shared(&kind.0),
        group: strings.shared(&group.0),
        namespace: strings.shared(&namespace.0),
        name: strings.shared(&name.0),
    }
}
