//! The same observations in any order, with repeats, stale ones and lists in between, end in the same snapshot, and no
//! transition is told twice.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;
use landfall_model::{
    image::{ImageFacts, PlatformFacts, SeenBy},
    index::Index,
    observe::{
        ApplicationRef, ApplicationSet, Body, Edge, ImageRule, ImageUpdater, ObjectName, Observation, Pull,
        Repository, UpdateSettings, UpdaterSpec, Version,
    },
    transition::Transition,
    words::{Health, Kind, PullState, SyncStatus, TransitionKind},
};
use proptest::prelude::*;

use super::{
    pulls::{FIRST, SECOND},
    world::*,
};

/// A message that a source may send, at any time, any number of times.
#[derive(Debug, Clone)]
enum Message {
    Apply(Observation),
    Delete(Kind, ObjectName, u64),
    List(Kind, Vec<Observation>, u64),
    Advance,
}

/// A small generator of its own, so that one number names a whole run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        // xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled"
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

const SERVICES: [&str; 3] = ["alpha", "beta", "gamma"];

fn random_body(dice: &mut Dice, kind: Kind, service: &str, born: u64, version: u64) -> Body {
    let tag = ["1", "2", "3"][usize::try_from(dice.below(3)).unwrap_or(0)];
    match kind {
        Kind::Application => {
            let mut app = application(service);
            // A deleted Application that comes back is another one, with its own times.
            let created = after(i64::try_from(born).unwrap_or(0) - 86_400);
            app.created = Some(created);
            app.history[0].deployed_at = Some(created + SignedDuration::from_millis(500));
            if dice.chance(30) {
                app.sync = Some(SyncStatus::OutOfSync);
                app.resources.out_of_sync = 1;
                app.resources.differing = vec![managed(service)];
            }
            if dice.chance(30) {
                app.health = Some(Health::Degraded);
            }
            // A preview, of one of two pull requests, asking for the image of one of two heads.
            if service == PREVIEW {
                app.labels.retain(|(key, _)| &**key != "environment");
                app.owner_set = Some(text("previews"));
                let sha = [FIRST, SECOND][usize::try_from(dice.below(2)).unwrap_or(0)];
                app.labels.push((text("landfall.dev/head-sha"), text(sha)));
                app.sources[0].target_revision = Some(text(sha));
            }
            // Health that is told anew is told with its own time.
            app.health_since = Some(after(i64::try_from(version).unwrap_or(0) - 7_200));
            Body::Application(Arc::new(app))
        }
        Kind::Deployment => {
            let ready = i32::try_from(dice.below(3)).unwrap_or(0);
            Body::Workload(Arc::new(deployment(service, tag, 2, ready)))
        }
        Kind::ImageUpdater => Body::ImageUpdater(Arc::new(random_updater(dice))),
        Kind::Repository => Body::Repository(Arc::new(random_repository(dice))),
        Kind::Pull => Body::Pull(Arc::new(random_pull(dice))),
        Kind::ApplicationSet => Body::ApplicationSet(Arc::new(random_set(dice))),
        Kind::ReplicaSet => Body::ReplicaSet(Arc::new(replica_set(service, 1))),
        _ => Body::Pod(Arc::new(pod(&format!("{service}-1"), service, tag, dice.chance(70)))),
    }
}

/// The service whose Application is a preview.
const PREVIEW: &str = "gamma";

/// Its pull request as some forge might tell it.
fn random_pull(dice: &mut Dice) -> Pull {
    let mut pull = super::pulls::pull();
    if dice.chance(30) {
        pull.labels.clear();
    }
    if dice.chance(50) {
        pull.head.sha = text(SECOND);
    }
    if dice.chance(20) {
        pull.state = PullState::Closed;
        pull.closed_at = Some(after(500));
    }
    pull
}

