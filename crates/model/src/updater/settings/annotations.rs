//! Settings as annotations of the Application, as v0.x reads them, and as v1.x does where a reference says so.

use crate::{
    Text,
    observe::{Labels, ManifestTarget, WriteBack},
    phrase::Said,
    said,
};

use super::{Identifier, ImageSettings, Origin, Program, Setting, WritesBack, layers};

struct Reader<'a> {
    program: Program,
    all: &'a Labels,
    alias: String,
}

/// Settings of the images that `image-list` names.
pub(super) fn images(program: Program, all: &Labels) -> Result<Vec<ImageSettings>, Said> {
    let missing = || said!("tried-no-image-list", "the Application has no annotation image-list");
    let list = get(all, "image-list").ok_or_else(missing)?;
    let entries: Vec<_> = list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    if entries.is_empty() {
        return Err(said!("tried-empty-image-list", "its annotation image-list is empty"));
    }
    entries.into_iter().map(|entry| image(program, all, entry)).collect()
}

fn image(program: Program, all: &Labels, entry: &str) -> Result<ImageSettings, Said> {
    let identifier = Identifier::listed(entry);
    // v0.x writes an alias's slashes as underscores where it looks for its annotations.
    let alias = match program {
        Program::V0 => identifier.alias.replace('/', "_"),
        Program::V1 => identifier.alias.clone(),
    };
    let reader = Reader { program, all, alias };
    let list = |text: &Text| {
        text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(Text::from).collect::<Vec<_>>()
    };
    let mut allow_tags = reader.text("allow-tags");
    if program == Program::V0
        && allow_tags.as_ref().is_none_or(|setting| setting.value.is_empty())
        && let Some(old) = reader.own("tag-match")
    {
        allow_tags = Some(old);
    }
    let target = reader.target();
    let helm = target.helm_name.is_some() || target.helm_tag.is_some() || target.helm_spec.is_some();
    if program == Program::V1 && helm && target.kustomize_name.is_some() {
        let alias = &reader.alias;
        return Err(said!(
            "tried-two-targets",
            "image {alias} has a Helm and a Kustomize target",
            alias = alias
        ));
    }
    let platforms = reader.own("platforms").map(|it| it.map(|text| list(&text)));
    Ok(ImageSettings {
        strategy: or_default(reader.text("update-strategy"), Text::from(layers::SEMVER)),
        force_update: reader.force_update()?,
        allow_tags: or_default(allow_tags, Text::default()),
        ignore_tags: or_default(reader.text("ignore-tags").map(|it| it.map(|text| list(&text))), Vec::new()),
        platforms: or_default(platforms, Vec::new()),
        verified: Setting::default(false),
        pull_secret: or_default(reader.text("pull-secret").map(|it| it.map(Some)), None),
        target,
        shadowed: Vec::new(),
        alias: identifier.alias.into(),
        repository: identifier.repository.into(),
        constraint: identifier.constraint.into(),
    })
}

/// An empty strategy is the default one.
fn or_default<T: IsEmpty>(found: Option<Setting<T>>, default: T) -> Setting<T> {
    found.filter(|setting| !setting.value.is_empty()).unwrap_or(Setting::default(default))
}

trait IsEmpty {
    fn is_empty(&self) -> bool;
}

impl IsEmpty for Text {
    fn is_empty(&self) -> bool {
        str::is_empty(self)
    }
}

impl<T> IsEmpty for Vec<T> {
    fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl IsEmpty for Option<Text> {
    fn is_empty(&self) -> bool {
        self.as_deref().is_none_or(str::is_empty)
    }
}

impl<T> Setting<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), origin: self.origin }
    }
}

impl Reader<'_> {
    /// The image's own annotation.
    fn own(&self, ending: &str) -> Option<Setting<Text>> {
        if self.alias.is_empty() && self.program == Program::V1 {
            return None;
        }
        found(self.all, &format!("{}.{ending}", self.alias))
    }

    /// The image's own, else the Application's. In v0.x an empty one of its own also ends the search.
    fn text(&self, ending: &str) -> Option<Setting<Text>> {
        let own = self.own(ending);
        let counts = |own: &Setting<Text>| self.program == Program::V0 || !own.value.is_empty();
        own.filter(counts).or_else(|| found(self.all, ending))
    }

    fn force_update(&self) -> Result<Setting<bool>, Said> {
        let Some(setting) = self.own("force-update").or_else(|| found(self.all, "force-update")) else {
            return Ok(Setting::default(false));
        };
        let value = match (self.program, &*setting.value) {
            (Program::V0, text) => text == "true",
            (Program::V1, "1" | "t" | "T" | "true" | "TRUE" | "True") => true,
            (Program::V1, "0" | "f" | "F" | "false" | "FALSE" | "False") => false,
            (Program::V1, text) => {
                return Err(said!(
                    "tried-force-update",
                    "force-update is neither true nor false: {text}",
                    text = text
                ));
            }
        };
        Ok(Setting { value, origin: setting.origin })
    }

    fn target(&self) -> ManifestTarget {
        let own = |ending| self.own(ending).map(|it| it.value).filter(|it| !it.is_empty());
        ManifestTarget {
            helm_name: own("helm.image-name"),
            helm_tag: own("helm.image-tag"),
            helm_spec: own("helm.image-spec"),
            kustomize_name: own("kustomize.image-name"),
            ..ManifestTarget::default()
        }
    }
}

fn get<'a>(all: &'a Labels, key: &str) -> Option<&'a Text> {
    all.iter().find(|(known, _)| **known == *key).map(|(_, value)| value)
}

fn found(all: &Labels, key: &str) -> Option<Setting<Text>> {
    let value = Text::from(get(all, key)?.trim());
    Some(Setting { value, origin: Origin::Annotation(Text::from(key)) })
}

/// How it is written back.
pub(super) fn write_back(all: &Labels) -> Result<WritesBack, Said> {
    let text = |key| found(all, key).map(|it| it.value).filter(|it| !it.is_empty());
    let block = WriteBack {
        method: text("write-back-method"),
        repository: text("git-repository"),
        branch: text("git-branch"),
        target: text("write-back-target"),
        pull_request: None,
    };
    let mut written = layers::written(&[(Some(&block), Origin::Spec)])?;
    let name = |origin: &mut Origin, key: &str| {
        if *origin != Origin::Default {
            *origin = Origin::Annotation(Text::from(key));
        }
    };
    name(&mut written.method.origin, "write-back-method");
    name(&mut written.repository.origin, "git-repository");
    name(&mut written.branch.origin, "git-branch");
    name(&mut written.target.origin, "write-back-target");
    Ok(written)
}
