//! Whether a repository's tags sort by time under a policy, and what another policy would change.

use jiff::Timestamp;
use serde::Serialize;

use super::{Pick, Policy, Refusal, Tag, pick};

/// Most pairs that are shown.
const SHOWN: usize = 20;

/// What a policy makes of the order in which tags were pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lint {
    pub pick: Option<Pick>,
    /// Tags of the order whose push time is known.
    pub compared: usize,
    /// Those that stand behind a tag that was pushed later.
    pub misplaced: usize,
    /// Neighbours by time that the policy has the other way round, the newest first (at most 20).
    pub reversed: Vec<Reversed>,
    /// The policy picks what was pushed last of those that it lets in.
    pub picks_newest: bool,
}

/// Two tags whose order by the policy is not that of their pushes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reversed {
    pub pushed_before: String,
    pub pushed_after: String,
}

/// What switching from one policy to another would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    pub before: Lint,
    pub after: Lint,
    /// Another image would run.
    pub changes: bool,
}

impl Lint {
    /// Whether the order is that of the pushes, as far as it is known.
    #[must_use]
    pub const fn sorts(&self) -> bool {
        self.misplaced == 0
    }
}

/// Compares a policy's order with that of the pushes. `pushed` says when a tag came to point where it does; `None`
/// where that is not known: such a tag is not compared.
///
/// # Errors
///
/// Settings that the program refuses.
pub fn lint(
    policy: &Policy,
    tags: &[Tag],
    pushed: impl Fn(&str) -> Option<Timestamp>,
) -> Result<Lint, Refusal> {
    let choice = pick(policy, tags)?;
    let known: Vec<(usize, Timestamp, &String)> =
        choice.order.iter().enumerate().filter_map(|(place, tag)| Some((place, pushed(tag)?, tag))).collect();
    let mut latest = None;
    let mut misplaced = 0;
    for (_, time, _) in &known {
        if latest.is_some_and(|latest| latest > *time) {
            misplaced += 1;
        }
        latest = latest.max(Some(*time));
    }
    let mut by_time = known.clone();
    // Of one moment nobody knows the order: the policy's own will do.
    by_time.sort_by_key(|(place, time, _)| (*time, *place));
    let reversed = by_time.windows(2).rev().filter_map(|pair| match pair {
        [before, after] if before.0 > after.0 => {
            Some(Reversed { pushed_before: before.2.clone(), pushed_after: after.2.clone() })
        }
        _ => None,
    });
    let picks_newest = match (&choice.pick, latest) {
        (Some(pick), Some(latest)) => pushed(&pick.tag) == Some(latest),
        _ => false,
    };
    Ok(Lint {
        compared: known.len(),
        misplaced,
        reversed: reversed.take(SHOWN).collect(),
        picks_newest,
        pick: choice.pick,
    })
}

/// The same tags under the policy in force and under another.
///
/// # Errors
///
/// Settings that the program refuses, of either policy.
pub fn switch(
    from: &Policy,
    to: &Policy,
    tags: &[Tag],
    pushed: impl Fn(&str) -> Option<Timestamp>,
) -> Result<Switch, Refusal> {
    let (before, after) = (lint(from, tags, &pushed)?, lint(to, tags, &pushed)?);
    let digest =
        |lint: &Lint| lint.pick.as_ref().map(|it| it.digest.clone().unwrap_or_else(|| it.tag.clone()));
    let changes = digest(&before) != digest(&after);
    Ok(Switch { before, after, changes })
}
