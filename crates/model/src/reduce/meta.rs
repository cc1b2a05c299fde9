//! `metadata`: who an object is.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use uuid::Uuid;

use super::{
    lax::{Entries, Flag, Int, Keys, List, Obj, Present, Str, Time},
    strings::Strings,
};
use crate::{
    observe::{Labels, ManagedObject, ObjectName, TrackingId},
    text::Text,
};

/// Longest name of an object or a namespace, in characters: what Kubernetes allows. Names are keys of database rows, which
/// have a limit of their own.
pub const LONGEST_NAME: usize = 253;
/// How much of a longer one is kept.
const KEPT: usize = 180;

/// Name, id and version of an object: what can be read even where the rest cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// Empty for cluster-wide kinds.
    pub namespace: String,
    /// At most [`LONGEST_NAME`] characters, as is the namespace: of a longer one its beginning, its length and a digest,
    /// so that it is still one and the same.
    pub name: String,
    /// Empty where the object has none.
    pub uid: String,
    /// As a number; 0 where it is none.
    pub resource_version: u64,
    /// The field that was too long and is cut.
    pub cut: Option<&'static str>,
}

impl Meta {
    /// Cuts what is too long.
    pub fn new(namespace: &str, name: &str, uid: &str, resource_version: &str) -> Self {
        let mut meta = Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: uid.to_owned(),
            resource_version: resource_version.parse().unwrap_or(0),
            cut: None,
        };
        for (field, text) in [("metadata.namespace", &mut meta.namespace), ("metadata.name", &mut meta.name)]
        {
            if is_too_long(text) {
                meta.cut = Some(field);
                *text = cut(text);
            }
        }
        meta
    }
}

/// Whether no name of Kubernetes is that long.
pub fn is_too_long(name: &str) -> bool {
    name.len() > LONGEST_NAME && name.chars().count() > LONGEST_NAME
}

/// No name of Kubernetes has brackets or blanks, so this is none of another object.
fn cut(name: &str) -> String {
    let begin: String = name.chars().take(KEPT).collect();
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple();
    format!("{begin}… ({} characters, {digest})", name.chars().count())
}

/// Text that must be text.
#[derive(Debug, Clone, Default)]
pub(super) struct Strict<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Strict<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Strict<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: Error>(self, v: &'de str) -> Result<Strict<'de>, E> {
                Ok(Strict(Cow::Borrowed(v)))
            }
            fn visit_str<E: Error>(self, v: &str) -> Result<Strict<'de>, E> {
                Ok(Strict(Cow::Owned(v.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// `metadata` as far as any kind needs it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
#[serde(bound(deserialize = "K: Keys, M: Deserialize<'de> + Default"))]
pub(super) struct Metadata<'a, K = Known, M = Present> {
    #[serde(borrow)]
    pub name: Strict<'a>,
    #[serde(borrow, default)]
    pub namespace: Option<Strict<'a>>,
    #[serde(borrow, default)]
    pub uid: Str<'a>,
    #[serde(borrow, default)]
    pub resource_version: Str<'a>,
    #[serde(default)]
    pub generation: Int,
    #[serde(default)]
    pub creation_timestamp: Time,
    #[serde(default)]
    pub deletion_timestamp: Time,
    #[serde(borrow, default)]
    pub finalizers: List<Str<'a>>,
    #[serde(borrow, default)]
    pub labels: Entries<'a, K>,
    #[serde(borrow, default)]
    pub annotations: Entries<'a, AllowedAnnotations>,
    #[serde(borrow, default)]
    pub owner_references: List<Obj<OwnerReference<'a>>>,
    /// Large, and only an Application's says something: others skip it.
    #[serde(default)]
    pub managed_fields: M,
}

/// `metadata.ownerReferences[]`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct OwnerReference<'a> {
    #[serde(borrow, default)]
    kind: Str<'a>,
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(default)]
    controller: Flag,
}

/// Labels that pages and the built-in mapping rules use.
#[derive(Debug)]
pub(super) struct Known;
impl Keys for Known {
    const LIMIT: usize = 64;
    fn wanted(key: &str) -> bool {
        is_known(key)
    }
}

/// Every label: an environment rule may name any.
#[derive(Debug)]
pub(super) struct Every;
impl Keys for Every {
    const LIMIT: usize = 256;
    fn wanted(key: &str) -> bool {
        key.len() <= 317
    }
    fn always(key: &str) -> bool {
        is_known(key)
    }
}

/// Annotations that are read at all. `last-applied-configuration` above all is not.
#[derive(Debug)]
pub(super) struct AllowedAnnotations;
impl Keys for AllowedAnnotations {
    const LIMIT: usize = 256;
    fn wanted(key: &str) -> bool {
        key.starts_with("landfall.dev/")
            || key == CHANGE_REQUEST
            || key.starts_with("argocd-image-updater.image-")
            || key.starts_with(UPDATER)
            || matches!(
                key,
                TRACKING_ID | "deployment.kubernetes.io/revision" | "rollout.argoproj.io/revision"
            )
    }
}

/// What Image Updater's annotations on Applications begin with.
pub(super) const UPDATER: &str = "argocd-image-updater.argoproj.io/";
/// What Flux's notifications call the pull request of an object; written by many a template.
pub(crate) const CHANGE_REQUEST: &str = "event.toolkit.fluxcd.io/change_request";
const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";
/// Most labels of one object.
const LABELS: usize = 64;

/// Whether pages or the built-in rules use this label.
pub(super) fn is_known(key: &str) -> bool {
    key.starts_with("app.kubernetes.io/")
        || key.starts_with("landfall.dev/")
        || key == CHANGE_REQUEST
        || matches!(key, "app" | "environment" | "env" | "service" | "team" | "owner" | "preview")
}

impl<K, M> Metadata<'_, K, M> {
    pub fn meta(&self) -> Meta {
        let namespace = self.namespace.as_ref().map_or("", |namespace| &namespace.0);
        Meta::new(namespace, &self.name.0, &self.uid.0, &self.resource_version.0)
    }

    /// Kind and name of the owner that controls it.
    pub fn controller(&self, strings: &mut Strings<'_>) -> Option<(Text, Text)> {
        self.owner_references
            .0
            .iter()
            .map(|owner| &owner.0)
            .find(|owner| owner.controller.is_true() && !owner.kind.is_empty() && !owner.name.is_empty())
            .map(|owner| (strings.shared(&owner.kind.0), strings.shared(&owner.name.0)))
    }

    /// Name of an owner of this kind.
    pub fn owner_of_kind(&self, kind: &str, strings: &mut Strings<'_>) -> Option<Text> {
        let owner = self.owner_references.0.iter().find(|owner| owner.0.kind.0 == kind)?;
        strings.maybe(&owner.0.name.0)
    }

    /// Labels, and `landfall.dev/*` annotations (with Flux's name of a pull request) where no label has the same key;
    /// sorted by key. Where there are too
    /// many, those that the built-in rules know stay.
    pub fn selected_labels(&self, strings: &mut Strings<'_>) -> Labels {
        let ours = |key: &str| key.starts_with("landfall.dev/") || key == CHANGE_REQUEST;
        let annotations = self.annotations.0.iter().filter(|(key, _)| ours(&key.0));
        let mut all: Vec<_> = self.labels.0.iter().chain(annotations).collect();
        all.sort_by_key(|(key, _)| !is_known(&key.0));
        let mut labels = Labels::new();
        for (key, value) in all {
            if labels.len() == LABELS {
                break;
            }
            if labels.iter().all(|(known, _)| **known != *key.0) {
                labels.push((strings.shared(&key.0), strings.shared(&value.0)));
            }
        }
        labels.sort();
        labels
    }

    /// The Application that manages it: by the tracking annotation, else by the label of older set-ups, which names
    /// the Application alone.
    pub fn managed_by(&self, strings: &mut Strings<'_>) -> Option<TrackingId> {
        if let Some(id) = self.annotations.get(TRACKING_ID) {
            return tracking_id(id, strings);
        }
        let application = self.labels.get("app.kubernetes.io/instance")?;
        Some(TrackingId { application: strings.shared(application), object: None })
    }

    /// The number in an annotation.
    pub fn annotated_number(&self, key: &str) -> Option<i64> {
        self.annotations.get(key)?.parse().ok()
    }
}

