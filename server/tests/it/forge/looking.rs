//! An engine's index that a looker tells what it sees.

use std::sync::Arc;

use landfall::{
    config::Forge as Config,
    engine::Change,
    hook::HookMetrics,
    source::forge::{
        Failure, Forge, Gitea, Github, Gitlab, Patience,
        poll::{Looker, Polling},
    },
};
use landfall_model::{
    Text,
    index::{Effect, Objects, PollReport},
    observe::{Body, ObjectName, Pull, Scope},
    view::{Generates, Snapshot},
    words::Kind,
};
use serde_json::json;
use tokio::sync::{mpsc, watch};

/// Looks at one forge, as one leader does, and keeps what is told as the engine does.
pub struct Looking<F> {
    pub looker: Looker<F>,
    pub objects: Objects,
    /// Objects that changed with the last look.
    pub news: usize,
    inbox: mpsc::Receiver<Change>,
    view: watch::Sender<Arc<Snapshot>>,
}

/// A client of the kind that the configuration names.
pub trait Made: Forge + Sized {
    fn made(config: &Config, patience: Patience) -> Result<Self, Failure>;
}

impl Made for Github {
    fn made(config: &Config, patience: Patience) -> Result<Self, Failure> {
        Self::new(config, patience)
    }
}

impl Made for Gitlab {
    fn made(config: &Config, patience: Patience) -> Result<Self, Failure> {
        Self::new(config, patience)
    }
}

impl Made for Gitea {
    fn made(config: &Config, patience: Patience) -> Result<Self, Failure> {
        Self::new(config, patience)
    }
}

impl<F: Made> Looking<F> {
    pub fn at(config: &Config, patience: Patience) -> Self {
        let (view, snapshot) = watch::channel(Arc::new(Snapshot::default()));
        let (sender, inbox) = mpsc::channel(10_000);
        let client = F::made(config, patience.clone()).unwrap();
        let polling = Polling { snapshot, patience, hooks: HookMetrics::default() };
        let looker = Looker::new(polling, config, client, sender);
        Self { looker, objects: Objects::default(), news: 0, inbox, view }
    }

    /// From now on generators look at these repositories for requests with this label.
    pub fn generate(&self, repositories: &[&str], label: &str) {
        let config = &self.looker.config;
        let one = |path: &&str| Generates {
            provider: Text::from(config.kind.as_str()),
            repository: Text::from(*path),
            api: Some(Text::from(config.url.as_str())),
            labels: vec![vec![Text::from(label)]],
        };
        let generators = Arc::new(repositories.iter().map(one).collect());
        self.view.send_replace(Arc::new(Snapshot { generators, ..Snapshot::default() }));
    }

    /// From now on this is the view.
    pub fn show(&self, view: Snapshot) {
        self.view.send_replace(Arc::new(view));
    }

    /// From now on this pull request has an Application.
    pub fn preview(&self, repository: &str, number: u64) {
        let step = json!({"id": format!("{repository}#{number}"), "forge": self.looker.config.source(),
            "repository": repository, "number": number, "url": null, "request": null, "state": "ready", "sources": [],
            "previews": [{"environment": "main:argocd/web-pr", "service": "web", "application": "argocd/web-pr",
                "instance": "main", "set": null, "traced": {"method": "label", "confidence": "certain",
                "by": {"text": "x"}}, "state": "ready", "steps": [], "waits": null, "head": null, "deployed": null,
                "behind": null, "generated_for": null, "urls": [], "last_good": null, "image": null, "created": null,
                "deleting_since": null, "ready": 1, "desired": 1}]});
        let pull = serde_json::from_value(step).unwrap();
        let before = self.view.borrow().clone();
        self.view.send_replace(Arc::new(Snapshot { pulls: vec![Arc::new(pull)], ..(*before).clone() }));
    }

    /// One cycle; gives the last report.
    pub async fn look(&mut self) -> PollReport {
        self.looker.look().await;
        self.take().expect("a report")
    }

    /// Takes in what was told.
    pub fn take(&mut self) -> Option<PollReport> {
        let mut last = None;
        self.news = 0;
        while let Ok(change) = self.inbox.try_recv() {
            match change {
                Change::Polled(report) => last = Some(report),
                Change::Apply(observation) => {
                    let effect = self.objects.apply(observation);
                    self.news += usize::from(effect != Effect::Refreshed);
                }
                Change::Reset { scope, within, items, version } => {
                    let effects = self.objects.reset(&scope, within.as_ref(), items, version);
                    let news = effects.iter().filter(|(_, effect)| *effect != Effect::Refreshed);
                    self.news += news.count();
                }
                other => panic!("{other:?}"),
            }
        }
        last
    }

    fn scope(&self) -> Scope {
        Scope { source: self.looker.config.source().into(), kind: Kind::Pull }
    }

    pub fn body(&self, repository: &str, number: u64) -> Option<&Body> {
        let name = ObjectName { namespace: repository.into(), name: number.to_string().into() };
        self.objects.get(&self.scope(), &name).map(|held| &held.body)
    }

    pub fn pull(&self, repository: &str, number: u64) -> Option<Arc<Pull>> {
        match self.body(repository, number)? {
            Body::Pull(pull) => Some(Arc::clone(pull)),
            other => panic!("{other:?}"),
        }
    }

    /// `REPOSITORY#NUMBER` of all that is known.
    pub fn known(&self) -> Vec<String> {
        self.objects.of(&self.scope()).map(|(name, _)| format!("{}#{}", name.namespace, name.name)).collect()
    }
}
