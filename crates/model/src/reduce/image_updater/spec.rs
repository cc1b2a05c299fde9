//! `spec` of an `ImageUpdater` object.

use serde::Deserialize;

use super::super::{
    lax::{Entries, Flag, List, Obj, Str},
    meta::Every,
    strings::{Strings, without_credentials},
};
use crate::{
    observe::{
        ApplicationRef, ImageRule, LabelExpression, ManifestTarget, Selector, UpdateSettings, UpdaterSpec,
        WriteBack,
    },
    text::Text,
};

/// Most references, images of one, patterns of one, expressions of one.
const LIMIT: usize = 500;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec<'a> {
    #[serde(borrow, default)]
    namespace: Str<'a>,
    #[serde(borrow, default)]
    common_update_settings: Option<Obj<Common<'a>>>,
    #[serde(borrow, default)]
    write_back_config: Option<Obj<Config<'a>>>,
    #[serde(default)]
    images_verification: Obj<Verification>,
    #[serde(borrow, default)]
    application_refs: List<Obj<Reference<'a>>>,
}

/// Whether, never with which key.
#[derive(Debug, Default, Deserialize)]
struct Verification {
    #[serde(default)]
    enabled: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Common<'a> {
    #[serde(borrow, default)]
    update_strategy: Option<Str<'a>>,
    #[serde(default)]
    force_update: Flag,
    #[serde(borrow, default)]
    allow_tags: Option<Str<'a>>,
    #[serde(borrow, default)]
    ignore_tags: Option<List<Str<'a>>>,
    #[serde(borrow, default)]
    pull_secret: Str<'a>,
    #[serde(borrow, default)]
    platforms: Option<List<Str<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    #[serde(borrow, default)]
    method: Str<'a>,
    #[serde(borrow, default)]
    git_config: Obj<Git<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Git<'a> {
    #[serde(borrow, default)]
    repository: Str<'a>,
    #[serde(borrow, default)]
    branch: Str<'a>,
    #[serde(borrow, default)]
    write_back_target: Str<'a>,
    #[serde(default)]
    pull_request: Obj<PullRequest>,
}

#[derive(Debug, Default, Deserialize)]
struct PullRequest {
    #[serde(default)]
    github: super::super::lax::Present,
    #[serde(default)]
    gitlab: super::super::lax::Present,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'a> {
    #[serde(borrow, default)]
    name_pattern: Str<'a>,
    #[serde(borrow, default)]
    label_selectors: Option<Obj<WireSelector<'a>>>,
    #[serde(default)]
    use_annotations: Flag,
    #[serde(borrow, default)]
    common_update_settings: Option<Obj<Common<'a>>>,
    #[serde(borrow, default)]
    write_back_config: Option<Obj<Config<'a>>>,
    #[serde(default)]
    images_verification: Obj<Verification>,
    #[serde(borrow, default)]
    images: List<Obj<Image<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSelector<'a> {
    #[serde(borrow, default)]
    match_labels: Entries<'a, Every>,
    #[serde(borrow, default)]
    match_expressions: List<Obj<Expression<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Expression<'a> {
    #[serde(borrow, default)]
    key: Str<'a>,
    #[serde(borrow, default)]
    operator: Str<'a>,
    #[serde(borrow, default)]
    values: List<Str<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image<'a> {
    #[serde(borrow, default)]
    alias: Str<'a>,
    #[serde(borrow, default, rename = "imageName")]
    name: Str<'a>,
    #[serde(borrow, default)]
    common_update_settings: Option<Obj<Common<'a>>>,
    #[serde(default)]
    images_verification: Obj<Verification>,
    #[serde(borrow, default)]
    manifest_targets: Obj<Targets<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Targets<'a> {
    #[serde(borrow, default)]
    helm: Obj<Helm<'a>>,
    #[serde(borrow, default)]
    kustomize: Obj<Named<'a>>,
    /// The same three fields.
    #[serde(borrow, default)]
    plugin: Obj<Helm<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Helm<'a> {
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default)]
    tag: Str<'a>,
    #[serde(borrow, default)]
    spec: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    name: Str<'a>,
}

impl Spec<'_> {
    pub(super) fn reduce(&self, strings: &mut Strings<'_>) -> UpdaterSpec {
        UpdaterSpec {
            namespace: strings.maybe(&self.namespace.0),
            settings: self.common_update_settings.as_ref().map(|it| it.0.reduce(strings)),
            write_back: self.write_back_config.as_ref().map(|it| it.0.reduce(strings)),
            verified: self.images_verification.0.enabled.0,
            references: self.application_refs.0.iter().take(LIMIT).map(|it| it.0.reduce(strings)).collect(),
        }
    }
}

