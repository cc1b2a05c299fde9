//! From an Application to its service and environment.
//!
//! ```text
//!  Application --is it a pull request's?--> preview "pr-7"
//!       |        no: rules of the configuration, label, namespace, name, cluster --> environment
//!       '-----> catalogue, label, ApplicationSet, name without the environment   --> service
//! ```
//!
//! The first that fits wins, and its words are kept, so that `doctor --explain-mapping` can say why. What nothing fits
//! keeps the Application's own name and stands under "unassigned": never nowhere.

use std::collections::HashMap;

use globset::GlobSet;

use crate::{
    observe::{Application, ApplicationSet, Destination, ObjectName},
    phrase::Said,
    reduce::is_too_long,
    said,
    settings::Settings,
    text::Text,
};

mod address;
mod destination;
mod environment;
mod known;
mod origin;
mod patterns;
mod preview;
mod service;
mod template;

pub use address::Address;
pub(crate) use origin::{HEAD_SHA, is_commit};
pub use origin::{Heads, KnownPull, Origin, host_of};
pub use patterns::{MapperError, PatternError};

use patterns::Rule;

/// Compiled rules: made once, asked for every Application.
#[derive(Debug)]
pub struct Mapper {
    settings: Settings,
    rules: Vec<Rule>,
    /// All patterns of the catalogue, and which entry each belongs to.
    catalog: GlobSet,
    catalog_entries: Vec<usize>,
    /// Entries of the catalogue by their name.
    catalog_names: HashMap<Text, usize>,
}

/// Where an Application belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    pub service: Text,
    /// Name of the environment: of a rule, a well-known word (`production`), `pr-7`, the namespace, or `-`.
    pub environment: Text,
    /// It belongs to a pull request and has no column of its own.
    pub preview: bool,
    /// Team.
    pub owner: Option<Text>,
    /// URL of the repository on the forge.
    pub repository: Option<Text>,
    /// How service and environment were found, in words.
    pub mapped_by: Said,
    /// False: no rule placed it.
    pub assigned: bool,
}

/// What is asked about: one Application, with what is known around it.
struct Asked<'a> {
    instance: &'a str,
    name: &'a ObjectName,
    app: &'a Application,
    cluster: Option<&'a str>,
    /// The ApplicationSet that owns it, where that has a pull request generator.
    previews: Option<&'a ApplicationSet>,
}

impl Asked<'_> {
    fn label(&self, key: &str) -> Option<&str> {
        let labels = &self.app.labels;
        let value = labels.iter().find(|(known, _)| &**known == key).map(|(_, value)| &**value);
        value.filter(|value| !value.is_empty() && !is_too_long(value))
    }

    /// Namespace that its workloads go to.
    fn namespace(&self) -> Option<&str> {
        self.app.destination.namespace.as_deref().filter(|name| !name.is_empty() && !is_too_long(name))
    }

    /// The spellings that a pattern may use: `name`, `namespace/name`, `instance:namespace/name`.
    fn spellings(&self) -> [String; 3] {
        let long = self.name.to_string();
        [self.name.name.to_string(), long.clone(), format!("{}:{long}", self.instance)]
    }
}

impl Mapper {
    /// Compiles the rules.
    ///
    /// # Errors
    ///
    /// Every pattern that does not compile, each with its place in the configuration.
    pub fn new(settings: &Settings) -> Result<Self, MapperError> {
        patterns::compile(settings)
    }

    /// The service and environment of an Application. `cluster` is where it deploys to, from
    /// [`Self::resolve_destination`]; `set` is the ApplicationSet that owns it.
    pub fn map(
        &self,
        instance: &str,
        name: &ObjectName,
        app: &Application,
        cluster: Option<&str>,
        set: Option<&ApplicationSet>,
    ) -> Mapped {
        let previews = set.filter(|set| set.generators.iter().any(|kind| &**kind == "pullRequest"));
        let asked = Asked { instance, name, app, cluster, previews };
        let environment = self.environment(&asked);
        let service = self.service(&asked, &environment);
        let entry = service.entry.map(|at| &self.settings.catalog[at]);
        let owner = ["landfall.dev/owner", "team", "owner"].into_iter().find_map(|key| asked.label(key));
        let repository = asked.label("landfall.dev/repo").and_then(crate::reduce::safe_url);
        Mapped {
            mapped_by: said!(
                "mapped-by",
                "service: {service}; environment: {environment}",
                service = service.by,
                environment = environment.by,
            ),
            service: service.name,
            environment: environment.name,
            preview: environment.preview,
            owner: entry.and_then(|entry| entry.owner.clone()).or_else(|| owner.map(Text::from)),
            repository: entry
                .and_then(|entry| entry.repository.clone())
                .or_else(|| repository.map(Text::from)),
            assigned: service.assigned,
        }
    }

    /// Which pull request a preview belongs to. `repository` is what the catalogue says of its service.
    pub fn trace(
        &self,
        instance: &str,
        name: &ObjectName,
        app: &Application,
        set: Option<&ApplicationSet>,
        repository: Option<&str>,
        heads: &dyn Heads,
    ) -> Origin {
        let asked = Asked { instance, name, app, cluster: None, previews: set };
        origin::origin(&asked, set, repository, heads)
    }

    /// Which of our clusters a destination is; `None` if it is none of them.
    pub fn resolve_destination(&self, instance: &str, destination: &Destination) -> Option<Text> {
        resolve_destination(&self.settings, instance, destination)
    }

    /// Where the column of an environment stands: by the rules' `order`, else in their sequence; then the well-known
    /// ones from production on; then by name.
    pub fn environment_rank(&self, name: &str) -> (i32, Text) {
        let rules = &self.settings.environments;
        let by_rule = rules.iter().enumerate().find(|(_, rule)| *rule.name == *name).map(|(at, rule)| {
            rule.order.unwrap_or_else(|| i32::try_from(at).unwrap_or(i32::MAX / 2).saturating_add(1))
        });
        // Orders are small numbers that people type; the well-known names come behind them all.
        let rank = by_rule.unwrap_or_else(|| i32::MAX / 2 + known::order(name));
        (rank, Text::from(name))
    }
}

pub use destination::resolve_destination;
