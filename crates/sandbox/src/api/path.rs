//! What a path asks for.

use crate::kinds::{self, KINDS, KindId};

/// What was asked for.
#[derive(Debug)]
pub(super) enum Asked {
    Objects(Target),
    Version,
    Health,
    Core,
    CoreV1,
    Groups,
    Group(String),
    GroupVersion(String, String),
    AccessReview,
    RulesReview,
    /// One Secret: its namespace and name.
    Secret(String, String),
    /// Nothing that a reader has business with. `true` = a real server has such a path and would answer 403.
    Unknown(bool),
}

/// A collection or one object of it.
#[derive(Debug)]
pub(super) struct Target {
    pub id: KindId,
    pub namespace: Option<String>,
    pub name: Option<String>,
}

pub(super) fn parse(path: &str) -> Asked {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["version"] => Asked::Version,
        ["healthz" | "readyz" | "livez"] => Asked::Health,
        ["api"] => Asked::Core,
        ["api", "v1"] => Asked::CoreV1,
        ["api", "v1", "namespaces", namespace, "secrets", name] => {
            Asked::Secret((*namespace).to_owned(), (*name).to_owned())
        }
        ["api", "v1", rest @ ..] => objects("", "v1", rest),
        ["apis"] => Asked::Groups,
        ["apis", group] if known_group(group) => Asked::Group((*group).to_owned()),
        ["apis", group, version] if known_group(group) => {
            Asked::GroupVersion((*group).to_owned(), (*version).to_owned())
        }
        ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"] => Asked::AccessReview,
        ["apis", "authorization.k8s.io", "v1", "selfsubjectrulesreviews"] => Asked::RulesReview,
        ["apis", group, version, rest @ ..] if !rest.is_empty() => objects(group, version, rest),
        _ => Asked::Unknown(false),
    }
}

fn objects(group: &str, version: &str, rest: &[&str]) -> Asked {
    let (namespace, plural, name) = match rest {
        [plural] => (None, *plural, None),
        ["namespaces", name] => (None, "namespaces", Some(*name)),
        ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
        ["namespaces", namespace, plural, name] => (Some(*namespace), *plural, Some(*name)),
        _ => return Asked::Unknown(true),
    };
    let Some(id) = kinds::by_path(group, version, plural) else { return Asked::Unknown(true) };
    if namespace.is_some() && !id.kind().namespaced {
        return Asked::Unknown(true);
    }
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Asked::Objects(Target { id, namespace: owned(namespace), name: owned(name) })
}

fn known_group(group: &str) -> bool {
    group == "authorization.k8s.io" || (!group.is_empty() && KINDS.iter().any(|kind| kind.group == group))
}
