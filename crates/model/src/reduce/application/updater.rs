//! Annotations of Argo CD Image Updater, by an allow-list of their endings.

use super::super::{
    image_updater::{credential, method},
    meta::UPDATER,
    strings::{Strings, without_credentials},
};
use crate::observe::Labels;

/// Most annotations kept.
const LIMIT: usize = 200;
/// Endings of those of one image, behind its alias and a dot; most also hold for the whole Application.
const KNOWN: [&str; 12] = [
    "update-strategy",
    "allow-tags",
    "ignore-tags",
    "force-update",
    "pull-secret",
    "platforms",
    "tag-match",
    "helm.image-name",
    "helm.image-tag",
    "helm.image-spec",
    "kustomize.image-name",
    "image-list",
];
/// Those of the whole Application alone.
const WIDE: [&str; 4] = ["write-back-method", "write-back-target", "git-branch", "git-repository"];

/// The annotations that settings are read from, without their common beginning; sorted.
pub(super) fn annotations<'a>(
    all: impl Iterator<Item = (&'a str, &'a str)>,
    strings: &mut Strings<'_>,
) -> Labels {
    let ours = all.filter_map(|(key, value)| Some((key.strip_prefix(UPDATER)?, value)));
    let wanted = ours.filter(|(key, _)| {
        let known = |known: &str| key.strip_suffix(known).is_some_and(|a| a.is_empty() || a.ends_with('.'));
        WIDE.contains(key) || KNOWN.iter().any(|it| known(it))
    });
    let mut kept: Labels = wanted
        .take(LIMIT)
        .map(|(key, value)| {
            let value = if key == "write-back-method" {
                strings.shared(method(value))
            } else if key.ends_with("pull-secret") {
                strings.shared(credential(value))
            } else {
                strings.shared(&without_credentials(value))
            };
            (strings.shared(key), value)
        })
        .collect();
    kept.sort();
    kept
}
