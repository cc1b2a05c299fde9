//! The rules: one file each, listed once.
//!
//! A rule looks at one environment (with what belongs to it) or at one source and says whether something is wrong *now*.
//! Grace times, ids, opening and closing are not its business: [`crate::index`] keeps them.
//!
//! To add one: a variant of [`Rule`], a file here with a function of type [`EnvironmentRule`], a line in
//! [`ENVIRONMENT_RULES`], its [`defaults`], a page in `docs/findings/`, and a test on both sides of its grace.

use jiff::{SignedDuration, Timestamp};

use crate::{
    index::{joined::Joined, objects::Objects},
    phrase::{Arg, Phrase, Said},
    said,
    settings::Settings,
    text::Text,
    updater::settings::Found,
    view::{Environment, Proof, Subject},
    words::{Rule, Severity, SubjectKind},
};

mod auto_sync_off;
mod cannot_render;
mod degraded;
pub mod generator_failing;
mod image_drift;
mod latest_tag;
mod mixed_images;
mod mutable_tag;
mod not_running;
mod object_missing;
mod orphaned_application;
mod out_of_sync;
mod outlook;
pub mod pull;
pub mod registry_unreadable;
mod running_image_deleted;
pub mod source;
mod stuck_deletion;
mod stuck_rollout;
mod summary_mismatch;
mod sync_failed;
mod tag_scheme;
pub mod updater_down;
mod updater_no_match;
mod would_prune_all;

/// What a rule of environments looks at.
#[derive(Debug)]
pub struct Context<'a> {
    pub joined: &'a Joined<'a>,
    pub environment: &'a Environment,
    /// What registries show.
    pub objects: &'a Objects,
    /// Who manages the images.
    pub managed: &'a Found,
    /// Environments in which findings are critical; empty: `production`.
    pub critical_in: &'a [Text],
    /// External URL of the Argo CD instance, without a trailing slash.
    pub argocd_url: Option<&'a str>,
}

/// Something is wrong now.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub rule: Rule,
    pub subject: Subject,
    /// When it began, by the objects' own times; `None`: when it was noticed.
    pub began: Option<Timestamp>,
    /// Longer or shorter grace than the rule's own.
    pub grace: Option<SignedDuration>,
    pub summary: Said,
    pub proof: Vec<Proof>,
    pub way_out: Said,
    pub link: Option<Text>,
}

/// A rule of environments.
pub type EnvironmentRule = fn(&Context<'_>) -> Option<Candidate>;

/// Every rule of environments.
pub const ENVIRONMENT_RULES: &[EnvironmentRule] = &[
    sync_failed::check,
    out_of_sync::check,
    degraded::check,
    not_running::check,
    image_drift::check,
    mixed_images::check,
    stuck_rollout::check,
    stuck_deletion::check,
    auto_sync_off::check,
    orphaned_application::check,
    object_missing::check,
    cannot_render::check,
    would_prune_all::check,
    summary_mismatch::check,
    latest_tag::check,
    |at| outlook::check(at, Rule::RevertTrap),
    |at| outlook::check(at, Rule::DateTie),
    |at| outlook::check(at, Rule::MovedTag),
    |at| outlook::check(at, Rule::OrderWrong),
    |at| outlook::check(at, Rule::FilteredOut),
    |at| outlook::check(at, Rule::WriteUndone),
    |at| outlook::check(at, Rule::WriteNotSynced),
    |at| outlook::check(at, Rule::RolloutBlocked),
    updater_no_match::check,
    tag_scheme::check,
    mutable_tag::check,
    running_image_deleted::check,
];

/// Grace and severity of a rule, before the configuration has its say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defaults {
    /// Opens after this time.
    pub grace: SignedDuration,
    pub severity: Severity,
    /// Critical where the environment is one of `critical_in`.
    pub critical_in_production: bool,
    /// Becomes this after that time.
    pub escalates: Option<(SignedDuration, Severity)>,
}

/// The table of the rules.
pub const fn defaults(rule: Rule) -> Defaults {
    let (grace, severity, critical_in_production) = match rule {
        Rule::Degraded | Rule::NotRunning => (SignedDuration::from_mins(2), Severity::Warning, true),
        Rule::ObjectMissing | Rule::WouldPruneAll | Rule::CannotRender => {
            (SignedDuration::from_mins(1), Severity::Warning, true)
        }
        Rule::SyncFailed => (SignedDuration::ZERO, Severity::Warning, false),
        Rule::ImageDrift
        | Rule::MixedImages
        | Rule::StuckRollout
        | Rule::StuckDeletion
        | Rule::WriteUndone
        | Rule::WriteNotSynced
        | Rule::RolloutBlocked
        | Rule::RunningImageDeleted
        // After one look of the generator in any case.
        | Rule::PreviewLeftover => (SignedDuration::from_mins(10), Severity::Warning, false),
        Rule::OutOfSync
        | Rule::AutoSyncOff
        | Rule::OrphanedApplication
        | Rule::SummaryMismatch
        | Rule::LatestTag
        | Rule::UpdaterNoMatch
        | Rule::TagSchemeUnsortable
        | Rule::MutableTagInProduction => (SignedDuration::from_mins(10), Severity::Notice, false),
        Rule::NoPermission => (SignedDuration::from_secs(30), Severity::Warning, false),
        Rule::SourceStale | Rule::ForgeBudgetLow => (SignedDuration::from_mins(2), Severity::Warning, false),
        Rule::UnreadableObject | Rule::WorkflowFailed => (SignedDuration::ZERO, Severity::Notice, false),
        Rule::PreviewBehind => (SignedDuration::from_mins(30), Severity::Notice, false),
        Rule::GeneratorLag => (SignedDuration::from_mins(32), Severity::Notice, false),
        // What the detector finds trapped has its own: one look at the registry, or two of Image Updater.
        Rule::RevertTrap
        | Rule::DateTie
        | Rule::MovedTag
        | Rule::OrderWrong
        | Rule::FilteredOut
        | Rule::UpdaterDown
        | Rule::RegistryUnreadable
        // What may still come by itself has its own, longer one.
        | Rule::PreviewStuck
        | Rule::GeneratorFailing => (SignedDuration::from_mins(5), Severity::Warning, false),
    };
    let escalates = match rule {
        Rule::OutOfSync => Some((SignedDuration::from_hours(1), Severity::Warning)),
        _ => None,
    };
    Defaults { grace, severity, critical_in_production, escalates }
}

