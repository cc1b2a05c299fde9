//! One cycle: every repository once. And the same of one repository, when a webhook asks for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::SignedDuration;
use landfall_model::{
    Text,
    observe::{Body, ObjectName, Observation, PullAsk, Scope, Unreadable, Version},
    phrase::Said,
    said,
    words::{Kind, PullState},
};

use super::{Looker, Use, Wanted, assemble::Held, wanted};
use crate::{
    clock,
    engine::Change,
    source::{
        forge::{Broken, Failure, Forge, Listed, Listing, Ran},
        report::End,
    },
};

/// A closed one without an Application is known for so long.
const CLOSED: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Runs in the list of a repository; fewer are all there are.
const RUNS: usize = 100;

/// What was seen in one repository.
struct Seen {
    items: Vec<Observation>,
    /// What is not in it is gone.
    whole: bool,
    unreadable: u64,
    /// The first thing that could not be read.
    flaw: Option<Said>,
}

/// Whether a failure is one of the forge, and not of one repository.
pub(super) fn ends_cycle(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Blocked { .. }
            | Failure::Credentials(_)
            | Failure::Private(_)
            | Failure::Refused { status: 401, .. }
    )
}

impl<F: Forge> Looker<F> {
    /// One cycle, and how it ended.
    pub async fn look(&mut self) {
        let mut end = End::default();
        let branches = self.branches();
        let ended = match self.wanted().await {
            Ok(wanted) if wanted.is_empty() && branches.is_empty() => self.forge.who().await.map(drop),
            Ok(wanted) => match self.all(&wanted, &mut end).await {
                Ok(()) => self.look_at_branches(&branches, &mut end).await,
                broken => broken,
            },
            Err(failure) => Err(failure),
        };
        match ended {
            Ok(()) => self.reporter.answered(),
            Err(failure) => {
                tracing::debug!(forge = self.config.name, %failure, "the look at it broke off");
                end.broke_off = Some(failure);
            }
        }
        self.forge.settle();
        self.reporter.ended(&end, self.forge.budget()).await;
    }

    /// Looks at what webhooks ask for. False where that could not be done: it is still asked for.
    pub async fn look_at_asked(&mut self) -> bool {
        let Ok(wanted) = self.wanted().await else { return false };
        let branches = self.branches();
        let mut waiting = self.asks.take().into_iter();
        while let Some(((host, path), wish)) = waiting.next() {
            // A webhook does not decide what is looked at.
            let pulls = wanted.iter().find(|(known, _)| known.eq_ignore_ascii_case(&path));
            let of_branches = branches.iter().find(|(known, _)| known.eq_ignore_ascii_case(&path));
            let Some(path) = pulls.map(|(path, _)| path).or_else(|| of_branches.map(|(path, _)| path)) else {
                self.polling.hooks.asked("unknown");
                continue;
            };
            let looked = self.look_at(path, pulls.map(|(_, of)| of), of_branches.map(|(_, names)| &**names));
            match looked.await {
                Ok(()) => {
                    self.polling.hooks.asked("looked");
                }
                // How a repository is doing by itself is for the regular look to say.
                Err(failure) if !ends_cycle(&failure) && !failure.is_of_host() => {
                    tracing::debug!(forge = self.config.name, path, %failure, "what was told of cannot be read");
                    self.polling.hooks.asked("looked");
                }
                Err(failure) => {
                    tracing::info!(forge = self.config.name, %failure, "what was told of cannot be looked at yet");
                    let rest = std::iter::once(((host, path.clone()), wish)).chain(waiting);
                    for ((host, path), wish) in rest {
                        self.asks.add(&host, &path, wish.late());
                    }
                    return false;
                }
            }
        }
        self.reporter.goes_on(self.forge.budget()).await;
        true
    }

    /// Looks at one repository as far as it is of interest, and tells it.
    async fn look_at(
        &mut self,
        path: &str,
        pulls: Option<&Use>,
        branches: Option<&[Text]>,
    ) -> Result<(), Failure> {
        if let Some(of) = pulls {
            let seen = self.repository(path, of).await?;
            self.reporter.answered();
            self.tell(path, seen).await;
        }
        if let Some(names) = branches {
            self.branches_of(path, names).await?;
        }
        Ok(())
    }

    /// What is to be looked at, each project under its path.
    async fn wanted(&mut self) -> Result<Wanted, Failure> {
        let snapshot = self.polling.snapshot.borrow().clone();
        let mut found = Wanted::new();
        for (name, of) in wanted(&snapshot, &self.config) {
            if name.contains('/') {
                found.entry(name).or_default().and(&of);
                continue;
            }
            let path = match self.paths.get(&name) {
                Some(path) => path.clone(),
                None => match self.forge.repository(&name).await {
                    Ok(path) => path,
                    Err(failure) if ends_cycle(&failure) => return Err(failure),
                    // It is told with the others, under its number.
                    Err(_) => name.clone(),
                },
            };
            if path.contains('/') {
                self.paths.insert(name, path.clone());
            }
            found.entry(path).or_default().and(&of);
        }
        Ok(found)
    }

