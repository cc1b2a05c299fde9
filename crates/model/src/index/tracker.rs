//! Findings in time: grace, opening, escalation, ending, and coming back.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::FindingRow;
use crate::{
    finding::{self, Candidate},
    settings::Settings,
    text::Text,
    view::{Finding, Subject},
    words::{Rule, Severity, SubjectKind},
};

type Key = (Rule, Subject);

/// Whom a finding concerns.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub service: Option<Text>,
    pub environment: Option<Text>,
    pub environment_id: Option<Text>,
}

/// What became of a finding in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Opened(Arc<Finding>),
    Closed(Arc<Finding>),
}

#[derive(Debug, Clone)]
struct Entry {
    finding: Arc<Finding>,
    grace: SignedDuration,
    open: bool,
    /// The rule no longer fires; an opened one is remembered for its grace in case it comes back.
    ended: bool,
}

/// All findings, pending ones included.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    entries: BTreeMap<Key, Entry>,
    /// Which entries an owner (an environment's id or a source's name) has.
    owned: HashMap<Text, HashSet<Key>>,
    /// Changed since the last [`Tracker::advance`].
    touched: HashSet<Key>,
    /// Open ones in whose place another began.
    replaced: Vec<Finding>,
    /// Nothing can happen by itself before this.
    due: Option<Timestamp>,
}

/// The same rule on the same subject that began at the same time.
fn id(rule: Rule, subject: &Subject, since: Timestamp) -> Text {
    let words = format!("finding|{rule}|{}|{}|{since}", subject.kind, subject.name);
    Text::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, words.as_bytes()).to_string())
}

/// Whose rules said it: an environment's, or those of what it is about. A pull request's findings name the preview
/// that they are of, and are its own.
fn owner(finding: &Finding) -> Text {
    if finding.subject.kind == SubjectKind::Pull {
        return owner_of_pull(&finding.subject.name);
    }
    finding.environment_id.clone().unwrap_or_else(|| Text::clone(&finding.subject.name))
}

/// The owner of a pull request's findings. A preview whose pull request is not known has its environment's id, and that
/// has rules of its own.
pub fn owner_of_pull(id: &str) -> Text {
    Text::from(format!("pull/{id}"))
}

impl Tracker {
    /// Puts back what was stored.
    pub fn restore(&mut self, rows: Vec<FindingRow>) {
        // Graces may have run out meanwhile: look at all of them at the next step.
        self.due = Some(Timestamp::MIN);
        for row in rows.into_iter().filter(|row| row.finding.until.is_none()) {
            let finding = row.finding;
            let key = (finding.rule, finding.subject.clone());
            let owner = owner(&finding);
            self.owned.entry(owner).or_default().insert(key.clone());
            let grace = finding::defaults(finding.rule).grace;
            self.entries
                .insert(key, Entry { finding: Arc::new(finding), grace, open: row.open, ended: false });
        }
    }

    /// Takes a finding as the leader told it.
    pub fn adopt(&mut self, row: FindingRow) {
        let key = (row.finding.rule, row.finding.subject.clone());
        let owner = owner(&row.finding);
        let ended = row.finding.until.is_some();
        let grace =
            self.entries.get(&key).map_or(finding::defaults(row.finding.rule).grace, |entry| entry.grace);
        self.owned.entry(owner).or_default().insert(key.clone());
        self.touched.insert(key.clone());
        self.entries
            .insert(key, Entry { finding: Arc::new(row.finding), grace, open: row.open && !ended, ended });
    }

    /// What an owner's rules say now.
    pub fn update(
        &mut self,
        owner: &Text,
        about: &About,
        candidates: Vec<Candidate>,
        settings: &Settings,
        now: Timestamp,
    ) {
        let mut fires = HashSet::new();
        for candidate in candidates {
            if settings.rules.get(&candidate.rule).is_some_and(|rule| rule.off) {
                continue;
            }
            let key = (candidate.rule, candidate.subject.clone());
            fires.insert(key.clone());
            self.fire(key, about, candidate, settings, now);
        }
        let keys = self.owned.entry(Text::clone(owner)).or_default();
        for key in keys.iter().filter(|key| !fires.contains(*key)) {
            if let Some(entry) = self.entries.get_mut(key).filter(|entry| !entry.ended) {
                entry.ended = true;
                Arc::make_mut(&mut entry.finding).until = Some(now);
                self.touched.insert(key.clone());
            }
        }
        keys.extend(fires);
        if keys.is_empty() {
            self.owned.remove(owner);
        }
    }