/// Its set: fails at times, names two repositories at times, so that only a commit tells whose the preview is.
fn random_set(dice: &mut Dice) -> ApplicationSet {
    let mut set = super::pulls::preview_set();
    set.template_name = Some(text("gamma-{{.number}}"));
    if dice.chance(30) {
        let mut other = set.pull_requests[0].clone();
        other.repository = text("acme/other");
        set.pull_requests.push(other);
    }
    if dice.chance(20) {
        set.applications_sync = Some(text("create-only"));
    }
    set
}

/// An updater that looks at some of the services, by some policy.
fn random_updater(dice: &mut Dice) -> ImageUpdater {
    let policy =
        ["newest-build", "alphabetical", "semver", "digest"][usize::try_from(dice.below(4)).unwrap_or(0)];
    let references = SERVICES.iter().filter(|_| dice.chance(60)).map(|service| ApplicationRef {
        name_pattern: text(&format!("{service}-*")),
        images: vec![ImageRule {
            alias: text(service),
            image: text(&format!("registry.example/hosting/{service}")),
            settings: Some(UpdateSettings { strategy: Some(text(policy)), ..UpdateSettings::default() }),
            ..ImageRule::default()
        }],
        ..ApplicationRef::default()
    });
    ImageUpdater {
        last_checked: None,
        last_updated: None,
        applications_matched: None,
        images_managed: None,
        recent: Vec::new(),
        conditions: Vec::new(),
        spec: Some(UpdaterSpec { references: references.collect(), ..UpdaterSpec::default() }),
    }
}

/// Some of three tags, the last of them as old as the first.
fn random_repository(dice: &mut Dice) -> Repository {
    let mut repository = Repository { settled_at: Some(after(-9_000)), ..Repository::default() };
    for (n, created) in
        [(1, "2026-11-24T01:00:00Z"), (2, "2026-11-24T02:00:00Z"), (3, "2026-11-24T01:00:00Z")]
    {
        if dice.chance(80) {
            let digest = text(&format!("sha256:{n:0>64}"));
            repository.edges.push(Edge {
                tag: text(&n.to_string()),
                digest: digest.clone(),
                first_seen: after(-8_000 + 1_000 * n),
                ended_at: dice.chance(20).then(|| after(-100)),
                seen_by: SeenBy::Poll,
                pushed_at: None,
            });
            let one = PlatformFacts {
                platform: text("linux/amd64"),
                manifest: digest.clone(),
                config: text(&format!("config-{}", n % 2)),
                created: Some(text(created)),
            };
            repository.facts.insert(digest, ImageFacts { platforms: vec![one], ..ImageFacts::default() });
        }
    }
    repository
}

/// What there is to change: (kind, name, service).
fn places() -> Vec<(Kind, ObjectName, &'static str)> {
    SERVICES
        .iter()
        .flat_map(|service| {
            let set = format!("{service}-1");
            let application =
                if *service == PREVIEW { format!("{service}-7") } else { format!("{service}-production") };
            [
                (Kind::Application, name("argocd", &application), *service),
                (Kind::Deployment, name("apps", service), *service),
                (Kind::ReplicaSet, name("apps", &set), *service),
                (Kind::Pod, name("apps", &format!("{set}-0")), *service),
                (Kind::Pod, name("apps", &format!("{set}-1")), *service),
                (Kind::Repository, name("", &format!("hosting/{service}")), *service),
                (Kind::ImageUpdater, name("argocd", "updater"), *service),
                (Kind::ApplicationSet, name("argocd", "previews"), *service),
                (Kind::Pull, name("acme/shop", "7"), *service),
                (Kind::Pull, name("acme/other", "7"), *service),
            ]
        })
        .collect()
}