/// `<app>:<group>/<Kind>:<namespace>/<name>`; a name may itself hold colons.
fn tracking_id(id: &str, strings: &mut Strings<'_>) -> Option<TrackingId> {
    let mut parts = id.splitn(3, ':');
    let application = parts.next().filter(|app| !app.is_empty())?;
    let object = (|| {
        let (group, kind) = parts.next()?.rsplit_once('/')?;
        let (namespace, name) = parts.next()?.split_once('/')?;
        Some(ManagedObject {
            kind: strings.shared(kind),
            group: strings.shared(group),
            namespace: strings.shared(namespace),
            name: strings.shared(name),
        })
    })();
    Some(TrackingId { application: strings.shared(application), object })
}

impl Meta {
    /// The object's name within its scope.
    pub(super) fn object_name(&self, strings: &mut Strings<'_>) -> ObjectName {
        ObjectName { namespace: strings.shared(&self.namespace), name: strings.shared(&self.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Interner;

    #[test]
    fn a_name_that_is_too_long_stays_one_and_the_same() {
        let long = "é".repeat(LONGEST_NAME + 1);
        let meta = Meta::new("prod", &long, "u", "7");
        assert_eq!((meta.cut, &*meta.namespace, meta.resource_version), (Some("metadata.name"), "prod", 7));
        assert!(
            meta.name.starts_with(&"é".repeat(KEPT)) && meta.name.contains("… (254 characters, "),
            "{meta:?}"
        );
        assert!(meta.name.chars().count() <= LONGEST_NAME);
        assert_eq!(Meta::new("prod", &long, "u", "7"), meta);
        assert_ne!(Meta::new("prod", &format!("{long}x"), "u", "7").name, meta.name);
        let most = "é".repeat(LONGEST_NAME);
        assert_eq!(Meta::new("prod", &most, "", "").name, most);
    }

    #[test]
    fn reads_tracking_ids() {
        let mut interner = Interner::default();
        let mut strings = Strings(&mut interner);
        let id = tracking_id("team-a_web:apps/Deployment:prod/web", &mut strings).expect("an id");
        assert_eq!(&*id.application, "team-a_web");
        let object = id.object.expect("an object");
        assert_eq!(
            (&*object.group, &*object.kind, &*object.namespace, &*object.name),
            ("apps", "Deployment", "prod", "web")
        );
        let core =
            tracking_id("web:/Service:prod/web", &mut strings).and_then(|id| id.object).expect("core group");
        assert_eq!(&*core.group, "");
        let role = tracking_id("w:rbac.authorization.k8s.io/Role:p/system:x:y", &mut strings);
        assert_eq!(&*role.and_then(|id| id.object).expect("colons").name, "system:x:y");
        assert!(tracking_id("web", &mut strings).expect("an app").object.is_none());
        assert!(tracking_id("", &mut strings).is_none());
    }
}
