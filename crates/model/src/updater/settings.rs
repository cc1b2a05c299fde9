//! Which settings hold for an Application's images, and where each comes from.
//!
//! ```text
//! v0.x   annotations of the Application
//! v1.x   ImageUpdater objects of its namespace -> the most specific reference that matches
//!          -> image, then reference, then spec; or the Application's annotations where the reference says so
//! ```
//!
//! Sources: `docs/configuration/` and `api/v1alpha1/imageupdater_types.go` of argoproj-labs/argocd-image-updater.

mod annotations;
mod identifier;
mod layers;
mod matching;

use serde::{Deserialize, Serialize};

use crate::{
    Text,
    image::ImageRef,
    observe::{Application, ImageUpdater, ManifestTarget, ObjectName},
    phrase::Said,
    said,
};

use super::{Allow, Ignore, Policy, Strategy};
pub use identifier::Identifier;
pub use matching::specificity;

/// Which generation of the program reads the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// v0.x: annotations only.
    V0,
    /// v1.x: `ImageUpdater` objects.
    V1,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// This annotation of the Application, without its common beginning.
    Annotation(Text),
    /// `spec` of the `ImageUpdater` object.
    Spec,
    /// The reference of the object that matches.
    Reference,
    /// The image within that reference.
    Image,
}

/// A value that holds, and where it was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

/// An inner block that holds a default which an outer one would have changed. Objects made under the CRDs of
/// v1.0 to v1.3 have `updateStrategy: semver` and `forceUpdate: false` in each block although nobody wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadowed {
    /// `updateStrategy` or `forceUpdate`.
    pub field: Text,
    /// The default that holds.
    pub holds: Text,
    pub at: Origin,
    /// What the outer block asks for.
    pub outer: Text,
    pub outer_at: Origin,
}

/// What holds for one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSettings {
    /// Empty where it has none.
    pub alias: Text,
    /// With its registry, Docker's abbreviations written out; as it is written where it is no reference.
    pub repository: Text,
    /// Empty: none.
    pub constraint: Text,
    /// As it is written; see [`Strategy::from_name`].
    pub strategy: Setting<Text>,
    pub force_update: Setting<bool>,
    pub allow_tags: Setting<Text>,
    pub ignore_tags: Setting<Vec<Text>>,
    /// Empty: the one that the program itself runs on.
    pub platforms: Setting<Vec<Text>>,
    /// Where credentials are.
    pub pull_secret: Setting<Option<Text>>,
    /// Only images with a valid signature are taken.
    #[serde(default = "not_verified")]
    pub verified: Setting<bool>,
    pub target: ManifestTarget,
    pub shadowed: Vec<Shadowed>,
}

fn not_verified() -> Setting<bool> {
    Setting::default(false)
}

/// What holds for writing back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WritesBack {
    /// `argocd`, or `git` with where its credentials are.
    pub method: Setting<Text>,
    pub repository: Setting<Option<Text>>,
    /// `None`: the one that the Application follows.
    pub branch: Setting<Option<Text>>,
    /// `None`: a file `.argocd-source-<application>.yaml`.
    pub target: Setting<Option<Text>>,
    pub pull_request: Option<Text>,
}

/// An Application's images under one object, or under its annotations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Managed {
    /// `None` with v0.x.
    pub object: Option<ObjectName>,
    /// Of the reference that matches.
    pub name_pattern: Option<Text>,
    pub from_annotations: bool,
    pub write_back: WritesBack,
    pub images: Vec<ImageSettings>,
}

/// A reference or an object that does not take the Application in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub object: Option<ObjectName>,
    pub name_pattern: Option<Text>,
    pub why: Said,
}

/// Who manages an Application's images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Several objects may manage one Application; the last to look wins, and nobody says which that is.
    pub managed: Vec<Managed>,
    pub tried: Vec<Tried>,
}

/// The settings of an Application. The objects' order does not matter.
#[must_use]
pub fn effective<'a>(
    program: Program,
    name: &ObjectName,
    application: &Application,
    objects: impl IntoIterator<Item = (&'a ObjectName, &'a ImageUpdater)>,
) -> Found {
    let mut found = Found::default();
    if program == Program::V0 {
        let images = annotations::images(program, &application.updater);
        match images.and_then(|images| Ok((images, annotations::write_back(&application.updater)?))) {
            Ok((images, write_back)) => found.managed.push(Managed {
                object: None,
                name_pattern: None,
                from_annotations: true,
                write_back,
                images,
            }),
            Err(why) => found.tried.push(Tried { object: None, name_pattern: None, why }),
        }
        return found;
    }
    let mut objects: Vec<_> = objects.into_iter().collect();
    objects.sort_by_key(|(name, _)| *name);
    for (object, updater) in objects {
        let tried = |pattern: Option<&Text>, why| Tried {
            object: Some(object.clone()),
            name_pattern: pattern.cloned(),
            why,
        };
        let Some(spec) = &updater.spec else { continue };
        let namespace = spec.namespace.as_ref().unwrap_or(&object.namespace);
        if *namespace != name.namespace {
            let why =
                said!("tried-namespace", "it looks in namespace {namespace} only", namespace = namespace);
            found.tried.push(tried(None, why));
            continue;
        }
        if let Some(broken) = matching::broken_pattern(spec) {
            let why = said!(
                "tried-broken-pattern",
                "name pattern {pattern} is malformed, and the whole object fails",
                pattern = broken
            );
            found.tried.push(tried(Some(broken), why));
            continue;
        }
        for reference in matching::by_specificity(&spec.references) {
            let settings = matching::matches(reference, name, application).and_then(|()| {
                let (images, write_back) = if reference.use_annotations {
                    let mut images = annotations::images(program, &application.updater)?;
                    // The one setting that the annotations have no say in.
                    for image in &mut images {
                        image.verified = layers::verified(spec, reference, None);
                    }
                    (images, annotations::write_back(&application.updater)?)
                } else {
                    (layers::images(spec, reference), layers::write_back(spec, reference)?)
                };
                Ok((images, write_back))
            });
            match settings {
                Ok((images, write_back)) => {
                    found.managed.push(Managed {
                        object: Some(object.clone()),
                        name_pattern: Some(Text::clone(&reference.name_pattern)),
                        from_annotations: reference.use_annotations,
                        write_back,
                        images,
                    });
                    break;
                }
                // A reference whose settings cannot be read is passed over for the next.
                Err(why) => found.tried.push(tried(Some(&reference.name_pattern), why)),
            }
        }
    }
    found
}

impl<T> Setting<T> {
    pub(super) fn default(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }
}

impl ImageSettings {
    /// The settings as the rule wants them. `own` is the platform that the program runs on; empty where not known.
    #[must_use]
    pub fn policy(&self, own: &[String]) -> Policy {
        let platforms = &self.platforms.value;
        Policy {
            strategy: Strategy::from_name(&self.strategy.value).0,
            constraint: self.constraint.to_string(),
            allow: Allow::new(&self.allow_tags.value),
            ignore: Ignore::new(self.ignore_tags.value.iter().map(|pattern| &**pattern)),
            platforms: if platforms.is_empty() {
                own.to_vec()
            } else {
                platforms.iter().map(ToString::to_string).collect()
            },
        }
    }

    /// Whether the program looks at the image at all: the Application reports it, or it is forced.
    #[must_use]
    pub fn is_live(&self, application: &Application) -> bool {
        self.force_update.value
            || application.reported_images.iter().any(|reported| {
                reported.parse::<ImageRef>().is_ok_and(|image| *image.repository == *self.repository)
            })
    }
}
