//! Settings of an `ImageUpdater` object: image before reference before spec, field by field.

use crate::{
    Text,
    observe::{ApplicationRef, ImageRule, UpdateSettings, UpdaterSpec, WriteBack},
    phrase::Said,
    said,
};

use super::{Identifier, ImageSettings, Origin, Setting, Shadowed, WritesBack};

pub(super) const SEMVER: &str = "semver";

/// A block with the level that it stands on, the outermost first.
type Layers<'a, B> = [(Option<&'a B>, Origin)];

pub(super) fn images(spec: &UpdaterSpec, reference: &ApplicationRef) -> Vec<ImageSettings> {
    // Helm and Kustomize on one image: the program passes it over.
    let both = |image: &&ImageRule| {
        let target = &image.target;
        let helm = target.helm_name.is_some() || target.helm_tag.is_some() || target.helm_spec.is_some();
        helm && target.kustomize_name.is_some()
    };
    let usable = reference.images.iter().filter(|image| !both(image));
    usable
        .map(|image| {
            let layers = [
                (spec.settings.as_ref(), Origin::Spec),
                (reference.settings.as_ref(), Origin::Reference),
                (image.settings.as_ref(), Origin::Image),
            ];
            let Identifier { alias, repository, constraint } = Identifier::new(&image.alias, &image.image);
            ImageSettings {
                alias: alias.into(),
                repository: repository.into(),
                constraint: constraint.into(),
                strategy: last(&layers, Text::from(SEMVER), |it| it.strategy.clone()),
                force_update: last(&layers, false, |it| it.force_update),
                allow_tags: last(&layers, Text::default(), |it| it.allow_tags.clone()),
                ignore_tags: last(&layers, Vec::new(), |it| it.ignore_tags.clone()),
                platforms: last(&layers, Vec::new(), |it| it.platforms.clone()),
                pull_secret: last(&layers, None, |it| it.pull_secret.clone().map(Some)),
                verified: verified(spec, reference, Some(image)),
                target: image.target.clone(),
                shadowed: shadowed(&layers),
            }
        })
        .collect()
}

pub(super) fn verified(
    spec: &UpdaterSpec,
    reference: &ApplicationRef,
    image: Option<&ImageRule>,
) -> Setting<bool> {
    let layers = [
        (Some(&spec.verified), Origin::Spec),
        (Some(&reference.verified), Origin::Reference),
        (image.map(|image| &image.verified), Origin::Image),
    ];
    last(&layers, false, |it| *it)
}

/// The innermost block that sets the field.
fn last<B, T>(layers: &Layers<'_, B>, default: T, field: impl Fn(&B) -> Option<T>) -> Setting<T> {
    let set = layers.iter().rev().find_map(|(block, origin)| Some((field((*block)?)?, origin.clone())));
    set.map_or(Setting::default(default), |(value, origin)| Setting { value, origin })
}

/// Defaults of inner blocks that hide what outer ones ask for.
fn shadowed(layers: &Layers<'_, UpdateSettings>) -> Vec<Shadowed> {
    let strategy = hidden(layers, "updateStrategy", |it| it.strategy.as_deref(), SEMVER);
    strategy.into_iter().chain(hidden(layers, "forceUpdate", forced, "false")).collect()
}

fn forced(block: &UpdateSettings) -> Option<&str> {
    block.force_update.map(|force| if force { "true" } else { "false" })
}

/// An old CRD writes both fields into a block, so one that has but one of them was written by hand and means it.
fn hidden(
    layers: &Layers<'_, UpdateSettings>,
    field: &str,
    value: impl Fn(&UpdateSettings) -> Option<&str>,
    default: &str,
) -> Option<Shadowed> {
    let mut set = layers.iter().rev().filter_map(|(block, origin)| Some(((*block)?, origin)));
    let is_filled_in = |block: &UpdateSettings| {
        block.strategy.is_some() && block.force_update.is_some() && value(block) == Some(default)
    };
    let (_, at) = set.next().filter(|(block, _)| is_filled_in(block))?;
    let (outer, outer_at) = set.find(|(block, _)| !is_filled_in(block))?;
    let outer = value(outer).filter(|outer| *outer != default)?;
    Some(Shadowed {
        field: field.into(),
        holds: default.into(),
        at: at.clone(),
        outer: outer.into(),
        outer_at: outer_at.clone(),
    })
}

pub(super) fn write_back(spec: &UpdaterSpec, reference: &ApplicationRef) -> Result<WritesBack, Said> {
    let layers =
        [(spec.write_back.as_ref(), Origin::Spec), (reference.write_back.as_ref(), Origin::Reference)];
    written(&layers)
}

/// What a method that the program does not know comes to: it passes the reference over.
pub(super) fn written(layers: &Layers<'_, WriteBack>) -> Result<WritesBack, Said> {
    let method = last(layers, Text::from("argocd"), |it| it.method.clone());
    let kind = method.value.split(':').next().unwrap_or_default();
    if *method.value != *"argocd" && kind != "git" {
        return Err(said!(
            "tried-method",
            "write-back method {method} does not exist",
            method = method.value
        ));
    }
    Ok(WritesBack {
        repository: last(layers, None, |it| it.repository.clone().map(Some)),
        branch: last(layers, None, |it| it.branch.clone().map(Some)),
        target: last(layers, None, |it| it.target.clone().map(Some)),
        pull_request: last(layers, None, |it| it.pull_request.clone().map(Some)).value,
        method,
    })
}
