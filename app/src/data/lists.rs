//! One service, the sources, search, and what is shown when something is not there.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use landfall_model::{
    Text,
    phrase::Said,
    transition::Transition,
    view::{Environment, Finding, Service, Snapshot, SourceView},
};

use super::{FoundSightings, NoHistory};

/// One service.
#[derive(Debug, Clone)]
pub struct ServicePage {
    pub snapshot: Arc<Snapshot>,
    pub service: Arc<Service>,
    /// Open findings about it, worst first.
    pub findings: Vec<Arc<Finding>>,
    /// Newest first, at most fifty.
    pub timeline: Vec<Arc<Transition>>,
    pub no_timeline: Option<NoHistory>,
    /// More transitions exist than are listed.
    pub more: bool,
    /// Ids of environments that changed since `?since=`.
    pub changed: BTreeSet<Text>,
    /// Badges of its lasting environments; none of the past.
    pub badges: Vec<Badge>,
}

/// A badge to show elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    pub environment: Text,
    /// Address of the picture on our own pages.
    pub src: String,
    /// What to write into a README: the picture, leading to the service's page.
    pub markdown: String,
}

impl ServicePage {
    /// Environments that are no previews.
    pub fn environments(&self) -> Vec<&Arc<Environment>> {
        self.service.environments.iter().filter(|e| !e.preview).collect()
    }
}

/// The sources.
#[derive(Debug, Clone)]
pub struct Sources {
    pub sources: Vec<Arc<SourceView>>,
    /// Services that rest on each silent source, by its name.
    pub resting: std::collections::BTreeMap<Text, usize>,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Search {
    pub q: String,
    pub services: Vec<Hit>,
    pub services_total: usize,
    /// From history: where the words stood in the past. `None` where there is no history.
    pub past: Option<Vec<Arc<Transition>>>,
    /// What was seen at registries, now and in the past. `None` where nobody looks at any, or the words can be no tag,
    /// digest or commit.
    pub seen: Option<FoundSightings>,
    /// Names that are near, where nothing was found.
    pub near: Vec<Text>,
}

/// A service that fits, and why.
#[derive(Debug, Clone)]
pub struct Hit {
    pub service: Arc<Service>,
    /// Environments of it that fit; empty where the service itself does.
    pub environments: Vec<Arc<Environment>>,
}

/// Something that is not there.
#[derive(Debug, Clone)]
pub struct NotFound {
    pub what: Missing,
    /// Nearest names, best first.
    pub near: Vec<Text>,
    /// It was there once: when it went.
    pub gone: Option<Timestamp>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    Service(String),
    Repository(String),
    /// Repository and number of a pull request, as far as the address says them.
    Pull(String, Option<u64>),
    Page,
}

/// A page that failed, or an address that cannot be understood.
#[derive(Debug, Clone)]
pub struct Failure {
    pub status: u16,
    /// Number under which the log knows it.
    pub reference: Option<String>,
    /// What is wrong with the address, field by field.
    pub fields: Vec<WrongField>,
    /// What is wrong, where it is no field of the address.
    pub detail: Option<Said>,
}

/// A field of the address that cannot be understood.
#[derive(Debug, Clone)]
pub struct WrongField {
    pub name: String,
    /// What was written, where the sentence does not repeat it.
    pub value: Option<String>,
    /// A sentence that goes on behind the field's name and value.
    pub wrong: Said,
}

/// A document of `docs/`.
#[derive(Debug, Clone)]
pub struct Document {
    pub title: String,
    /// Markdown; raw HTML in it is shown as text.
    pub body: String,
    /// Address and title of each document, for the list beside it.
    pub index: Vec<(String, String)>,
}

/// One route of the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiRoute {
    pub method: String,
    pub path: String,
    pub text: String,
    pub parameters: Vec<ApiParameter>,
}

/// One parameter of a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiParameter {
    pub name: String,
    pub required: bool,
    pub text: String,
}
