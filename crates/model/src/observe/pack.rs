//! Makes a fresh observation as small as it can be: lists without spare room, and, where it was read back from the
//! store, its strings shared with all others. A fleet holds tens of thousands of them for weeks.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Application, Body, Condition, Destination, Entry, HistoryEntry, ManagedObject, MeantContainer, Namespace,
    Operation, Pod, ReplicaSet, Resources, RunningContainer, Source, TrackingId, Workload,
};
use crate::text::{Interner, Text};

impl Body {
    /// Gives back spare room. Call it before the body is shared.
    pub fn shrink(&mut self) {
        self.pack(&mut |_| {});
    }

    /// Gives back spare room and shares equal strings through `strings`. Call it before the body is shared.
    pub fn share(&mut self, strings: &mut Interner) {
        self.pack(&mut |text| *text = strings.intern(text));
    }

    fn pack(&mut self, share: &mut dyn FnMut(&mut Text)) {
        match self {
            Self::Application(it) => whole(it, share),
            Self::Workload(it) => whole(it, share),
            Self::ReplicaSet(it) => whole(it, share),
            Self::Pod(it) => whole(it, share),
            Self::Namespace(it) => whole(it, share),
            Self::Entry(it) => whole(it, share),
            // There are few of these.
            Self::ApplicationSet(_)
            | Self::AppProject(_)
            | Self::ImageUpdater(_)
            | Self::Event(_)
            | Self::Repository(_)
            | Self::Pull(_)
            | Self::Branch(_)
            | Self::Unreadable(_) => {}
        }
    }
}

fn whole<T: Pack>(body: &mut Arc<T>, share: &mut dyn FnMut(&mut Text)) {
    // Somebody else holds it already: then it stays as it is.
    if let Some(body) = Arc::get_mut(body) {
        body.pack(share);
    }
}

trait Pack {
    fn pack(&mut self, share: &mut dyn FnMut(&mut Text));
}

impl Pack for Text {
    fn pack(&mut self, share: &mut dyn FnMut(&mut Text)) {
        share(self);
    }
}

impl Pack for Timestamp {
    fn pack(&mut self, _: &mut dyn FnMut(&mut Text)) {}
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&mut self, share: &mut dyn FnMut(&mut Text)) {
        if let Some(it) = self {
            it.pack(share);
        }
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&mut self, share: &mut dyn FnMut(&mut Text)) {
        self.shrink_to_fit();
        for it in self {
            it.pack(share);
        }
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&mut self, share: &mut dyn FnMut(&mut Text)) {
        self.0.pack(share);
        self.1.pack(share);
    }
}

/// Packs these fields; the others hold no text and no list.
macro_rules! pack {
    ($($type:ty: $($field:ident)*;)*) => {$(
        impl Pack for $type {
            fn pack(&mut self, share: &mut dyn FnMut(&mut Text)) {
                $(self.$field.pack(share);)*
            }
        }
    )*};
}

pack! {
    Application: finalizers labels owner_set project destination sources compared health_message operation history
        reported_images urls conditions resources synced_images image_owner updater;
    Condition: kind status reason message;
    Destination: server name namespace;
    Entry: hosts service_type managed_by addresses;
    HistoryEntry: revisions initiated_by images;
    ManagedObject: kind group namespace name;
    MeantContainer: name image;
    Namespace: labels;
    Operation: message initiated_by revisions;
    Pod: owner phase reason message containers init;
    ReplicaSet: owner;
    Resources: workloads differing to_prune missing;
    RunningContainer: name image digest local_id trouble message;
    Source: repo_url path chart target_revision reference images;
    TrackingId: application object;
    Workload: labels managed_by owner conditions containers init_containers template_of schedule;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_are_one_and_lists_have_no_spare_room() {
        let mut strings = Interner::default();
        let mut pod = |node: &str| {
            let text = format!(
                r#"{{"is":"Pod","of":{{"created":null,"deleting_since":null,"owner":["ReplicaSet","{node}"],
                "phase":"Running","ready":true,"ready_since":null,"reason":null,"message":null,"init":[],
                "containers":[{{"name":"web","image":"registry.example/web:1","digest":null,"local_id":null,
                "ready":true,"restarts":0,"started":null,"trouble":null,"message":null,"starting":false,
                "sidecar":false}}]}}}}"#
            );
            let mut body: Body = serde_json::from_str(&text).unwrap();
            let before = body.clone();
            // `clone` shares the body: packing leaves it alone then.
            body.share(&mut strings);
            drop(before);
            body.share(&mut strings);
            match body {
                Body::Pod(pod) => pod,
                other => panic!("{other:?}"),
            }
        };
        let (one, two) = (pod("web-1"), pod("web-2"));
        assert!(Arc::ptr_eq(&one.phase, &two.phase));
        assert!(Arc::ptr_eq(&one.containers[0].image, &two.containers[0].image));
        assert_eq!(one.containers.capacity(), 1);
        assert_ne!(one.owner, two.owner);
    }
}
