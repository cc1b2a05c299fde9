//! The choice itself.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Allow, Constraint, Ignore, ImproperConstraint, Strategy, Version,
    created::created,
    reason::{Reason, Why},
};

/// A tag as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tag {
    pub tag: String,
    #[serde(default)]
    pub digest: Option<String>,
    /// From the image's config, as it is written there; may be empty or broken.
    #[serde(default)]
    pub created: Option<String>,
    /// `os/arch` or `os/arch/variant`. Empty: not known, and then no reason to leave the tag out.
    #[serde(default)]
    pub platforms: Vec<String>,
}

/// The settings of one image.
#[derive(Debug, Clone)]
pub struct Policy {
    pub strategy: Strategy,
    /// The text behind the image's name: a version constraint, or the tag to follow ([`Strategy::Digest`]).
    /// Empty: none.
    pub constraint: String,
    pub allow: Allow,
    pub ignore: Ignore,
    /// `os/arch` or `os/arch/variant`. Empty: every one.
    pub platforms: Vec<String>,
}

/// What was picked, and what became of every other tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub pick: Option<Pick>,
    /// Ascending; the last is the pick.
    pub order: Vec<String>,
    /// In the order in which the rules look.
    pub dropped: Vec<Dropped>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    pub tag: String,
    pub digest: Option<String>,
}

/// A tag that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    pub tag: String,
    pub rule: Why,
    pub why: Reason,
}

/// Settings that the program refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Constraint(ImproperConstraint),
    DigestWithoutTag,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constraint(error) => error.fmt(f),
            Self::DigestWithoutTag => {
                f.write_str("strategy digest needs a constraint: the tag whose digest is followed")
            }
        }
    }
}

impl std::error::Error for Refusal {}

/// A tag that is still in.
struct Candidate<'a> {
    tag: &'a Tag,
    created: Option<Timestamp>,
    version: Option<Version>,
}

/// Picks a tag.
///
/// # Errors
///
/// Settings that the program refuses.
pub fn pick(policy: &Policy, tags: &[Tag]) -> Result<Choice, Refusal> {
    let constraint = match (policy.strategy, policy.constraint.as_str()) {
        // Since v1.3.0 no constraint is the same as `*`.
        (Strategy::Semver, "") => Some("*"),
        (Strategy::Semver, text) => Some(text),
        (Strategy::Digest, "") => return Err(Refusal::DigestWithoutTag),
        _ => None,
    };
    let constraint = constraint.map(Constraint::parse).transpose().map_err(Refusal::Constraint)?;
    // A registry names a tag once; of two lines about one tag the last counts.
    let tags: BTreeMap<&str, &Tag> = tags.iter().map(|tag| (tag.tag.as_str(), tag)).collect();
    let mut dropped = Vec::new();
    let mut candidates = Vec::new();
    for tag in tags.into_values() {
        match look(policy, constraint.as_ref(), tag) {
            Ok(candidate) => candidates.push(candidate),
            Err(why) => dropped.push(Dropped { tag: tag.tag.clone(), rule: why.rule(), why }),
        }
    }
    dropped.sort_by(|a, b| a.rule.cmp(&b.rule).then_with(|| a.tag.cmp(&b.tag)));
    candidates.sort_by(|a, b| {
        let by_name = a.tag.tag.cmp(&b.tag.tag);
        match policy.strategy {
            Strategy::Semver => a.version.cmp(&b.version).then(by_name),
            Strategy::NewestBuild => a.created.cmp(&b.created).then(by_name),
            Strategy::Alphabetical | Strategy::Digest => by_name,
        }
    });
    let pick = candidates.last().map(|c| Pick { tag: c.tag.tag.clone(), digest: c.tag.digest.clone() });
    Ok(Choice { pick, order: candidates.into_iter().map(|c| c.tag.tag.clone()).collect(), dropped })
}

fn look<'a>(policy: &Policy, constraint: Option<&Constraint>, tag: &'a Tag) -> Result<Candidate<'a>, Reason> {
    let name = tag.tag.as_str();
    match &policy.allow {
        Allow::Nothing { because } => return Err(Reason::NothingAllowed { because: because.clone() }),
        allow if !allow.allows(name) => return Err(Reason::NotAllowed),
        _ => {}
    }
    if let Some(pattern) = policy.ignore.taken_by(name) {
        return Err(Reason::Ignored { pattern: pattern.to_owned() });
    }
    if policy.strategy == Strategy::Digest && name != policy.constraint {
        return Err(Reason::NotFollowed { followed: policy.constraint.clone() });
    }
    let mut candidate = Candidate { tag, created: None, version: None };
    if policy.strategy.reads_dates() {
        if !fits(&policy.platforms, &tag.platforms) {
            let (has, wanted) = (tag.platforms.clone(), policy.platforms.clone());
            return Err(Reason::OtherPlatform { has, wanted });
        }
        let text = tag.created.as_deref().unwrap_or_default();
        candidate.created = created(text);
        if candidate.created.is_none() {
            return Err(match text {
                "" => Reason::Undated,
                text => Reason::BadDate { text: text.to_owned() },
            });
        }
    }
    if let Some(constraint) = constraint {
        let Some(version) = Version::parse(name) else { return Err(Reason::NoVersion) };
        if !constraint.allows(&version) {
            return Err(match (version.is_prerelease(), policy.constraint.as_str()) {
                (true, "") => Reason::Prerelease,
                (true, text) => Reason::PrereleaseNotLetIn { constraint: text.to_owned() },
                (false, text) => Reason::DoesNotFit { constraint: text.to_owned() },
            });
        }
        candidate.version = Some(version);
    }
    Ok(candidate)
}

/// Whether one of the tag's platforms is wanted. One with a variant also fits a wish without.
fn fits(wanted: &[String], has: &[String]) -> bool {
    let fits_one = |has: &str, wanted: &str| {
        has == wanted
            || (wanted.matches('/').count() == 1
                && has.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/')))
    };
    wanted.is_empty()
        || has.is_empty()
        || has.iter().any(|has| wanted.iter().any(|wanted| fits_one(has, wanted)))
}
