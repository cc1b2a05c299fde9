//! Webhooks of registries and forges: what they push says "look now", and nothing more.
//!
//! ```text
//!  any replica   web::webhook ── proof ── payload ── Asks ── NOTIFY ──┐
//!  the leader    source::{registry, forge}::poll <── Asks <── LISTEN ─┘
//! ```
//!
//! A webhook is never believed: it names a repository, and the leader looks for itself, within the source's budget. What
//! gets lost on the way (the database away, another leader) is seen by the next regular look.

mod asks;
mod deliveries;
mod forge;
mod payload;
mod proof;
mod relay;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use landfall_model::words::ForgeKind;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry as Metrics,
};

use self::proof::Proof;
pub use self::{
    asks::{Asks, Wish},
    deliveries::Deliveries,
    forge::{Happened, delivery, happened},
    payload::{Pushed, Unreadable, pushed},
    relay::{Ask, hand_on, receive},
};
use crate::config::{self, Config, Secret};

/// Secrets are read again after this time, so that a replaced file counts.
const SECRET_AGE: Duration = Duration::from_secs(5);

/// Who may call, and what they asked for.
#[derive(Debug, Default)]
pub struct Hooks {
    /// By a registry's host, or `forge/NAME`.
    callers: BTreeMap<String, Caller>,
    /// The first GitHub of the configuration: `forge/NAME`.
    github: Option<String>,
    /// What is still to be told to the leader.
    pub asks: Asks,
    pub deliveries: Deliveries,
    pub metrics: HookMetrics,
}

#[derive(Debug)]
struct Caller {
    secret: Secret,
    read: Mutex<Option<(Instant, Proof)>>,
}

impl Hooks {
    /// Those of the configuration that have a secret; all others are refused.
    pub fn new(config: &Config) -> Arc<Self> {
        let callers =
            config.registries.iter().filter(|registry| !registry.links_only).filter_map(|registry| {
                let secret = registry.webhook_secret.clone()?;
                Some((registry.host.clone(), Caller { secret, read: Mutex::default() }))
            });
        let asked = || config.forges.iter().filter(|forge| forge.asked().is_some());
        let forges = asked().filter_map(|forge| {
            let secret = forge.webhook_secret.clone()?;
            Some((forge.source(), Caller { secret, read: Mutex::default() }))
        });
        let github = asked().find(|forge| forge.asked() == Some(ForgeKind::Github));
        Arc::new(Self {
            callers: callers.chain(forges).collect(),
            github: github.map(config::Forge::source),
            ..Self::default()
        })
    }

    /// Whom `/webhooks/github` is for.
    pub fn github(&self) -> Option<&str> {
        self.github.as_deref()
    }

    /// Whether this request was sent by who knows the secret of this caller. It takes as long where there is no such caller.
    pub fn is_proven(&self, caller: &str, headers: &HeaderMap, query: Option<&str>, body: &[u8]) -> bool {
        let proof = self.callers.get(caller).and_then(Caller::proof);
        let known = proof.is_some();
        proof.unwrap_or_default().holds(headers, query, body) && known
    }
}

impl Caller {
    /// `None`: the secret cannot be read, so nobody is let in.
    fn proof(&self) -> Option<Proof> {
        let mut slot = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, proof)) = &*slot
            && at.elapsed() < SECRET_AGE
        {
            return Some(proof.clone());
        }
        match self.secret.read() {
            Ok(text) => {
                let proof = Proof::new(&text);
                *slot = Some((Instant::now(), proof.clone()));
                Some(proof)
            }
            Err(why) => {
                tracing::warn!(%why, "a webhook cannot be checked");
                // While a file is being replaced the last secret is as good as any.
                slot.as_ref().map(|(_, proof)| proof.clone())
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    result: &'static str,
}

/// What became of webhooks, and of the looks that they asked for. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct HookMetrics {
    received: Family<Labels, Counter>,
    asked: Family<Labels, Counter>,
}

impl HookMetrics {
    /// All start at nought, so that a first one is seen as a rise.
    pub fn register(&self, registry: &mut Metrics) {
        for result in ["accepted", "ignored", "repeated", "refused", "malformed", "full"] {
            self.received.get_or_create(&Labels { result }).inc_by(0);
        }
        for result in ["looked", "unknown", "again"] {
            self.asked.get_or_create(&Labels { result }).inc_by(0);
        }
        let help = "Webhooks: accepted, ignored (nothing to look at), repeated, refused, malformed, full";
        registry.register("received", help, self.received.clone());
        let help =
            "Repositories that webhooks asked to look at: looked, unknown (not looked at by Landfall), again";
        registry.register("repositories", help, self.asked.clone());
    }

    /// One webhook.
    pub fn received(&self, result: &'static str) {
        self.received.get_or_create(&Labels { result }).inc();
    }

    /// One repository that the leader was asked to look at.
    pub fn asked(&self, result: &'static str) {
        self.asked.get_or_create(&Labels { result }).inc();
    }
}
