//! Pull requests with their previews: kept by repository and number, worked out again when anything of theirs changed.
//!
//! ```text
//!  Pull (forge) ----.                                    .--> view::Pull --> transitions, findings, frame
//!  Application ------+--> PullKey --> what it is made of -+
//!  ApplicationSet --'                                    '--> before: rounds, times that were noticed
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::{
    mapping::{Address, Heads, KnownPull, Origin, host_of},
    observe::{ApplicationSet, Body, ObjectName, Pull, PullRequestGenerator, Scope},
    settings::{ForgeSettings, Settings},
    text::Text,
    view,
    words::{ForgeKind, Kind},
};

use super::{ApplicationKey, objects::Objects};

/// A pull request, or a preview of which none is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PullKey {
    Of {
        /// `forge/NAME`; `None`: no forge is configured that would know it.
        forge: Option<Text>,
        repository: Text,
        number: u64,
    },
    /// Id of the environment.
    Alone(Text),
}

/// All of them.
#[derive(Debug, Default)]
pub struct Pulls {
    pub entries: BTreeMap<PullKey, PullEntry>,
    pub dirty: BTreeSet<PullKey>,
    /// Applications whose pull request is not certain: what a forge says may change it.
    pub unsure: BTreeSet<ApplicationKey>,
    /// Views of an earlier run, by id, until they are worked out again.
    pub remembered: HashMap<Text, view::Pull>,
    /// The list of views is to be made anew.
    pub changed: bool,
}

/// What is kept of one.
#[derive(Debug, Default)]
pub struct PullEntry {
    pub applications: BTreeSet<ApplicationKey>,
    /// `None`: not worked out yet.
    pub view: Option<Arc<view::Pull>>,
    /// Previews that were another's until now, as they were there.
    carried: Vec<view::Preview>,
    /// Environments whose previews are another's now.
    moved: Vec<Text>,
}

impl PullEntry {
    /// What it was before, with the previews that came to it and without those that left.
    pub fn before(&mut self, known: Option<&view::Pull>, id: &Text) -> Option<view::Pull> {
        let (carried, moved) = (std::mem::take(&mut self.carried), std::mem::take(&mut self.moved));
        if known.is_none() && carried.is_empty() {
            return None;
        }
        let mut before = known.cloned().unwrap_or_else(|| view::Pull::unknown(id));
        before.previews.retain(|it| it.environment.as_ref().is_none_or(|it| !moved.contains(it)));
        for preview in carried {
            let own = preview.environment.as_deref().is_some_and(|it| before.preview(it).is_some());
            if !own {
                before.previews.push(preview);
            }
        }
        Some(before)
    }
}

impl Pulls {
    /// Moves an Application from one pull request to another, with what is known of its preview.
    pub fn assign(
        &mut self,
        application: &ApplicationKey,
        environment: &Text,
        old: Option<&PullKey>,
        new: Option<&PullKey>,
    ) {
        let mut carried = None;
        if old != new
            && let Some(old) = old
        {
            if let Some(entry) = self.entries.get_mut(old) {
                entry.applications.remove(application);
                if new.is_some() {
                    carried = entry.view.as_ref().and_then(|view| view.preview(environment)).cloned();
                    entry.moved.push(Text::clone(environment));
                }
            }
            self.dirty.insert(old.clone());
        }
        if let Some(new) = new {
            let entry = self.entries.entry(new.clone()).or_default();
            entry.applications.insert(application.clone());
            entry.carried.extend(carried);
            entry.moved.retain(|moved| moved != environment);
            self.dirty.insert(new.clone());
        }
    }

    /// By forge and repository, then the newest first; those without a number last.
    pub fn views(&self) -> Vec<Arc<view::Pull>> {
        let mut views: Vec<_> = self.entries.values().filter_map(|entry| entry.view.clone()).collect();
        views.sort_by(|a, b| view::Pull::order(a, b));
        views
    }
}

impl PullKey {
    /// The key of what a forge tells: the namespace is the repository, the name the number.
    pub fn of_object(scope: &Scope, name: &ObjectName) -> Option<Self> {
        Some(Self::Of {
            forge: Some(Text::clone(&scope.source)),
            repository: Text::clone(&name.namespace),
            number: name.name.parse().ok()?,
        })
    }

    /// The key of what a preview was traced to.
    pub fn of_origin(origin: &Origin, environment: &Text, settings: &Settings, objects: &Objects) -> Self {
        match (&origin.repository, origin.number) {
            (Some(repository), Some(number)) => Self::Of {
                forge: forge_of(origin, repository, number, settings, objects),
                repository: Text::clone(repository),
                number,
            },
            _ => Self::Alone(Text::clone(environment)),
        }
    }

    /// `REPOSITORY#NUMBER`; `NAME:` before it for all forges but the first.
    pub fn id(&self, settings: &Settings) -> Text {
        match self {
            Self::Alone(environment) => Text::clone(environment),
            Self::Of { forge, repository, number } => {
                let name = forge.as_deref().and_then(|source| source.strip_prefix("forge/"));
                let first = settings.forges.first().map(|forge| &*forge.name);
                match name.filter(|name| Some(*name) != first) {
                    Some(name) => Text::from(format!("{name}:{repository}#{number}")),
                    None => Text::from(format!("{repository}#{number}")),
                }
            }
        }
    }

