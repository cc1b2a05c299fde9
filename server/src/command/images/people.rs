//! The answer for people: the pick first.

use std::collections::HashMap;
use std::fmt::Write as _;

use landfall_model::updater::{Choice, Policy, Strategy, Tag};

use crate::doctor::plain;

/// Widest column of tags; longer ones push their line.
const WIDEST: usize = 40;

/// The answer as text.
pub fn told(policy: &Policy, tags: &[Tag], choice: &Choice) -> String {
    let by_name: HashMap<&str, &Tag> = tags.iter().map(|tag| (tag.tag.as_str(), tag)).collect();
    let mut text = match &choice.pick {
        Some(pick) => {
            let digest = pick.digest.as_deref().map(|digest| format!("  {}", plain(digest)));
            format!("{}{}\n", plain(&pick.tag), digest.unwrap_or_default())
        }
        None if tags.is_empty() => "no tag is picked: there are none\n".to_owned(),
        None => "no tag is picked: every one is left out\n".to_owned(),
    };
    let _ = writeln!(text, "strategy {}: {}", policy.strategy, rule(policy));
    let names = choice.order.iter().chain(choice.dropped.iter().map(|dropped| &dropped.tag));
    let width = names.map(|name| plain(name).chars().count()).max().unwrap_or(0).min(WIDEST);
    if !choice.order.is_empty() {
        let _ = writeln!(text, "\norder, the pick first");
    }
    for name in choice.order.iter().rev() {
        let created = by_name.get(name.as_str()).and_then(|tag| tag.created.as_deref());
        match created.filter(|_| policy.strategy.reads_dates()) {
            Some(created) => {
                let _ = writeln!(text, "  {:width$}  {}", plain(name), plain(created));
            }
            None => {
                let _ = writeln!(text, "  {}", plain(name));
            }
        }
    }
    if !choice.dropped.is_empty() {
        let _ = writeln!(text, "\nleft out");
    }
    for dropped in &choice.dropped {
        let rule = dropped.rule.as_str();
        let _ = writeln!(
            text,
            "  {:width$}  {rule:11}  {}",
            plain(&dropped.tag),
            plain(&dropped.why.said().text)
        );
    }
    text
}

fn rule(policy: &Policy) -> String {
    match (policy.strategy, policy.constraint.as_str()) {
        (Strategy::Semver, "") => "the highest version, pre-releases left out".to_owned(),
        (Strategy::Semver, constraint) => format!("the highest version that fits {:?}", plain(constraint)),
        (Strategy::NewestBuild, _) => "the latest date in the image's config, ties by name".to_owned(),
        (Strategy::Alphabetical, _) => "the last name, byte by byte".to_owned(),
        (Strategy::Digest, tag) => format!("whatever tag {:?} points to", plain(tag)),
    }
}