/// A truthful history and every message about it, in order; the last lists are part of it.
fn history(dice: &mut Dice) -> Vec<Message> {
    let places = places();
    let mut truth: BTreeMap<(Kind, ObjectName), Observation> = BTreeMap::new();
    let mut born: BTreeMap<(Kind, ObjectName), u64> = BTreeMap::new();
    let mut messages = Vec::new();
    for version in 1..=(10 + dice.below(30)) {
        let (kind, at, service) = &places[usize::try_from(dice.below(places.len() as u64)).unwrap_or(0)];
        let key = (*kind, at.clone());
        if truth.contains_key(&key) && dice.chance(25) {
            truth.remove(&key);
            born.remove(&key);
            messages.push(Message::Delete(*kind, at.clone(), version));
        } else {
            let seen = observation(
                *kind,
                at.clone(),
                version,
                random_body(dice, *kind, service, *born.entry(key.clone()).or_insert(version), version),
            );
            truth.insert(key, seen.clone());
            messages.push(Message::Apply(seen));
        }
        if dice.chance(15) {
            messages.push(list(&truth, *kind, version));
        }
    }
    messages
}

fn list(truth: &BTreeMap<(Kind, ObjectName), Observation>, kind: Kind, version: u64) -> Message {
    let items = truth.iter().filter(|((k, _), _)| *k == kind).map(|(_, seen)| seen.clone()).collect();
    Message::List(kind, items, version)
}

fn send(index: &mut Index, message: &Message, transitions: &mut Vec<Transition>, seconds: i64) {
    let version = |resource| Version { epoch: 0, resource };
    match message.clone() {
        Message::Apply(seen) => index.apply(seen),
        Message::Delete(kind, at, resource) => index.delete(&scope(kind), &at, version(resource)),
        Message::List(kind, items, resource) => index.reset(&scope(kind), None, items, version(resource)),
        Message::Advance => transitions.extend(index.advance(after(seconds)).transitions),
    }
}

/// What two views say differently: what it is about, in the one and in the other, from where they part.
fn differences(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<(String, String, String)> {
    let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let (a, b) = (a.get(key).map_or("-", String::as_str), b.get(key).map_or("-", String::as_str));
        if a != b {
            let parts = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count().saturating_sub(80);
            let rest = |text: &str| text.chars().skip(parts).take(400).collect::<String>();
            found.push((key.clone(), rest(a), rest(b)));
        }
    }
    found
}

/// Each change begins where the one before it ended.
fn chained(transitions: &[Transition]) -> Result<(), TestCaseError> {
    let mut last: BTreeMap<(String, TransitionKind, String), &Transition> = BTreeMap::new();
    let mut ids = std::collections::HashSet::new();
    for transition in transitions {
        // A preview that ended and is there again is seen for the first time: it has the same id, and is stored once.
        let ended = |t: &&Transition| t.entity == transition.entity && t.to == "ended";
        let again = transition.kind == TransitionKind::Preview && transitions.iter().any(|t| ended(&t));
        prop_assert!(ids.insert(transition.id) || again, "told twice: {transition:?}");
        if !matches!(transition.kind, TransitionKind::Sync | TransitionKind::Health | TransitionKind::Finding)
        {
            continue;
        }
        let key = (transition.entity.to_string(), transition.kind, transition.subject.to_string());
        if let Some(before) = last.insert(key, transition)
            && !was_gone_between(transitions, before, transition)
        {
            prop_assert_eq!(&before.to, &transition.from, "{:?} then {:?}", before, transition);
        }
    }
    Ok(())
}

