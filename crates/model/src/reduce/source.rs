//! Sources of manifests, and what of them names an image.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    lax::{List, Obj, Str},
    strings::{Strings, without_credentials},
};
use crate::{image::names_an_image, observe::Source, text::Text};

/// Most sources of one Application.
const SOURCES: usize = 50;
/// Most image overrides of one source.
const IMAGES: usize = 100;
/// Longest value of an image override, in bytes: a repository of 255 with host, tag and digest fits.
const VALUE: usize = 600;

/// `spec.source`, `spec.sources[]` and their copies in status. Helm values, plugin environment and everything else
/// that people put secrets into is not declared and so never read.
#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct WireSource<'a> {
    #[serde(borrow, default, rename = "repoURL")]
    repo_url: Str<'a>,
    #[serde(borrow, default)]
    path: Str<'a>,
    #[serde(borrow, default)]
    chart: Str<'a>,
    #[serde(borrow, default, rename = "targetRevision")]
    target_revision: Str<'a>,
    #[serde(borrow, default, rename = "ref")]
    reference: Str<'a>,
    #[serde(borrow, default)]
    kustomize: Obj<Kustomize<'a>>,
    #[serde(borrow, default)]
    helm: Obj<Helm<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Kustomize<'a> {
    #[serde(borrow, default)]
    images: List<Str<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Helm<'a> {
    #[serde(borrow, default)]
    parameters: List<Obj<Parameter<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Parameter<'a> {
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default)]
    value: Str<'a>,
}

/// `spec.sourceHydrator`: manifests are rendered into another branch, and that branch is what is synced.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hydrator<'a> {
    #[serde(borrow, default)]
    dry_source: Obj<WireSource<'a>>,
    #[serde(borrow, default)]
    sync_source: Obj<SyncSource<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SyncSource<'a> {
    #[serde(borrow, default)]
    target_branch: Str<'a>,
    #[serde(borrow, default)]
    path: Str<'a>,
}

impl Hydrator<'_> {
    /// What is synced: the branch that the hydrator writes.
    pub fn source(&self, strings: &mut Strings<'_>) -> Option<Source> {
        let repo_url = self.dry_source.0.repository(strings)?;
        Some(Source {
            repo_url,
            path: strings.maybe(&self.sync_source.0.path.0),
            target_revision: strings.maybe(&self.sync_source.0.target_branch.0),
            ..Source::default()
        })
    }
}

impl WireSource<'_> {
    /// The repository's URL without credentials; `None` where none is named.
    fn repository(&self, strings: &mut Strings<'_>) -> Option<Text> {
        strings.maybe(&without_credentials(&self.repo_url.0))
    }

    fn reduce(&self, strings: &mut Strings<'_>) -> Source {
        Source {
            repo_url: self.repository(strings).unwrap_or_default(),
            path: strings.maybe(&self.path.0),
            chart: strings.maybe(&self.chart.0),
            target_revision: strings.maybe(&self.target_revision.0),
            reference: strings.maybe(&self.reference.0),
            images: self.images(strings),
        }
    }

    /// Image overrides: Kustomize's as written, Helm's parameters that name an image as `name=value`.
    pub fn images(&self, strings: &mut Strings<'_>) -> Vec<Text> {
        let kustomize = self.kustomize.0.images.0.iter().map(|image| Cow::Borrowed(&*image.0));
        let helm = self
            .helm
            .0
            .parameters
            .0
            .iter()
            .map(|parameter| &parameter.0)
            .filter(|parameter| names_an_image(&parameter.name.0))
            .map(|parameter| Cow::Owned(format!("{}={}", parameter.name.0, parameter.value.0)));
        kustomize
            .chain(helm)
            .filter(|image| is_plain(image))
            .take(IMAGES)
            .map(|i| strings.shared(&i))
            .collect()
    }

    /// A source of a template: images with their parameters, `shop/web:pr-{{.number}}`.
    pub fn template(&self, strings: &mut Strings<'_>) -> Source {
        let images = self.kustomize.0.images.0.iter().map(|image| &*image.0);
        let named = images.filter(|image| image.len() <= VALUE && is_template(image));
        Source {
            repo_url: self.repository(strings).unwrap_or_default(),
            target_revision: strings.maybe(&self.target_revision.0),
            images: named.take(IMAGES).map(|image| strings.shared(image)).collect(),
            ..Source::default()
        }
    }

    fn is_empty(&self) -> bool {
        self.repo_url.is_empty()
    }
}

/// All sources, in the order of the spec, and whether they are several.
pub(super) fn sources(
    one: &WireSource<'_>,
    many: &[Obj<WireSource<'_>>],
    hydrator: &Hydrator<'_>,
    strings: &mut Strings<'_>,
) -> (Vec<Source>, bool) {
    // Argo CD itself prefers the list, then the hydrator.
    if !many.is_empty() {
        return (many.iter().take(SOURCES).map(|source| source.0.reduce(strings)).collect(), true);
    }
    if let Some(source) = hydrator.source(strings) {
        return (vec![source], false);
    }
    if one.is_empty() { (Vec::new(), false) } else { (vec![one.reduce(strings)], false) }
}

/// An image reference whose parameters are still to be filled in.
fn is_template(image: &str) -> bool {
    !image.is_empty() && image.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:/@=+[]{} ".contains(&b))
}

/// Only characters of image references: whatever else stands in such a field is not an image.
fn is_plain(image: &str) -> bool {
    !image.is_empty()
        && image.len() <= VALUE
        && image.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:/@=+[]".contains(&b))
}
