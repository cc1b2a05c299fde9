//! The rule, run on what the updater sees.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Situation, State, Verdict};
use crate::{
    Text,
    image::{ImageFacts, Sighting},
    observe::Repository,
    said,
    updater::{Choice, Strategy, Tag, created::created, pick, settings::ImageSettings},
};

pub(super) fn choice(at: &Situation<'_>, settings: &ImageSettings) -> Result<Choice, Box<Verdict>> {
    let policy = settings.policy(at.own_platforms);
    let dated = policy.strategy == Strategy::NewestBuild;
    let present = at.present();
    let read = first_read(at);
    let facts = |it: &Sighting| at.facts.get(&read.get(&*it.tag).unwrap_or(&it).digest);
    let asked = |it: &&&Sighting| policy.allow.allows(&it.tag) && policy.ignore.taken_by(&it.tag).is_none();
    let unread =
        if dated { present.iter().filter(asked).filter(|it| facts(it).is_none()).count() } else { 0 };
    if unread > 0 {
        let summary =
            said!("trap-unread", "The dates of some tags are not read yet ({count})", count = unread);
        return Err(Box::new(Verdict::new(State::Unknown, None, summary)));
    }
    let tags: Vec<Tag> =
        present.iter().map(|it| tag(&it.tag, &it.digest, facts(it), &policy.platforms)).collect();
    pick(&policy, &tags).map_err(|refusal| {
        let summary =
            said!("trap-refused", "Image Updater refuses the settings: {why}", why = refusal.to_string());
        let way = said!("way-trap-refused", "Correct the constraint of the image.");
        let verdict = Verdict::new(State::Unwatched, Some(super::Cause::UpdaterDown), summary);
        Box::new(verdict.proven(Vec::new(), way))
    })
}

/// A repository's tags as the rule wants them.
#[must_use]
pub fn tags(repository: &Repository, wanted: &[String]) -> Vec<Tag> {
    let facts = |digest: &Text| repository.facts.get(digest);
    repository.open().map(|edge| tag(&edge.tag, &edge.digest, facts(&edge.digest), wanted)).collect()
}

fn tag(name: &str, digest: &str, facts: Option<&ImageFacts>, wanted: &[String]) -> Tag {
    let platforms = facts.into_iter().flat_map(|it| &it.platforms);
    let has = platforms.clone().map(|it| it.platform.to_string()).collect();
    let fits = |platform: &str| {
        wanted.is_empty() || wanted.iter().any(|it| platform == it || platform.starts_with(&format!("{it}/")))
    };
    // Of several platforms the latest date counts, and one that is no time breaks them all.
    let times = platforms.filter(|it| fits(&it.platform)).map(|it| it.created.as_deref().unwrap_or_default());
    let times: Vec<(Option<Timestamp>, &str)> = times.map(|text| (created(text), text)).collect();
    let broken = times.iter().find(|(time, _)| time.is_none());
    let date = broken.or_else(|| times.iter().max_by_key(|(time, _)| *time));
    Tag {
        tag: name.to_owned(),
        digest: Some(digest.to_owned()),
        created: date.map(|(_, text)| (*text).to_owned()),
        platforms: has,
    }
}

/// By tag the sighting whose date the updater has: the one that held when it first read the tag. It keeps dates until
/// it is started anew.
fn first_read<'a>(at: &Situation<'a>) -> BTreeMap<&'a str, &'a Sighting> {
    let mut first: BTreeMap<&str, &Sighting> = BTreeMap::new();
    let held = |it: &&Sighting| at.updater.started.is_none_or(|started| it.last_seen >= started);
    for sighting in at.sightings.iter().filter(held) {
        let kept = first.entry(&sighting.tag).or_insert(sighting);
        if sighting.first_seen < kept.first_seen {
            *kept = sighting;
        }
    }
    first
}