fn was_gone_between(all: &[Transition], a: &Transition, b: &Transition) -> bool {
    all.iter().any(|t| {
        t.entity == a.entity
            && t.kind == TransitionKind::Gone
            && t.subject.starts_with("Application")
            && (a.noticed_at..=b.noticed_at).contains(&t.noticed_at)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn any_order_ends_in_the_same_snapshot(seed in 1_u64..) {
        let dice = &mut Dice(seed);
        let messages = history(dice);
        let mut plain = index();
        read_everything(&mut plain, start());
        for message in &messages {
            send(&mut plain, message, &mut Vec::new(), 0);
        }
        // Every message at least once, some more often, in any order, with looks in between.
        let mut shuffled: Vec<Message> = Vec::new();
        for message in &messages {
            for _ in 0..=dice.below(2) {
                let at = usize::try_from(dice.below(shuffled.len() as u64 + 1)).unwrap_or(0);
                shuffled.insert(at, message.clone());
            }
        }
        for _ in 0..dice.below(6) {
            let at = usize::try_from(dice.below(shuffled.len() as u64 + 1)).unwrap_or(0);
            shuffled.insert(at, Message::Advance);
        }
        let mut other = index();
        read_everything(&mut other, start());
        let mut transitions = Vec::new();
        for (seconds, message) in shuffled.iter().enumerate() {
            send(&mut other, message, &mut transitions, i64::try_from(seconds).unwrap_or(0));
        }
        all_alive(&mut plain, after(86_400));
        all_alive(&mut other, after(86_400));
        // Twice, so that findings whose grace begins when they are noticed are open in both.
        transitions.extend(other.advance(after(86_400)).transitions);
        plain.advance(after(86_400));
        all_alive(&mut plain, after(172_800));
        all_alive(&mut other, after(172_800));
        prop_assert_eq!(differences(&essence(&mut plain, after(172_800)), &essence(&mut other, after(172_800))), []);
        chained(&transitions)?;
    }

    #[test]
    fn a_relist_finds_what_was_missed(seed in 1_u64..) {
        let dice = &mut Dice(seed);
        let messages = history(dice);
        let mut truth: BTreeMap<(Kind, ObjectName), Observation> = BTreeMap::new();
        let mut index = index();
        read_everything(&mut index, start());
        let mut transitions = Vec::new();
        // A third of the messages never comes.
        for message in &messages {
            match message {
                Message::Apply(seen) => { truth.insert((seen.scope.kind, seen.name.clone()), seen.clone()); }
                Message::Delete(kind, at, _) => { truth.remove(&(*kind, at.clone())); }
                _ => {}
            }
            if dice.chance(66) {
                send(&mut index, message, &mut transitions, 0);
            }
        }
        transitions.extend(index.advance(after(1)).transitions);
        let cluster = [Kind::Deployment, Kind::ReplicaSet, Kind::Pod];
        let others =
            [Kind::Application, Kind::ImageUpdater, Kind::Repository, Kind::ApplicationSet, Kind::Pull];
        for kind in cluster.into_iter().chain(others) {
            send(&mut index, &list(&truth, kind, 1_000), &mut transitions, 2);
        }
        all_alive(&mut index, after(86_400));
        transitions.extend(index.advance(after(86_400)).transitions);
        let mut fresh = super::world::index();
        read_everything(&mut fresh, start());
        for seen in truth.values() {
            fresh.apply(seen.clone());
        }
        all_alive(&mut fresh, after(86_400));
        fresh.advance(after(86_400));
        all_alive(&mut fresh, after(172_800));
        all_alive(&mut index, after(172_800));
        prop_assert_eq!(differences(&essence(&mut fresh, after(172_800)), &essence(&mut index, after(172_800))), []);
        chained(&transitions)?;
    }
}

/// Kubernetes tells times in whole seconds; what goes to and fro within one is told each time.
#[test]
fn to_and_fro_within_a_second_is_told_each_time() {
    let mut index = index();
    read_everything(&mut index, start());
    let mut transitions = Vec::new();
    for (nth, health) in
        [Health::Healthy, Health::Degraded, Health::Healthy, Health::Degraded].into_iter().enumerate()
    {
        let nth = u64::try_from(nth).unwrap();
        let mut app = application("web");
        (app.health, app.health_since) = (Some(health), Some(after(60)));
        let seen = observation(
            Kind::Application,
            name("argocd", "web-production"),
            nth + 1,
            Body::Application(Arc::new(app)),
        );
        index.apply(seen);
        let now = after(60) + SignedDuration::from_millis(i64::try_from(nth).unwrap() * 200);
        transitions.extend(index.advance(now).transitions);
    }
    let health: Vec<_> = transitions.iter().filter(|t| t.kind == TransitionKind::Health).collect();
    assert_eq!(health.len(), 3, "{transitions:#?}");
    assert!(health.iter().all(|t| t.at == after(60)));
    chained(&transitions).unwrap();
}
