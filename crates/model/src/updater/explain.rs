//! A choice told tag by tag, beside what other policies would choose of the same tags, and whether the order of each is
//! that of the pushes.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Allow, Dropped, Ignore, Lint, OddName, Pick, Policy, Refusal, Strategy, Tag,
    created::created,
    lint, pick,
    settings::ImageSettings,
    trap::{self, Expected},
};
use crate::{
    image::SeenBy,
    observe::{Edge, Repository},
    phrase::Said,
    said,
};

/// Tags of the order for which an earlier build of the same is looked for.
const LOOKED_AT: usize = 50;
/// Tags that move by custom, the likeliest first.
const MOVING: [&str; 3] = ["main", "master", "latest"];

/// A choice, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub strategy: Strategy,
    /// The strategy's name is one that the program takes with a warning.
    pub odd: Option<OddName>,
    /// Why the settings are refused: then nothing is picked.
    pub refused: Option<Said>,
    /// Those that pass, the pick first.
    pub order: Vec<Placed>,
    /// In the order in which the rules look.
    pub left_out: Vec<Dropped>,
    /// Each strategy with the same tags; the one in force among them.
    pub policies: Vec<Alternative>,
}

/// A tag that passes, with why it stands where it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub tag: String,
    pub digest: Option<String>,
    /// By its configuration.
    pub created: Option<Timestamp>,
    /// When it came to point where it does, as far as that is known.
    pub pushed: Option<Timestamp>,
    pub why: Said,
}

/// What a strategy would choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    pub strategy: Strategy,
    /// The tag that is followed, of [`Strategy::Digest`].
    pub follows: Option<String>,
    pub in_force: bool,
    /// Or why it can choose nothing.
    pub pick: Result<Pick, Said>,
    /// Whether that is the image that was pushed last; `None`: not known.
    pub is_expected: Option<bool>,
    /// Another image than under the policy in force.
    pub changes: bool,
    pub lint: Option<Lint>,
}

/// Explains what the settings choose of a repository's tags.
#[must_use]
pub fn explain(settings: &ImageSettings, repository: &Repository, expected: Option<&Expected>) -> Explained {
    let policy = settings.policy(&[]);
    let tags = trap::tags(repository, &policy.platforms);
    let at = Looked { repository, tags: &tags, pushed: pushes(repository) };
    let (order, left_out, refused) = match pick(&policy, &tags) {
        Ok(choice) => (at.order(policy.strategy, &choice.order), choice.dropped, None),
        Err(refusal) => (Vec::new(), Vec::new(), Some(refused(&refusal))),
    };
    Explained {
        odd: Strategy::from_name(&settings.strategy.value).1,
        strategy: policy.strategy,
        refused,
        order,
        left_out,
        policies: at.policies(&policy, expected),
    }
}

fn refused(refusal: &Refusal) -> Said {
    match refusal {
        Refusal::Constraint(error) => {
            said!("refused-constraint", "the constraint is refused: {why}", why = error.to_string())
        }
        Refusal::DigestWithoutTag => {
            said!("refused-digest", "strategy digest needs a constraint: the tag whose digest is followed")
        }
    }
}

/// When each tag came to point where it does, by the best that is known.
fn pushes(repository: &Repository) -> BTreeMap<&str, Timestamp> {
    let seen_to_come = |edge: &Edge| {
        edge.seen_by == SeenBy::Webhook || repository.settled_at.is_some_and(|at| edge.first_seen > at)
    };
    let time = |edge: &Edge| {
        let seen = seen_to_come(edge).then_some(edge.first_seen);
        seen.or(edge.pushed_at).or_else(|| trap::time_in_name(&edge.tag))
    };
    repository.open().filter_map(|edge| Some((&*edge.tag, time(edge)?))).collect()
}

struct Looked<'a> {
    repository: &'a Repository,
    tags: &'a [Tag],
    pushed: BTreeMap<&'a str, Timestamp>,
}