    async fn all(&mut self, wanted: &Wanted, end: &mut End) -> Result<(), Failure> {
        end.repositories = wanted.len() as u64;
        let gone: Vec<String> =
            self.told.iter().filter(|path| !wanted.contains_key(*path)).cloned().collect();
        for path in gone {
            self.reset(Kind::Pull, Some(&path), Vec::new()).await;
            self.told.remove(&path);
            self.held.remove(&path);
        }
        let mut everything = Vec::new();
        let (mut all_whole, mut hears) = (true, true);
        for (path, of) in wanted {
            if hears && !self.asks.is_empty() {
                hears = Box::pin(self.look_at_asked()).await;
            }
            match self.repository(path, of).await {
                Ok(seen) => {
                    self.reporter.answered();
                    self.reporter.goes_on(self.forge.budget()).await;
                    end.objects += seen.items.len() as u64;
                    end.unreadable += seen.unreadable;
                    all_whole &= seen.whole;
                    if let Some(flaw) = &seen.flaw {
                        end.first.get_or_insert_with(|| of_repository(path, flaw));
                    }
                    if !self.swept {
                        everything.extend(seen.items.iter().cloned());
                    }
                    self.tell(path, seen).await;
                }
                Err(failure) if ends_cycle(&failure) => return Err(failure),
                Err(failure) => {
                    tracing::debug!(forge = self.config.name, path, %failure, "a repository cannot be read");
                    all_whole = false;
                    end.refused +=
                        u64::from(matches!(failure, Failure::Refused { .. } | Failure::NotFound(_)));
                    end.first.get_or_insert_with(|| of_repository(path, &failure.said()));
                }
            }
        }
        // Once everything is known that an earlier run may have told of other repositories is compared with it.
        if all_whole && !self.swept {
            self.swept = true;
            self.reset(Kind::Pull, None, everything).await;
        }
        Ok(())
    }

    /// Looks at one repository.
    async fn repository(&mut self, path: &str, of: &Use) -> Result<Seen, Failure> {
        let open = self.forge.open(path).await?;
        let closed = self.forge.closed(path).await?;
        let flaw = open.cut.as_ref().or(closed.cut.as_ref()).map(Failure::said);
        if let Some(failure) = open.cut.as_ref().or(closed.cut.as_ref()).filter(|failure| ends_cycle(failure))
        {
            return Err(failure.clone());
        }
        let mut whole = flaw.is_none();
        let broken: Vec<Broken> = open.broken.iter().chain(&closed.broken).cloned().collect();
        let mut listings = listings(open, closed, of);
        for number in
            of.numbers.iter().filter(|number| !broken.iter().any(|one| one.number == Some(**number)))
        {
            if !listings.contains_key(number)
                && let Some(listing) = self.forge.pull(path, *number).await?
            {
                listings.insert(*number, listing);
            }
        }
        let low = self.forge.budget().is_low();
        let is_any_open = listings.values().any(|listing| listing.pull.state == PullState::Open);
        let asks = if low || !is_any_open {
            None
        } else {
            self.forge.asks(path, &self.config.preview_command).await?
        };
        let asks = newest(asks.unwrap_or_default());
        let is_held = |number| self.held.get(path).is_some_and(|held| held.contains_key(number));
        let of_interest: BTreeSet<u64> = listings
            .values()
            .filter(|listing| {
                let labels: Vec<&str> = listing.pull.labels.iter().map(|label| &*label.name).collect();
                let is_open = listing.pull.state == PullState::Open;
                of.numbers.contains(&listing.number)
                    || is_held(&listing.number)
                    || (is_open && (of.wants(&labels) || asks.contains_key(&listing.number)))
            })
            .map(|listing| listing.number)
            .collect();
        let runs = if of_interest.is_empty() || low { None } else { self.forge.runs(path).await? };
        // Nothing fails from here on without giving it back.
        let mut held = self.held.remove(path).unwrap_or_default();
        held.retain(|number, _| of_interest.contains(number));
        let mut ended = Ok(());
        for number in &of_interest {
            let Some(listing) = listings.get(number) else { continue };
            let mut one = held.remove(number).unwrap_or_default();
            let known = one.of.is_some();
            if ended.is_ok() && !low {
                ended = self.read(path, listing, &mut one, runs.as_deref()).await;
            }
            if known || one.of.is_some() {
                held.insert(*number, one);
            }
        }
        // What was read stays known, so that the next look goes on from there.
        self.held.insert(path.to_owned(), held);
        ended?;
        let held = &self.held[path];
        let nothing = Held::default();
        let mut items = Vec::new();
        for listing in listings.values() {
            if of_interest.contains(&listing.number) && !held.contains_key(&listing.number) {
                // There was no budget to ask: what an earlier run knew of it is better than nothing.
                whole = false;
                continue;
            }
            let known = held.get(&listing.number).unwrap_or(&nothing);
            let pull = known.complete(listing, asks.get(&listing.number));
            items.push(self.observed(
                Kind::Pull,
                path,
                &listing.number.to_string(),
                Body::Pull(Arc::new(pull)),
            ));
        }
        let mut flaw = flaw;
        for one in &broken {
            flaw.get_or_insert_with(|| said_of(one));
            match one.number {
                Some(number) => {
                    let why = Unreadable { field: one.field.as_str().into(), why: one.why.as_str().into() };
                    items.push(self.observed(
                        Kind::Pull,
                        path,
                        &number.to_string(),
                        Body::Unreadable(Arc::new(why)),
                    ));
                }
                None => whole = false,
            }
        }
        Ok(Seen { items, whole, unreadable: broken.len() as u64, flaw })
    }