    /// What its forge says.
    pub fn request<'a>(&self, objects: &'a Objects) -> Option<&'a Arc<Pull>> {
        let Self::Of { forge: Some(forge), repository, number } = self else { return None };
        pull(objects, forge, repository, *number)
    }
}

/// A pull request of a forge.
fn pull<'a>(objects: &'a Objects, forge: &Text, repository: &Text, number: u64) -> Option<&'a Arc<Pull>> {
    let scope = Scope { source: Text::clone(forge), kind: Kind::Pull };
    let name = ObjectName { namespace: Text::clone(repository), name: Text::from(number.to_string()) };
    match &objects.get(&scope, &name)?.body {
        Body::Pull(pull) => Some(pull),
        _ => None,
    }
}

/// Whether a forge's address has this host.
fn has_host(forge: &ForgeSettings, wanted: &str) -> bool {
    Address::read(&forge.url).host.is_some_and(|host| host.eq_ignore_ascii_case(wanted))
}

const fn provider(kind: ForgeKind) -> &'static str {
    match kind {
        ForgeKind::Github => "github",
        ForgeKind::Gitlab => "gitlab",
        ForgeKind::Gitea => "gitea",
    }
}

/// Which forge of ours it is: that of the host; else the only one that knows such a pull request.
fn forge_of(
    origin: &Origin,
    repository: &Text,
    number: u64,
    settings: &Settings,
    objects: &Objects,
) -> Option<Text> {
    let by_host: Vec<&ForgeSettings> = settings
        .forges
        .iter()
        .filter(|forge| origin.host.as_deref().is_some_and(|wanted| has_host(forge, wanted)))
        .collect();
    if let [forge] = by_host.as_slice() {
        return Some(forge.source());
    }
    let fits =
        |forge: &&ForgeSettings| origin.provider.as_deref().is_none_or(|it| it == provider(forge.kind));
    let tells = |forge: &&ForgeSettings| pull(objects, &forge.source(), repository, number).is_some();
    let known: Vec<&ForgeSettings> = settings.forges.iter().filter(fits).filter(tells).collect();
    match known.as_slice() {
        [forge] => Some(forge.source()),
        _ => None,
    }
}

/// Whether a generator looks at a repository of this forge. Its `api` may go by another name than people use.
pub fn looks_at(
    generator: &PullRequestGenerator,
    forge: Option<&str>,
    repository: &str,
    settings: &Settings,
) -> bool {
    if *generator.repository != *repository {
        return false;
    }
    let name = forge.and_then(|source| source.strip_prefix("forge/"));
    let Some(forge) = settings.forges.iter().find(|forge| name == Some(&*forge.name)) else { return true };
    provider(forge.kind) == &*generator.provider
        && (has_host(forge, &host_of(generator)) || is_only(forge, settings))
}

/// No other forge speaks the same API, so there is nothing to take it for.
fn is_only(forge: &ForgeSettings, settings: &Settings) -> bool {
    settings.forges.iter().filter(|other| other.kind == forge.kind).count() == 1
}

/// What the forges know, for tracing.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub objects: &'a Objects,
    pub settings: &'a Settings,
}

impl<'a> Known<'a> {
    fn all(self) -> impl Iterator<Item = (KnownPull, &'a Pull)> {
        let scopes =
            self.settings.forges.iter().map(|forge| Scope { source: forge.source(), kind: Kind::Pull });
        let objects = self.objects;
        scopes.flat_map(move |scope| {
            objects
                .of(&scope)
                .filter_map(|(name, held)| {
                    let Body::Pull(pull) = &held.body else { return None };
                    let number = name.name.parse().ok()?;
                    Some((KnownPull { repository: Text::clone(&name.namespace), number }, &**pull))
                })
                .collect::<Vec<_>>()
        })
    }
}

impl Heads for Known<'_> {
    fn with_head(&self, sha: &str) -> Vec<KnownPull> {
        self.all().filter(|(_, pull)| *pull.head.sha == *sha).map(|(known, _)| known).collect()
    }

    fn is_known(&self, repository: &str, number: u64) -> bool {
        self.all().any(|(known, _)| *known.repository == *repository && known.number == number)
    }
}

/// ApplicationSets with pull request generators, of all instances.
pub fn preview_sets<'a>(
    settings: &'a Settings,
    objects: &'a Objects,
) -> impl Iterator<Item = (Text, &'a ObjectName, &'a ApplicationSet)> {
    settings.instances.iter().flat_map(move |instance| {
        let source = Text::from(format!("argocd/{}", instance.name));
        let scope = Scope { source: Text::clone(&source), kind: Kind::ApplicationSet };
        objects
            .of(&scope)
            .filter_map(|(name, held)| match &held.body {
                Body::ApplicationSet(set) if !set.pull_requests.is_empty() => {
                    Some((Text::clone(&source), name, &**set))
                }
                _ => None,
            })
            .collect::<Vec<_>>()
    })
}
