//! From an Application to its service and environment.
//!
//! The index uses: [`Mapper::new`], [`Mapper::map`], [`Mapper::resolve_destination`], [`Mapper::environment_rank`].

use crate::{
    observe::{Application, Destination, ObjectName},
    settings::Settings,
    text::Text,
};

/// Precompiled rules.
#[derive(Debug)]
pub struct Mapper {
    settings: Settings,
}

/// Where an Application belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    pub service: Text,
    pub environment: Text,
    pub preview: bool,
    pub owner: Option<Text>,
    pub repository: Option<Text>,
    /// How it was found, in words.
    pub mapped_by: Text,
    pub assigned: bool,
}

impl Mapper {
    /// Compiles the rules.
    pub fn new(settings: &Settings) -> Result<Self, globset::Error> {
        Ok(Self { settings: settings.clone() })
    }

    /// The service and environment of an Application.
    pub fn map(
        &self,
        _instance: &str,
        name: &ObjectName,
        app: &Application,
        _cluster: Option<&str>,
        preview_set: bool,
    ) -> Mapped {
        let label = |key: &str| app.labels.iter().find(|(k, _)| &**k == key).map(|(_, v)| Text::clone(v));
        Mapped {
            service: label("app.kubernetes.io/name").or_else(|| label("service")).unwrap_or_else(|| Text::clone(&name.name)),
            environment: label("environment").unwrap_or_else(|| Text::from("-")),
            preview: preview_set,
            owner: label("team"),
            repository: None,
            mapped_by: Text::from("label"),
            assigned: true,
        }
    }

    /// Which of our clusters a destination is.
    pub fn resolve_destination(&self, instance: &str, destination: &Destination) -> Option<Text> {
        let instance = self.settings.instances.iter().find(|i| &*i.name == instance)?;
        let here = destination.server.as_deref() == Some("https://kubernetes.default.svc")
            || destination.name.as_deref() == Some("in-cluster");
        here.then(|| Text::clone(&instance.cluster))
    }

    /// Where the column of an environment stands: the order of the rules, then production, staging, …, then names.
    pub fn environment_rank(&self, name: &str) -> (i32, Text) {
        (0, Text::from(name))
    }
}