/// How long a rule waits, and how much it matters `age` after it began.
pub fn severity(settings: &Settings, rule: Rule, environment: Option<&str>, age: SignedDuration) -> Severity {
    let defaults = defaults(rule);
    if let Some(severity) = settings.rules.get(&rule).and_then(|r| r.severity) {
        return severity;
    }
    let critical = || match environment {
        Some(name) if settings.critical_in.is_empty() => name == "production",
        Some(name) => settings.critical_in.iter().any(|c| **c == *name),
        None => false,
    };
    match defaults.escalates {
        _ if defaults.critical_in_production && critical() => Severity::Critical,
        Some((after, severity)) if age >= after => severity,
        _ => defaults.severity,
    }
}

/// Whether a later beginning is another trouble, with a grace of its own: the next step, the next commit.
pub const fn begins_anew(rule: Rule) -> bool {
    matches!(rule, Rule::PreviewStuck | Rule::WorkflowFailed)
}

/// How long after its beginning a candidate opens.
pub fn grace(settings: &Settings, candidate: &Candidate) -> SignedDuration {
    let own = candidate.grace.unwrap_or(defaults(candidate.rule).grace);
    settings.rules.get(&candidate.rule).and_then(|r| r.after).unwrap_or(own)
}

impl Context<'_> {
    /// A candidate about this environment.
    fn candidate(&self, rule: Rule, began: Option<Timestamp>, summary: Said, way_out: Said) -> Candidate {
        Candidate {
            rule,
            subject: Subject { kind: SubjectKind::Environment, name: Text::clone(&self.environment.id) },
            began,
            grace: None,
            summary: short(summary),
            proof: Vec::new(),
            way_out,
            link: self.link(),
        }
    }

    /// The Application's page in Argo CD.
    fn link(&self) -> Option<Text> {
        let url = self.argocd_url?;
        let name = &self.joined.key.name;
        Some(Text::from(format!("{url}/applications/{}/{}", name.namespace, name.name)))
    }

    /// A line of evidence from Argo CD.
    fn argocd(&self, what: impl Into<Said>, value: impl Into<Said>, as_of: Option<Timestamp>) -> Proof {
        proof(what, value, &self.joined.key.source, as_of)
    }

    /// A line of evidence from the cluster.
    fn cluster(&self, what: impl Into<Said>, value: impl Into<Said>, as_of: Option<Timestamp>) -> Proof {
        proof(what, value, self.joined.cluster.as_ref().unwrap_or(&self.joined.key.source), as_of)
    }
}

impl Candidate {
    fn with(mut self, proof: Vec<Proof>) -> Self {
        self.proof = proof;
        self
    }

    fn after(mut self, grace: SignedDuration) -> Self {
        self.grace = Some(grace);
        self
    }
}

pub(crate) fn proof(
    what: impl Into<Said>,
    value: impl Into<Said>,
    source: &Text,
    as_of: Option<Timestamp>,
) -> Proof {
    let (what, value) = (what.into(), short(value.into()));
    Proof {
        what: what.text,
        what_phrase: what.phrase,
        value: value.text,
        value_phrase: value.phrase,
        source: Text::clone(source),
        as_of,
    }
}

/// What pods of a workload are ready.
fn pods_ready(ready: i32, desired: i32) -> Said {
    said!("of", "{ready} of {desired}", ready = ready, desired = desired)
}

/// Words of others are cut: a finding is a line, not a log.
fn short(said: Said) -> Said {
    let phrase = said.phrase.map(|mut phrase| {
        shorten(&mut phrase);
        phrase
    });
    Said { text: cut(&said.text), phrase }
}

fn shorten(phrase: &mut Phrase) {
    for (_, arg) in &mut phrase.args {
        match arg {
            Arg::Text(text) => *text = cut(text),
            Arg::Phrases(parts) => {
                for part in parts {
                    *part = short(part.clone());
                }
            }
            Arg::Number(_) => {}
        }
    }
}

fn cut(text: &str) -> Text {
    const LIMIT: usize = 400;
    match text.char_indices().nth(LIMIT) {
        Some((at, _)) => Text::from(format!("{}…", &text[..at])),
        None => Text::from(text),
    }
}