impl Common<'_> {
    fn reduce(&self, strings: &mut Strings<'_>) -> UpdateSettings {
        UpdateSettings {
            strategy: self.update_strategy.as_ref().map(|it| strings.shared(&it.0)),
            force_update: self.force_update.0,
            allow_tags: self.allow_tags.as_ref().map(|it| strings.shared(&it.0)),
            ignore_tags: self.ignore_tags.as_ref().map(|it| texts(it, strings)),
            pull_secret: self.pull_secret.get().map(|it| strings.shared(credential(it))),
            platforms: self.platforms.as_ref().map(|it| texts(it, strings)),
        }
    }
}

impl Config<'_> {
    fn reduce(&self, strings: &mut Strings<'_>) -> WriteBack {
        let git = &self.git_config.0;
        let request = &git.pull_request.0;
        WriteBack {
            method: self.method.get().map(|it| strings.shared(method(it))),
            repository: strings.maybe(&without_credentials(&git.repository.0)),
            branch: strings.maybe(&git.branch.0),
            target: strings.maybe(&git.write_back_target.0),
            pull_request: [("github", request.github.0), ("gitlab", request.gitlab.0)]
                .into_iter()
                .find(|(_, there)| *there)
                .map(|(name, _)| strings.shared(name)),
        }
    }
}

impl Reference<'_> {
    fn reduce(&self, strings: &mut Strings<'_>) -> ApplicationRef {
        ApplicationRef {
            name_pattern: strings.shared(&self.name_pattern.0),
            selector: self.label_selectors.as_ref().map(|it| it.0.reduce(strings)),
            use_annotations: self.use_annotations.is_true(),
            settings: self.common_update_settings.as_ref().map(|it| it.0.reduce(strings)),
            write_back: self.write_back_config.as_ref().map(|it| it.0.reduce(strings)),
            verified: self.images_verification.0.enabled.0,
            images: self.images.0.iter().take(LIMIT).map(|it| it.0.reduce(strings)).collect(),
        }
    }
}

impl WireSelector<'_> {
    fn reduce(&self, strings: &mut Strings<'_>) -> Selector {
        let mut labels: Vec<_> =
            self.match_labels.0.iter().map(|(k, v)| (strings.shared(&k.0), strings.shared(&v.0))).collect();
        labels.sort();
        let expressions = self.match_expressions.0.iter().take(LIMIT).map(|it| LabelExpression {
            key: strings.shared(&it.0.key.0),
            operator: strings.shared(&it.0.operator.0),
            values: texts(&it.0.values, strings),
        });
        Selector { expressions: expressions.collect(), labels }
    }
}

impl Image<'_> {
    fn reduce(&self, strings: &mut Strings<'_>) -> ImageRule {
        let Targets { helm: Obj(helm), kustomize: Obj(kustomize), plugin: Obj(plugin) } =
            &self.manifest_targets.0;
        ImageRule {
            alias: strings.shared(&self.alias.0),
            image: strings.shared(&self.name.0),
            settings: self.common_update_settings.as_ref().map(|it| it.0.reduce(strings)),
            verified: self.images_verification.0.enabled.0,
            target: ManifestTarget {
                helm_name: strings.maybe(&helm.name.0),
                helm_tag: strings.maybe(&helm.tag.0),
                helm_spec: strings.maybe(&helm.spec.0),
                kustomize_name: strings.maybe(&kustomize.name.0),
                plugin_name: strings.maybe(&plugin.name.0),
                plugin_tag: strings.maybe(&plugin.tag.0),
                plugin_spec: strings.maybe(&plugin.spec.0),
            },
        }
    }
}

fn texts(list: &List<Str<'_>>, strings: &mut Strings<'_>) -> Vec<Text> {
    list.0.iter().take(LIMIT).map(|it| strings.shared(&it.0)).collect()
}

/// Where credentials are, in one of the forms that the program knows. What is none may be the secret itself.
pub(in super::super) fn credential(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(':') {
        Some(("pullsecret" | "secret" | "env" | "ext", place)) if !place.contains("://") => text,
        _ => "(not shown)",
    }
}

/// A write-back method without what should not be in it.
pub(in super::super) fn method(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(':') {
        Some(("git", "repocreds")) => text,
        Some(("git", place)) if credential(place) == place => text,
        Some(("git", _)) => "git",
        _ => text,
    }
}
