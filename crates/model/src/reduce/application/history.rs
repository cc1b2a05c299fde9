//! `status.history[]`: what was deployed before. Successful syncs only.

use serde::Deserialize;

use super::{
    super::{
        lax::{Flag, Int, List, Obj, Str, Time},
        source::WireSource,
        strings::Strings,
    },
    revisions,
};
use crate::{observe::HistoryEntry, text::Text};

/// Most entries kept, the newest ones; Argo CD keeps ten unless told otherwise.
const LIMIT: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireEntry<'a> {
    #[serde(default)]
    id: Int,
    #[serde(borrow, default)]
    revision: Str<'a>,
    #[serde(borrow, default)]
    revisions: List<Str<'a>>,
    #[serde(default)]
    deploy_started_at: Time,
    #[serde(default)]
    deployed_at: Time,
    #[serde(borrow, default)]
    initiated_by: Obj<Initiator<'a>>,
    #[serde(borrow, default)]
    source: Obj<WireSource<'a>>,
    #[serde(borrow, default)]
    sources: List<Obj<WireSource<'a>>>,
}

/// Who asked for an operation.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Initiator<'a> {
    #[serde(borrow, default)]
    username: Str<'a>,
    #[serde(default)]
    automated: Flag,
}

impl Initiator<'_> {
    /// A user's name, or `automated`.
    pub fn name(&self, strings: &mut Strings<'_>) -> Option<Text> {
        match self.username.get() {
            Some(name) => Some(strings.shared(name)),
            None => self.automated.is_true().then(|| strings.shared("automated")),
        }
    }
}

pub(super) fn reduce(entries: &[Obj<WireEntry<'_>>], strings: &mut Strings<'_>) -> Vec<HistoryEntry> {
    let newest = &entries[entries.len().saturating_sub(LIMIT)..];
    newest.iter().filter_map(|entry| entry.0.reduce(strings)).collect()
}

impl WireEntry<'_> {
    /// `None` without an id: the entry could not be told from another.
    fn reduce(&self, strings: &mut Strings<'_>) -> Option<HistoryEntry> {
        let mut images = self.source.0.images(strings);
        for source in &self.sources.0 {
            images.extend(source.0.images(strings));
        }
        Some(HistoryEntry {
            id: self.id.0?,
            revisions: revisions(&self.revision, &self.revisions, strings),
            started_at: self.deploy_started_at.0,
            deployed_at: self.deployed_at.0,
            initiated_by: self.initiated_by.0.name(strings),
            images,
        })
    }
}