impl Looked<'_> {
    /// The order with the pick first, and why each stands there.
    fn order(&self, strategy: Strategy, ascending: &[String]) -> Vec<Placed> {
        let by_name: BTreeMap<&str, &Tag> = self.tags.iter().map(|tag| (tag.tag.as_str(), tag)).collect();
        let placed = |tag: &String| {
            let known = by_name.get(tag.as_str());
            Placed {
                tag: tag.clone(),
                digest: known.and_then(|it| it.digest.clone()),
                created: known.and_then(|it| created(it.created.as_deref()?)),
                pushed: self.pushed.get(tag.as_str()).copied(),
                why: Said::from(""),
            }
        };
        let mut order: Vec<Placed> = ascending.iter().rev().map(placed).collect();
        let Some(pick) = order.first().cloned() else { return order };
        let ties = order.get(1).is_some_and(|next| next.created == pick.created);
        for (place, it) in order.iter_mut().enumerate() {
            it.why = if place == 0 {
                first(strategy, ties)
            } else {
                let later = it.pushed.zip(pick.pushed).is_some_and(|(own, of_pick)| own > of_pick);
                let again = (later && place < LOOKED_AT).then(|| self.earlier(it)).flatten();
                further(strategy, it, &pick, later, again)
            };
        }
        order
    }

    /// A tag under which the same was built before.
    fn earlier(&self, it: &Placed) -> Option<&str> {
        let own = self.repository.open().find(|edge| *edge.tag == *it.tag)?;
        let facts = |edge: &Edge| self.repository.facts.get(&edge.digest);
        let alike = |edge: &&Edge| {
            edge.digest == own.digest
                || facts(edge).zip(facts(own)).is_some_and(|(other, own)| own.is_built_like(other))
        };
        let before = self
            .repository
            .edges
            .iter()
            .filter(|edge| edge.tag != own.tag && edge.first_seen < own.first_seen);
        before.filter(alike).min_by_key(|edge| edge.first_seen).map(|edge| &*edge.tag)
    }

    fn policies(&self, policy: &Policy, expected: Option<&Expected>) -> Vec<Alternative> {
        let all = [Strategy::NewestBuild, Strategy::Alphabetical, Strategy::Semver, Strategy::Digest];
        let mut policies: Vec<Alternative> =
            all.into_iter().map(|strategy| self.alternative(policy, strategy, expected)).collect();
        policies.sort_by_key(|it| !it.in_force);
        let digest = |it: &Alternative| it.pick.as_ref().ok().and_then(|pick| pick.digest.clone());
        let in_force = policies.first().and_then(digest);
        for it in &mut policies {
            it.changes = digest(it) != in_force;
        }
        policies
    }

    fn alternative(&self, in_force: &Policy, strategy: Strategy, expected: Option<&Expected>) -> Alternative {
        let is_in_force = strategy == in_force.strategy;
        let follows = match (strategy, is_in_force) {
            (Strategy::Digest, true) => Some(in_force.constraint.clone()).filter(|tag| !tag.is_empty()),
            (Strategy::Digest, false) => {
                let moving = MOVING.into_iter().find(|name| self.tags.iter().any(|tag| tag.tag == *name));
                moving.map(str::to_owned)
            }
            _ => None,
        };
        let policy = match (is_in_force, strategy) {
            (true, _) => in_force.clone(),
            // Who follows one tag names it, and filters nothing.
            (false, Strategy::Digest) => Policy {
                strategy,
                constraint: follows.clone().unwrap_or_default(),
                allow: Allow::Everything,
                ignore: Ignore::default(),
                platforms: in_force.platforms.clone(),
            },
            (false, _) => Policy { strategy, constraint: String::new(), ..in_force.clone() },
        };
        let looked = lint(&policy, self.tags, |tag| self.pushed.get(tag).copied());
        let pick = match &looked {
            Err(Refusal::DigestWithoutTag) if !is_in_force => Err(said!(
                "policy-nothing-moves",
                "none of the tags main, master and latest is there to be followed"
            )),
            Err(refusal) => Err(refused(refusal)),
            Ok(lint) => lint.pick.clone().ok_or_else(|| said!("policy-nothing-passes", "no tag passes")),
        };
        let right = |pick: &Pick| Some(self.repository.is_same(pick.digest.as_deref()?, &expected?.digest));
        Alternative {
            strategy,
            follows,
            in_force: is_in_force,
            is_expected: pick.as_ref().ok().and_then(right),
            pick,
            changes: false,
            lint: looked.ok(),
        }
    }
}

fn first(strategy: Strategy, ties: bool) -> Said {
    match strategy {
        Strategy::NewestBuild if ties => {
            said!("ranked-latest-tie", "the latest date, and of those that share it the last name")
        }
        Strategy::NewestBuild => said!("ranked-latest", "the latest date of all that pass"),
        Strategy::Semver => said!("ranked-highest", "the highest version of all that pass"),
        Strategy::Alphabetical => said!("ranked-last", "the last name of all that pass, byte by byte"),
        Strategy::Digest => said!("ranked-followed", "the tag that is followed"),
    }
}

fn further(strategy: Strategy, it: &Placed, pick: &Placed, later: bool, again: Option<&str>) -> Said {
    match (strategy, later, again) {
        (Strategy::NewestBuild, ..) if it.created == pick.created => {
            said!("ranked-same-date", "the same date as {tag}, so the name decides", tag = pick.tag)
        }
        (Strategy::NewestBuild, true, Some(before)) => said!(
            "ranked-built-again",
            "an older date although it was pushed later: it is {tag} built again",
            tag = before
        ),
        (Strategy::NewestBuild, true, None) => {
            said!("ranked-older-later", "an older date, although it was pushed later")
        }
        (Strategy::NewestBuild, false, _) => said!("ranked-older", "an older date"),
        (Strategy::Semver, true, _) => {
            said!("ranked-lower-later", "a lower version, although it was pushed later")
        }
        (Strategy::Semver, false, _) => said!("ranked-lower", "a lower version"),
        (Strategy::Alphabetical | Strategy::Digest, true, _) => {
            said!("ranked-before-later", "an earlier name, although it was pushed later")
        }
        (Strategy::Alphabetical | Strategy::Digest, false, _) => said!("ranked-before", "an earlier name"),
    }
}

#[cfg(test)]
mod tests;