    /// Reads what the lists do not tell of one, where that may have changed.
    async fn read(
        &self,
        path: &str,
        listing: &Listing,
        known: &mut Held,
        runs: Option<&[Ran]>,
    ) -> Result<(), Failure> {
        let head = &listing.pull.head.sha;
        if !known.is_of(listing) {
            match self.forge.details(path, listing, &self.config.preview_command).await {
                Ok(details) => {
                    known.details = details;
                    known.of = Some((listing.updated, Text::clone(head)));
                }
                Err(failure) if ends_cycle(&failure) => return Err(failure),
                // Of this one it is known what it was, or what the list tells.
                Err(failure) => {
                    tracing::debug!(forge = self.config.name, path, number = listing.number, %failure, "no details");
                    known.of.get_or_insert_with(|| (None, Text::clone(head)));
                }
            }
        }
        let Some(runs) = runs else { return Ok(()) };
        known.take(head, runs);
        let has_own = known.runs.iter().flatten().any(|one| one.run.sha == *head);
        if !has_own && runs.len() >= RUNS && known.runs_asked.as_ref() != Some(head) {
            let found = self.forge.runs_of(path, head).await?;
            known.runs_asked = Some(Text::clone(head));
            known.take(head, &found.unwrap_or_default());
        }
        for key in known.without_step(head) {
            let step = self.forge.failed_step(path, key.0).await?;
            known.steps.insert(key, step);
        }
        Ok(())
    }

    pub(super) fn observed(&self, kind: Kind, path: &str, name: &str, body: Body) -> Observation {
        Observation {
            scope: self.scope(kind),
            name: ObjectName { namespace: Text::from(path), name: Text::from(name) },
            uid: Text::from(""),
            // Nothing numbers what it says: what comes later is newer.
            version: Version::default(),
            noticed_at: clock::now(),
            body,
        }
    }

    fn scope(&self, kind: Kind) -> Scope {
        Scope { source: self.config.source().into(), kind }
    }

    async fn tell(&mut self, path: &str, seen: Seen) {
        self.told.insert(path.to_owned());
        if seen.whole {
            self.reset(Kind::Pull, Some(path), seen.items).await;
        } else {
            for item in seen.items {
                self.reporter.send(Change::Apply(item)).await;
            }
        }
    }

    pub(super) async fn reset(&self, kind: Kind, within: Option<&str>, items: Vec<Observation>) {
        let (scope, within, version) = (self.scope(kind), within.map(Text::from), Version::default());
        self.reporter.send(Change::Reset { scope, within, items, version }).await;
    }
}

/// Of an open and a closed one of the same number the one that changed last.
fn listings(open: Listed, closed: Listed, of: &Use) -> BTreeMap<u64, Listing> {
    let now = clock::now();
    let mut found: BTreeMap<u64, Listing> =
        open.pulls.into_iter().map(|listing| (listing.number, listing)).collect();
    for listing in closed.pulls {
        let ended = listing.pull.closed_at.or(listing.updated);
        let is_recent = ended.is_some_and(|at| now.duration_since(at) <= CLOSED);
        let is_known_newer = found.get(&listing.number).is_some_and(|known| known.updated > listing.updated);
        if (is_recent || of.numbers.contains(&listing.number)) && !is_known_newer {
            found.insert(listing.number, listing);
        }
    }
    found
}

fn newest(asks: Vec<(u64, PullAsk)>) -> BTreeMap<u64, PullAsk> {
    let mut by_number = BTreeMap::<u64, PullAsk>::new();
    for (number, ask) in asks {
        match by_number.get(&number) {
            Some(known) if known.at >= ask.at => {}
            _ => drop(by_number.insert(number, ask)),
        }
    }
    by_number
}

pub(super) fn of_repository(path: &str, why: &Said) -> Said {
    said!("of-repository", "{repository}: {why}", repository = path, why = why.clone())
}

fn said_of(broken: &Broken) -> Said {
    let number = broken.number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    said!(
        "pull-unreadable",
        "pull request {number}: {field}: {why}",
        number = number,
        field = broken.field.as_str(),
        why = broken.why.as_str(),
    )
}