    fn fire(&mut self, key: Key, about: &About, candidate: Candidate, settings: &Settings, now: Timestamp) {
        let grace = finding::grace(settings, &candidate);
        let is_another = |known: &Entry| {
            finding::begins_anew(candidate.rule)
                && candidate.began.is_some_and(|began| began > known.finding.since)
        };
        if self.entries.get(&key).is_some_and(is_another)
            && let Some(replaced) = self.entries.remove(&key)
            && replaced.open
        {
            let mut finding = Arc::unwrap_or_clone(replaced.finding);
            finding.until = finding.until.or(Some(now));
            self.replaced.push(finding);
        }
        let since = match self.entries.get(&key) {
            // A finding that comes back within its grace is the same one.
            Some(entry) => entry.finding.since,
            // A source's clock may be ahead of ours: nothing begins in the future.
            None => candidate.began.unwrap_or(now).min(now),
        };
        let environment = about.environment.as_deref();
        let severity = finding::severity(settings, candidate.rule, environment, now.duration_since(since));
        let opened_at = self.entries.get(&key).filter(|e| e.open).map_or(now, |e| e.finding.opened_at);
        let finding = Finding {
            id: id(candidate.rule, &candidate.subject, since),
            rule: candidate.rule,
            severity,
            subject: candidate.subject,
            service: about.service.clone(),
            environment: about.environment.clone(),
            environment_id: about.environment_id.clone(),
            since,
            opened_at,
            until: None,
            summary: candidate.summary.text,
            summary_phrase: candidate.summary.phrase,
            proof: candidate.proof,
            way_out: candidate.way_out.text,
            way_out_phrase: candidate.way_out.phrase,
            link: candidate.link,
        };
        let Some(entry) = self.entries.get_mut(&key) else {
            let entry = Entry { finding: Arc::new(finding), grace, open: false, ended: false };
            self.entries.insert(key.clone(), entry);
            self.touched.insert(key);
            return;
        };
        entry.grace = grace;
        let pending = !entry.open && same_words(&entry.finding, &finding);
        if entry.ended || *entry.finding != finding && !pending {
            entry.ended = false;
            entry.finding = Arc::new(finding);
            self.touched.insert(key);
        }
    }

    /// Lets time pass. Returns what opened and closed, the rows to store, and when something is due next.
    pub fn advance(
        &mut self,
        settings: &Settings,
        now: Timestamp,
    ) -> (Vec<Event>, Vec<FindingRow>, Option<Timestamp>) {
        if self.touched.is_empty() && self.replaced.is_empty() && self.due.is_none_or(|due| now < due) {
            return (Vec::new(), Vec::new(), self.due);
        }
        let mut events = Vec::new();
        let mut rows = Vec::new();
        for finding in self.replaced.drain(..) {
            events.push(Event::Closed(Arc::new(finding.clone())));
            rows.push(FindingRow { finding, open: false });
        }
        let mut due: Option<Timestamp> = None;
        let mut wake = |at: Timestamp| due = Some(due.map_or(at, |d: Timestamp| d.min(at)));
        let mut forget = Vec::new();
        for (key, entry) in &mut self.entries {
            let mut changed = self.touched.contains(key);
            let since = entry.finding.since;
            if entry.ended {
                let until = entry.finding.until.unwrap_or(now);
                let keep_until = later(until, entry.grace);
                if std::mem::take(&mut entry.open) {
                    events.push(Event::Closed(Arc::clone(&entry.finding)));
                }
                if keep_until <= now {
                    forget.push(key.clone());
                } else {
                    wake(keep_until);
                }
            } else {
                let opens = later(since, entry.grace);
                if !entry.open && opens <= now {
                    entry.open = true;
                    let environment = entry.finding.environment.clone();
                    let finding = Arc::make_mut(&mut entry.finding);
                    finding.opened_at = now;
                    finding.severity =
                        finding::severity(settings, key.0, environment.as_deref(), now.duration_since(since));
                    events.push(Event::Opened(Arc::clone(&entry.finding)));
                    changed = true;
                } else if !entry.open {
                    wake(opens);
                }
                if entry.open {
                    let environment = entry.finding.environment.as_deref();
                    let severity = finding::severity(settings, key.0, environment, now.duration_since(since));
                    if severity != entry.finding.severity {
                        Arc::make_mut(&mut entry.finding).severity = severity;
                        changed = true;
                    }
                    if let Some((after, _)) = finding::defaults(key.0).escalates
                        && later(since, after) > now
                    {
                        wake(later(since, after));
                    }
                }
            }
            if changed {
                rows.push(FindingRow { finding: (*entry.finding).clone(), open: entry.open });
            }
        }
        for key in forget {
            self.entries.remove(&key);
            self.owned.retain(|_, keys| {
                keys.remove(&key);
                !keys.is_empty()
            });
        }
        self.touched.clear();
        self.due = due;
        (events, rows, due)
    }

    /// Open findings: worst first, then newest, then by id.
    pub fn open(&self) -> Vec<Arc<Finding>> {
        let mut open: Vec<_> =
            self.entries.values().filter(|e| e.open).map(|e| Arc::clone(&e.finding)).collect();
        open.sort_by(|a, b| order(a, b));
        open
    }
}

/// The order of findings everywhere.
pub fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let rank = |severity: Severity| severity as u8;
    rank(a.severity).cmp(&rank(b.severity)).then(b.since.cmp(&a.since)).then_with(|| a.id.cmp(&b.id))
}

/// Equal but for the time at which it would have been opened.
fn same_words(a: &Finding, b: &Finding) -> bool {
    a.summary == b.summary && a.proof == b.proof && a.severity == b.severity && a.since == b.since
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
