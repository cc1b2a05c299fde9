//! The rule, run on what the updater sees.

use jiff::Timestamp;

use super::{Situation, State, Verdict};
use crate::{
    Text,
    image::Sighting,
    said,
    updater::{Choice, Strategy, Tag, created::created, pick, settings::ImageSettings},
};

pub(super) fn choice(at: &Situation<'_>, settings: &ImageSettings) -> Result<Choice, Box<Verdict>> {
    let policy = settings.policy(at.own_platforms);
    let dated = policy.strategy == Strategy::NewestBuild;
    let present = at.present();
    let unread = present.iter().filter(|it| dated && !at.facts.contains_key(&dated_digest(at, it))).count();
    if unread > 0 {
        let summary =
            said!("trap-unread", "The dates of some tags are not read yet ({count})", count = unread);
        return Err(Box::new(Verdict::new(State::Unknown, None, summary)));
    }
    let tags: Vec<Tag> = present.iter().map(|it| tag(at, it, &policy.platforms)).collect();
    pick(&policy, &tags).map_err(|refusal| {
        let summary =
            said!("trap-refused", "Image Updater refuses the settings: {why}", why = refusal.to_string());
        let way = said!("way-trap-refused", "Correct the constraint of the image.");
        let verdict = Verdict::new(State::Unwatched, Some(super::Cause::UpdaterDown), summary);
        Box::new(verdict.proven(Vec::new(), way))
    })
}

fn tag(at: &Situation<'_>, sighting: &Sighting, wanted: &[String]) -> Tag {
    let facts = at.facts.get(&dated_digest(at, sighting));
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
        tag: sighting.tag.to_string(),
        digest: Some(sighting.digest.to_string()),
        created: date.map(|(_, text)| (*text).to_owned()),
        platforms: has,
    }
}

/// The digest whose date the updater has for a tag: the one that it pointed at when the updater first read it. It keeps
/// dates until it is started anew.
fn dated_digest(at: &Situation<'_>, now: &Sighting) -> Text {
    let read = at
        .sightings
        .iter()
        .filter(|it| it.tag == now.tag)
        .filter(|it| at.updater.started.is_none_or(|started| it.last_seen >= started))
        .min_by_key(|it| it.first_seen);
    Text::clone(&read.unwrap_or(now).digest)
}
