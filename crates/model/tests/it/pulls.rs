//! Pull requests and their previews: each step on both sides, rounds, the end, and how a preview is traced.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_model::{
    Interner,
    image::SeenBy,
    index::{Index, Step as IndexStep},
    mapping::Mapper,
    observe::{
        Application, ApplicationRef, ApplicationSet, Body, Condition, Edge, HistoryEntry, ImageRule,
        ImageUpdater, ObjectName, Operation, Pull, PullAsk, PullCommit, PullFilter, PullHead, PullLabel,
        PullRequestGenerator, Repository, Run, Source, UpdateSettings, UpdaterSpec, Version,
    },
    reduce::reduce,
    said,
    transition::Transition,
    view::{self, Finding, Preview, Waits},
    words::{
        Confidence, Health, Kind, Phase, PreviewState, PullState, RoundEnd, Rule, RunState, StepKind,
        StepState, SyncStatus, TraceMethod, TransitionKind, Turn,
    },
};

use super::{restart::Kept, world::*};

pub const FIRST: &str = "9b2f6d0aa1b2c3d4e5f60718293a4b5c6d7e8f90";
pub const SECOND: &str = "e41c07d8a1b2c3d4e5f60718293a4b5c6d7e8f90";
const ID: &str = "acme/shop#7";

/// `shop-pr-7` of the set `previews`, with Image Updater picking `pr-7-<commit>`.
struct Bench {
    index: Index,
    version: u64,
    pull: Pull,
    set: ApplicationSet,
    told: Vec<Transition>,
    last: IndexStep,
}

pub fn pull() -> Pull {
    Pull {
        title: text("Show the total"),
        author: Some(text("alice")),
        url: Some(text("https://github.com/acme/shop/pull/7")),
        state: PullState::Open,
        draft: false,
        fork: Some(false),
        labels: vec![label("preview", 60)],
        head: PullHead { branch: text("total"), sha: text(FIRST), pushed_at: Some(after(30)) },
        base: text("main"),
        created: Some(after(10)),
        closed_at: None,
        commits: vec![commit(FIRST, 20)],
        asked: None,
        runs: Some(Vec::new()),
    }
}

fn label(name: &str, since: i64) -> PullLabel {
    PullLabel { name: text(name), since: Some(after(since)), by: Some(text("alice")) }
}

fn commit(sha: &str, at: i64) -> PullCommit {
    PullCommit {
        sha: text(sha),
        title: text("Show the total"),
        author: Some(text("alice")),
        at: Some(after(at)),
    }
}

fn run(sha: &str, state: RunState) -> Run {
    Run {
        id: 1893,
        name: text("preview"),
        sha: text(sha),
        state,
        failed_step: (state == RunState::Failed).then(|| text("build")),
        started_at: Some(after(40)),
        finished_at: Some(after(200)),
        url: Some(text("https://github.com/acme/shop/actions/runs/1893")),
    }
}

pub fn preview_set() -> ApplicationSet {
    ApplicationSet {
        generators: vec![text("pullRequest")],
        pull_requests: vec![PullRequestGenerator {
            provider: text("github"),
            repository: text("acme/shop"),
            requeue_after_s: Some(300),
            labels: vec![text("preview")],
            ..PullRequestGenerator::default()
        }],
        template_name: Some(text("shop-pr-{{.number}}")),
        template_namespace: Some(text("shop-pr-{{.number}}")),
        go_template: true,
        children: Some(0),
        ..ApplicationSet::default()
    }
}

/// As the set made it: it asks for an image that is not there yet.
pub fn preview_app() -> Application {
    let mut app = application("shop");
    app.created = Some(after(120));
    app.labels = vec![(text("app.kubernetes.io/name"), text("shop"))];
    app.owner_set = Some(text("previews"));
    app.sources = vec![Source {
        repo_url: text("https://git.example/deploy.git"),
        target_revision: Some(text("main")),
        ..Source::default()
    }];
    app.sync = Some(SyncStatus::Synced);
    app.history = Vec::new();
    app.operation = None;
    app.health = Some(Health::Progressing);
    app.health_since = Some(after(121));
    app.urls = vec![text("https://pr-7.preview.example")];
    app.reported_images = vec![image("shop", "main")];
    app
}

fn updater() -> ImageUpdater {
    let reference = ApplicationRef {
        name_pattern: text("shop-pr-*"),
        images: vec![ImageRule {
            alias: text("shop"),
            image: image("shop", "x").rsplit_once(':').map(|(name, _)| text(name)).expect("a tag"),
            settings: Some(UpdateSettings {
                strategy: Some(text("alphabetical")),
                allow_tags: Some(text("regexp:^pr-7-[0-9a-f]{7}$")),
                ..UpdateSettings::default()
            }),
            ..ImageRule::default()
        }],
        ..ApplicationRef::default()
    };
    ImageUpdater {
        last_checked: Some(start()),
        last_updated: None,
        applications_matched: Some(1),
        images_managed: Some(1),
        recent: Vec::new(),
        conditions: Vec::new(),
        spec: Some(UpdaterSpec { references: vec![reference], ..UpdaterSpec::default() }),
    }
}

fn edge(tag: &str, digest: char, at: i64) -> Edge {
    Edge {
        tag: text(tag),
        digest: text(&format!("sha256:{}", digest.to_string().repeat(64))),
        first_seen: after(at),
        ended_at: None,
        seen_by: SeenBy::Poll,
        pushed_at: None,
    }
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            index: index(),
            version: 1_000,
            pull: pull(),
            set: preview_set(),
            told: Vec::new(),
            last: IndexStep::default(),
        };
        read_everything(&mut bench.index, start());
        bench.set(|_| {});
        bench
    }

    fn put(&mut self, kind: Kind, at: ObjectName, body: Body) {
        self.version += 1;
        self.index.apply(observation(kind, at, self.version, body));
    }

    fn pull(&mut self, change: impl FnOnce(&mut Pull)) {
        change(&mut self.pull);
        let body = Body::Pull(Arc::new(self.pull.clone()));
        self.put(Kind::Pull, name("acme/shop", "7"), body);
    }

    fn set(&mut self, change: impl FnOnce(&mut ApplicationSet)) {
        change(&mut self.set);
        let body = Body::ApplicationSet(Arc::new(self.set.clone()));
        self.put(Kind::ApplicationSet, name("argocd", "previews"), body);
    }

    fn app(&mut self, change: impl FnOnce(&mut Application)) {
        let mut app = preview_app();
        change(&mut app);
        self.put(Kind::Application, name("argocd", "shop-pr-7"), Body::Application(Arc::new(app)));
    }

    /// Made by the set, looked after by Image Updater; main's image runs.
    fn made(&mut self) {
        self.pull(|_| {});
        self.put(Kind::ImageUpdater, name("argocd", "updater"), Body::ImageUpdater(Arc::new(updater())));
        self.runs("main", 'f', 1);
        self.tags(&[edge("main", 'f', -5_000)]);
        self.app(|_| {});
    }

    fn tags(&mut self, edges: &[Edge]) {
        let repository = Repository {
            tags: edges.len() as u64,
            settled_at: Some(after(-9_000)),
            edges: edges.to_vec(),
            facts: BTreeMap::new(),
            error: None,
        };
        self.put(Kind::Repository, name("", "hosting/shop"), Body::Repository(Arc::new(repository)));
    }

    fn runs(&mut self, tag: &str, digest: char, ready: i32) {
        self.put(
            Kind::Deployment,
            name("apps", "shop"),
            Body::Workload(Arc::new(deployment("shop", tag, 1, ready))),
        );
        self.put(
            Kind::ReplicaSet,
            name("apps", "shop-1"),
            Body::ReplicaSet(Arc::new(replica_set("shop", 1))),
        );
        let mut one = pod("shop-1", "shop", tag, ready > 0);
        one.containers[0].digest = Some(text(&format!("sha256:{}", digest.to_string().repeat(64))));
        self.put(Kind::Pod, name("apps", "shop-1-0"), Body::Pod(Arc::new(one)));
    }

    /// Asked for, and brought in by a deployment that ended at a moment.
    fn synced(app: &mut Application, tag: &str, at: i64) {
        app.sources[0].images = vec![image("shop", tag)];
        app.history.push(HistoryEntry {
            id: i64::try_from(app.history.len()).expect("few"),
            revisions: vec![text("aaaa")],
            started_at: Some(after(at - 5)),
            deployed_at: Some(after(at)),
            initiated_by: Some(text("automated")),
            images: vec![image("shop", tag)],
        });
        app.operation = Some(Operation {
            phase: Phase::Succeeded,
            message: None,
            started_at: Some(after(at - 5)),
            finished_at: Some(after(at)),
            retries: 0,
            initiated_by: Some(text("automated")),
            revisions: vec![text("aaaa")],
        });
    }

    fn look(&mut self, seconds: i64) -> Arc<view::Pull> {
        all_alive(&mut self.index, after(seconds));
        self.last = self.index.advance(after(seconds));
        self.told.extend(self.last.transitions.iter().cloned());
        let pulls = &self.last.snapshot.pulls;
        assert_eq!(pulls.len(), 1, "{pulls:#?}");
        Arc::clone(&pulls[0])
    }

    fn preview(&mut self, seconds: i64) -> Preview {
        let pull = self.look(seconds);
        assert_eq!((&*pull.id, pull.number, pull.repository.as_deref()), (ID, Some(7), Some("acme/shop")));
        pull.previews.first().expect("a preview").clone()
    }

    /// What it waits for: step, turn, whether it is stuck, sentence.
    fn waits(&mut self, seconds: i64) -> (StepKind, Turn, bool, String) {
        let preview = self.preview(seconds);
        let Waits { step, turn, stuck, sentence, .. } =
            preview.waits.clone().unwrap_or_else(|| panic!("{preview:#?}"));
        let here = preview.here().map(|step| (step.kind, step.state));
        if !matches!(preview.state, PreviewState::Going | PreviewState::Leftover) {
            let state = if stuck { StepState::Stuck } else { StepState::Now };
            assert_eq!(here, Some((step, state)), "{preview:#?}");
        }
        assert!(sentence.phrase.is_some(), "{sentence}");
        (step, turn, stuck, sentence.to_string())
    }

    fn found(&self, rule: Rule) -> Option<Arc<Finding>> {
        self.last.snapshot.findings.iter().find(|found| found.rule == rule).cloned()
    }

    fn steps(&self) -> Vec<(String, Timestamp)> {
        let told = self.told.iter().filter(|it| it.kind == TransitionKind::Preview);
        told.map(|it| (it.to.as_str().unwrap_or_default().to_owned(), it.at)).collect()
    }
}

fn at(preview: &Preview, kind: StepKind) -> (StepState, Option<Timestamp>, bool) {
    let step = preview.step(kind).expect("all six");
    (step.state, step.at, step.exact)
}

#[test]
fn without_a_label_it_is_the_authors_turn() {
    let mut bench = Bench::new();
    bench.pull(|pull| pull.labels.clear());
    let (step, turn, stuck, sentence) = bench.waits(100);
    assert_eq!((step, turn, stuck), (StepKind::Labelled, Turn::Author, false));
    assert_eq!(sentence, "No label preview yet");
    let preview = bench.preview(7_200);
    assert_eq!((preview.state, preview.environment.as_deref()), (PreviewState::None, None));
    assert_eq!(bench.found(Rule::PreviewStuck), None, "nobody asked for one");
}

#[test]
fn the_application_comes_from_the_generator() {
    let mut bench = Bench::new();
    bench.pull(|_| {});
    let (step, turn, stuck, sentence) = bench.waits(100);
    assert_eq!((step, turn, stuck), (StepKind::Created, Turn::ArgoCd, false));
    assert_eq!(
        sentence,
        "The generator of ApplicationSet previews has not made its Application yet; it looks every 5 min"
    );
    assert_eq!(at(&bench.preview(101), StepKind::Labelled), (StepState::Done, Some(after(60)), true));
    // Half an hour is longer than anybody waits for what comes by itself.
    bench.look(60 + 1_799);
    assert_eq!(bench.found(Rule::PreviewStuck), None);
    bench.look(60 + 1_801);
    let found = bench.found(Rule::PreviewStuck).expect("it opens");
    assert!(found.summary.contains("Application created"), "{}", found.summary);
    assert_eq!((found.since, &*found.subject.name), (after(60), ID));

    bench.set(|set| {
        set.conditions = vec![Condition {
            kind: text("ErrorOccurred"),
            status: Some(text("True")),
            reason: Some(text("ApplicationGenerationFromParamsError")),
            message: text("403 API rate limit exceeded"),
            since: Some(after(2_000)),
        }];
    });
    let (step, turn, stuck, sentence) = bench.waits(2_001);
    assert_eq!((step, turn, stuck), (StepKind::Created, Turn::Operator, true));
    assert!(sentence.ends_with("fails: 403 API rate limit exceeded"), "{sentence}");
    bench.look(2_000 + 299);
    assert_eq!(bench.found(Rule::GeneratorFailing), None);
    bench.look(2_000 + 301);
    assert!(bench.found(Rule::GeneratorFailing).is_some());

    bench.set(|set| {
        set.conditions.clear();
        set.pull_requests[0].filters =
            vec![PullFilter { branch: Some(text("^feature-")), ..PullFilter::default() }];
    });
    let (step, turn, stuck, sentence) = bench.waits(2_400);
    assert_eq!((step, turn, stuck), (StepKind::Created, Turn::Author, true));
    assert_eq!(sentence, "The generator passes it over: branch total does not fit ^feature-");
    assert_eq!(bench.found(Rule::GeneratorFailing), None, "it is well again");
}

#[test]
fn the_image_waits_for_its_workflow() {
    let mut bench = Bench::new();
    bench.made();
    let (step, turn, stuck, sentence) = bench.waits(130);
    assert_eq!((step, turn, stuck), (StepKind::Pushed, Turn::Author, false));
    assert_eq!(sentence, "No /preview comment yet, and no workflow runs for 9b2f6d0");
    let preview = bench.preview(131);
    assert_eq!(at(&preview, StepKind::Created), (StepState::Done, Some(after(120)), true));
    assert_eq!(preview.traced.method, TraceMethod::Generator);
    assert_eq!(preview.traced.confidence, Confidence::Certain);
    for kind in [StepKind::Picked, StepKind::Synced, StepKind::Healthy] {
        assert_eq!(at(&preview, kind).0, StepState::Ahead, "{kind}");
    }
    bench.pull(|pull| pull.asked = Some(PullAsk { by: Some(text("alice")), at: after(35) }));
    assert_eq!(bench.waits(140).1, Turn::Ci, "asked for, and not started yet");
    for (state, turn, stuck, sentence) in [
        (RunState::Queued, Turn::Ci, false, "Workflow preview is queued"),
        (RunState::Running, Turn::Ci, false, "Workflow preview builds 9b2f6d0"),
        (
            RunState::Succeeded,
            Turn::Ci,
            false,
            "Workflow preview succeeded, but no image of 9b2f6d0 is at the registry",
        ),
        (RunState::Cancelled, Turn::Author, true, "Workflow preview was cancelled"),
        (RunState::Failed, Turn::Author, true, "Workflow preview failed in step build"),
    ] {
        bench.pull(|pull| pull.runs = Some(vec![run(FIRST, state)]));
        let found = bench.waits(210);
        assert_eq!(found, (StepKind::Pushed, turn, stuck, sentence.to_owned()), "{state}");
        assert_eq!(bench.found(Rule::WorkflowFailed).is_some(), state == RunState::Failed, "{state}");
    }
    // A run of another commit says nothing of this one.
    bench.pull(|pull| pull.runs = Some(vec![run(SECOND, RunState::Failed)]));
    assert_eq!(bench.waits(220).1, Turn::Ci);
    bench.put(
        Kind::Repository,
        name("", "hosting/shop"),
        Body::Repository(Arc::new(Repository {
            error: Some(said!("registry-denied", "denied")),
            ..Repository::default()
        })),
    );
    let (step, turn, stuck, sentence) = bench.waits(230);
    assert_eq!((step, turn, stuck), (StepKind::Pushed, Turn::Operator, true));
    assert!(sentence.ends_with("hosting/shop: denied"), "{sentence}");
}

#[test]
fn the_updater_picks_what_its_policy_allows() {
    let mut bench = Bench::new();
    bench.made();
    bench.look(130);
    bench.tags(&[edge("main", 'f', -5_000), edge("pr-7-9b2f6d0", 'a', 300)]);
    let (step, turn, stuck, sentence) = bench.waits(310);
    assert_eq!((step, turn, stuck), (StepKind::Picked, Turn::ImageUpdater, false));
    assert_eq!(sentence, "Image Updater has not picked pr-7-9b2f6d0 yet; it looks every 2 min");
    let preview = bench.preview(311);
    // A poll only tells that it was there by then.
    assert_eq!(at(&preview, StepKind::Pushed), (StepState::Done, Some(after(300)), false));
    assert_eq!(preview.step(StepKind::Pushed).unwrap().took.unwrap().as_secs(), 270, "since the push");

    bench.tags(&[edge("main", 'f', -5_000), edge("e-9b2f6d0", 'a', 300)]);
    let (step, turn, stuck, sentence) = bench.waits(320);
    assert_eq!((step, turn, stuck), (StepKind::Picked, Turn::Author, true));
    assert_eq!(sentence, "Tag e-9b2f6d0 does not fit regexp:^pr-7-[0-9a-f]{7}$");
    bench.look(300 + 299);
    assert_eq!(bench.found(Rule::PreviewStuck), None);
    bench.look(300 + 301);
    let found = bench.found(Rule::PreviewStuck).expect("it opens");
    assert_eq!(found.environment_id.as_deref(), Some("main:argocd/shop-pr-7"));
    assert!(found.proof.iter().any(|proof| &*proof.what == "image pushed"), "{:#?}", found.proof);
}

#[test]
fn the_sync_and_the_pods_come_last() {
    let mut bench = Bench::new();
    bench.made();
    bench.look(130);
    bench.tags(&[edge("pr-7-9b2f6d0", 'a', 300)]);
    bench.look(310);
    bench.app(|app| app.sources[0].images = vec![image("shop", "pr-7-9b2f6d0")]);
    let (step, turn, stuck, sentence) = bench.waits(330);
    assert_eq!(
        (step, turn, stuck, &*sentence),
        (StepKind::Synced, Turn::ArgoCd, false, "Argo CD has not synced it yet")
    );
    assert_eq!(
        at(&bench.preview(331), StepKind::Picked),
        (StepState::Done, Some(after(330)), false),
        "as noticed"
    );
    bench.app(|app| {
        app.sources[0].images = vec![image("shop", "pr-7-9b2f6d0")];
        app.sync = Some(SyncStatus::OutOfSync);
        app.operation = Some(Operation {
            phase: Phase::Failed,
            message: Some(text("Ingress is invalid")),
            started_at: Some(after(335)),
            finished_at: Some(after(340)),
            retries: 5,
            initiated_by: None,
            revisions: Vec::new(),
        });
    });
    let found = bench.waits(341);
    assert_eq!(
        found,
        (StepKind::Synced, Turn::Author, true, "The sync failed: Ingress is invalid".to_owned())
    );
    bench.app(|app| Bench::synced(app, "pr-7-9b2f6d0", 350));
    bench.runs("pr-7-9b2f6d0", 'a', 0);
    let (step, turn, stuck, sentence) = bench.waits(352);
    assert_eq!((step, turn, stuck), (StepKind::Healthy, Turn::Author, true));
    assert_eq!(sentence, "Pods fail: CrashLoopBackOff");
    let preview = bench.preview(353);
    assert_eq!(at(&preview, StepKind::Synced), (StepState::Done, Some(after(350)), true));
    assert_eq!(preview.last_good, None);
    bench.runs("pr-7-9b2f6d0", 'a', 1);
    bench.app(|app| {
        Bench::synced(app, "pr-7-9b2f6d0", 350);
        app.health = Some(Health::Healthy);
        app.health_since = Some(after(400));
    });
    let preview = bench.preview(401);
    assert_eq!((preview.state, preview.waits.as_ref(), preview.behind), (PreviewState::Ready, None, Some(0)));
    assert_eq!(at(&preview, StepKind::Healthy), (StepState::Done, Some(after(400)), true));
    assert_eq!(preview.deployed.as_ref().map(|it| &*it.sha), Some(FIRST));
    assert_eq!(preview.rounds.len(), 1);
    assert_eq!((preview.rounds[0].end, preview.rounds[0].healthy), (RoundEnd::Healthy, Some(after(400))));
    let good = preview.last_good.expect("it can be used");
    assert_eq!((good.at, good.url.as_deref()), (after(400), Some("https://pr-7.preview.example")));
    let steps = bench.steps();
    let of =
        |word: &str| steps.iter().filter(|(step, _)| step == word).map(|(_, at)| *at).collect::<Vec<_>>();
    assert_eq!(of("created"), [after(120)], "{steps:?}");
    assert_eq!(of("pushed"), [after(300)], "{steps:?}");
    assert_eq!(of("synced"), [after(350)]);
    assert_eq!(of("healthy"), [after(400)]);
    assert_eq!(of("stuck").len(), 2, "a failed sync, pods that fail: {steps:?}");
    let ready = bench.last.store.step_times.iter().find(|time| time.step == StepKind::Healthy).expect("kept");
    assert_eq!(ready.in_all.map(|it| it.as_secs()), Some(340), "from the label on");
}

#[test]
fn each_push_is_a_round_and_the_last_good_one_stays() {
    let mut bench = Bench::new();
    bench.made();
    bench.look(130);
    bench.tags(&[edge("pr-7-9b2f6d0", 'a', 300)]);
    bench.runs("pr-7-9b2f6d0", 'a', 1);
    let healthy = |app: &mut Application| {
        Bench::synced(app, "pr-7-9b2f6d0", 350);
        app.health = Some(Health::Healthy);
        app.health_since = Some(after(400));
    };
    bench.app(healthy);
    assert_eq!(bench.preview(401).state, PreviewState::Ready);
    bench.pull(|pull| {
        pull.head = PullHead { branch: text("total"), sha: text(SECOND), pushed_at: Some(after(1_000)) };
        pull.commits.insert(0, commit(SECOND, 990));
        pull.runs = Some(vec![run(SECOND, RunState::Running)]);
    });
    let preview = bench.preview(1_010);
    assert_eq!((preview.state, preview.behind), (PreviewState::Waiting, Some(1)));
    assert_eq!(preview.waits.as_ref().map(|it| it.step), Some(StepKind::Pushed));
    assert_eq!(
        preview.last_good.as_ref().and_then(|it| it.sha.as_deref()),
        Some(FIRST),
        "it can still be used"
    );
    let ends: Vec<_> = preview.rounds.iter().map(|round| (&*round.sha, round.end)).collect();
    assert_eq!(ends, [(SECOND, RoundEnd::Going), (FIRST, RoundEnd::Healthy)]);
    bench.look(1_000 + 1_799);
    assert_eq!(bench.found(Rule::PreviewBehind), None);
    bench.look(1_000 + 1_801);
    let found = bench.found(Rule::PreviewBehind).expect("it opens");
    assert_eq!(&*found.summary, "Its preview runs 9b2f6d0; the head e41c07d is 1 ahead");
    // The third push comes before the second was ready.
    let third = "52ab1f3ca1b2c3d4e5f60718293a4b5c6d7e8f90";
    bench.pull(|pull| {
        pull.head.sha = text(third);
        pull.head.pushed_at = Some(after(3_000));
        pull.commits.insert(0, commit(third, 2_990));
        pull.runs = Some(vec![run(SECOND, RunState::Cancelled)]);
    });
    let preview = bench.preview(3_001);
    let ends: Vec<_> = preview.rounds.iter().map(|round| (&*round.sha, round.end)).collect();
    assert_eq!(ends, [(third, RoundEnd::Going), (SECOND, RoundEnd::Cancelled), (FIRST, RoundEnd::Healthy)]);
    assert_eq!(preview.behind, Some(2));
}

#[test]
fn a_closed_one_that_lives_is_left_over_and_its_page_stays_when_it_is_gone() {
    let mut bench = Bench::new();
    bench.made();
    bench.look(130);
    bench.pull(|pull| {
        pull.state = PullState::Closed;
        pull.closed_at = Some(after(1_000));
    });
    let (step, turn, stuck, sentence) = bench.waits(1_010);
    assert_eq!((step, turn, stuck), (StepKind::Healthy, Turn::ArgoCd, false));
    assert_eq!(
        sentence,
        "The pull request is closed; the generator of ApplicationSet previews looks every 5 min"
    );
    assert_eq!(bench.preview(1_011).state, PreviewState::Leftover);
    bench.look(1_000 + 599);
    assert_eq!(bench.found(Rule::PreviewLeftover), None);
    bench.look(1_000 + 601);
    assert!(bench.found(Rule::PreviewLeftover).is_some());
    bench.set(|set| set.applications_sync = Some(text("create-only")));
    let (_, turn, stuck, sentence) = bench.waits(1_700);
    assert_eq!((turn, stuck), (Turn::Operator, true));
    assert!(sentence.contains("never deletes Applications (create-only)"), "{sentence}");
    bench.app(|app| {
        app.deleting_since = Some(after(2_000));
        app.finalizers = vec![text("resources-finalizer.argocd.argoproj.io")];
    });
    let found = bench.waits(2_001);
    assert_eq!(
        found.3,
        "It is being deleted; finalizer resources-finalizer.argocd.argoproj.io is still to run"
    );
    let preview = bench.preview(2_002);
    assert_eq!((preview.state, preview.finalizers.len()), (PreviewState::Going, 1));
    bench.look(2_000 + 601);
    assert!(bench.found(Rule::StuckDeletion).is_some(), "of previews as of all environments");
    assert_eq!(bench.found(Rule::PreviewLeftover), None, "it is going");
    bench.index.delete(
        &scope(Kind::Application),
        &name("argocd", "shop-pr-7"),
        Version { epoch: 0, resource: 9_000 },
    );
    let preview = bench.preview(2_700);
    assert_eq!((preview.state, preview.waits.as_ref()), (PreviewState::Ended, None));
    assert_eq!(
        at(&preview, StepKind::Created),
        (StepState::Done, Some(after(120)), true),
        "what was done stays"
    );
    assert_eq!(bench.steps().last().map(|(step, _)| &**step), Some("ended"));
    // The forge tells no more of it: the last frame stays, and says so.
    bench.index.delete(&scope(Kind::Pull), &name("acme/shop", "7"), Version { epoch: 0, resource: 9_001 });
    let step = bench.index.advance(after(3_000));
    assert!(step.snapshot.pulls.is_empty());
    let frames: Vec<_> = step.store.pulls.iter().map(|(id, view)| (&**id, view.is_some())).collect();
    assert_eq!(frames, [(ID, false)]);
}

#[test]
fn without_a_forge_the_cluster_tells_what_it_knows() {
    let mut bench = Bench::new();
    let mut settings = settings();
    settings.forges.clear();
    let mapper = Mapper::new(&settings).expect("no patterns");
    bench.index = Index::new(settings, mapper);
    read_everything(&mut bench.index, start());
    bench.set(|_| {});
    bench.runs("pr-7-9b2f6d0", 'a', 1);
    bench.app(|app| {
        app.labels.push((text("landfall.dev/head-sha"), text(FIRST)));
        app.labels.push((text("landfall.dev/pr"), text("7")));
        Bench::synced(app, "pr-7-9b2f6d0", 350);
        app.health = Some(Health::Healthy);
        app.health_since = Some(after(400));
    });
    let pull = bench.look(401);
    assert_eq!((pull.request.is_none(), pull.missing.len()), (true, 1), "{:?}", pull.missing);
    let preview = &pull.previews[0];
    assert_eq!((preview.state, preview.head.as_deref()), (PreviewState::Ready, Some(FIRST)));
    assert_eq!(preview.traced.method, TraceMethod::Label);
    assert_eq!(at(preview, StepKind::Labelled), (StepState::Done, None, false));
    assert_eq!(at(preview, StepKind::Synced), (StepState::Done, Some(after(350)), true));
    assert_eq!(preview.deployed.as_ref().map(|it| &*it.sha), Some(FIRST));
}

#[test]
fn between_two_nothing_is_guessed() {
    let mut bench = Bench::new();
    bench.set(|set| {
        let other = PullRequestGenerator { repository: text("acme/other"), ..set.pull_requests[0].clone() };
        set.pull_requests.push(other);
    });
    bench.app(|_| {});
    let pull = bench.look(130);
    assert_eq!((&*pull.id, pull.number), ("main:argocd/shop-pr-7", None));
    let traced = &pull.previews[0].traced;
    assert_eq!(traced.confidence, Confidence::Ambiguous);
    let candidates: Vec<_> = traced.candidates.iter().map(|it| &**it).collect();
    assert_eq!(candidates, ["acme/shop#7", "acme/other#7"]);
    // A commit that is one's head decides; the environment keeps its place.
    bench.app(|app| app.sources[0].target_revision = Some(text(FIRST)));
    bench.pull(|_| {});
    let pull = bench.look(131);
    assert_eq!((&*pull.id, pull.previews[0].traced.confidence), (ID, Confidence::Likely));
    // No label and no generator: only the commit tells.
    let mut bench = Bench::new();
    bench.set(|set| {
        set.template_name = Some(text("shop-{{.branch_slug}}"));
        set.template_namespace = None;
    });
    bench.put(
        Kind::Application,
        name("argocd", "shop-total"),
        Body::Application(Arc::new(Application {
            sources: vec![Source { target_revision: Some(text(FIRST)), ..Source::default() }],
            ..preview_app()
        })),
    );
    assert_eq!(bench.look(130).number, None);
    bench.pull(|_| {});
    let pull = bench.look(131);
    assert_eq!((pull.number, pull.previews[0].traced.method), (Some(7), TraceMethod::Revision));
}

#[test]
fn a_restart_tells_nothing_again() {
    let mut bench = Bench::new();
    let mut kept = Kept::default();
    bench.made();
    bench.look(130);
    kept.commit(bench.last.clone());
    bench.tags(&[edge("pr-7-9b2f6d0", 'a', 300)]);
    bench.look(310);
    kept.commit(bench.last.clone());
    bench.app(|app| app.sources[0].images = vec![image("shop", "pr-7-9b2f6d0")]);
    let before = bench.preview(330);
    kept.commit(bench.last.clone());
    let json = serde_json::to_string(&kept.stored.pulls).expect("JSON");
    kept.stored.pulls = serde_json::from_str(&json).expect("it reads");
    let mut second = index();
    second.restore(kept.stored);
    let step = second.advance(after(900));
    let told: Vec<_> = step.transitions.iter().filter(|it| it.kind == TransitionKind::Preview).collect();
    assert!(told.is_empty(), "{told:#?}");
    let again = &step.snapshot.pulls[0].previews[0];
    assert_eq!(again.steps, before.steps, "times that were noticed stay");
    assert!(step.store.pulls.is_empty(), "{:#?}", step.store.pulls);
}

/// A preview as a real ApplicationSet controller and a real Argo CD made it: times are theirs.
#[test]
fn a_recorded_preview_has_the_times_that_its_systems_tell() {
    const A: &str = "c445cb9abd2596be1df0c2c57c544440417d59ae";
    const B: &str = "dd29e17f5254f592846a800813a19dd1426df8f3";
    let moment = |text: &str| text.parse::<Timestamp>().expect("a time");
    let mut index = index();
    read_everything(&mut index, start());
    let mut version = 10_000;
    let mut put = |index: &mut Index, file: &str, kind: Kind| {
        let text = super::reduce::fixtures::text(&format!("previews/{file}.json"));
        let reduced = reduce(kind, ARGOCD, &text, 1, start(), &mut Interner::default()).expect("a name");
        let mut seen = reduced.observation.expect("it matters");
        version += 1;
        seen.version = Version { epoch: 1, resource: version };
        index.apply(seen);
    };
    let pull = |sha: &str, state: PullState| {
        let commits = [B, A]
            .iter()
            .skip_while(|it| **it != sha)
            .map(|it| PullCommit { at: None, ..commit(it, 0) })
            .collect();
        Pull {
            head: PullHead { branch: text("feature"), sha: text(sha), pushed_at: None },
            labels: vec![PullLabel { name: text("preview"), since: None, by: None }],
            runs: None,
            commits,
            state,
            ..self::pull()
        }
    };
    let mut n = 0;
    let mut forge = |index: &mut Index, body: Pull| {
        n += 1;
        index.apply(observation(Kind::Pull, name("acme/shop", "7"), n, Body::Pull(Arc::new(body))));
    };
    let cluster = |index: &mut Index, tag: &str, version: u64| {
        let image = text(&format!("127.0.0.1:26411/shop/web:{tag}"));
        let mut workload = deployment("web", "x", 1, 1);
        workload.containers[0].image = image.clone();
        let put = |index: &mut Index, kind, at, body| index.apply(observation(kind, at, version, body));
        put(index, Kind::Deployment, name("shop-pr-7", "web"), Body::Workload(Arc::new(workload)));
        put(
            index,
            Kind::ReplicaSet,
            name("shop-pr-7", "web-1"),
            Body::ReplicaSet(Arc::new(replica_set("web", 1))),
        );
        let mut one = pod("web-1", "web", "x", true);
        one.containers[0].image = image;
        put(index, Kind::Pod, name("shop-pr-7", "web-1-0"), Body::Pod(Arc::new(one)));
    };
    let now = |n: i64| moment("2026-11-23T22:13:15Z") + jiff::SignedDuration::from_secs(n);
    let look = |index: &mut Index, seconds: i64| {
        all_alive(index, now(seconds));
        let snapshot = index.advance(now(seconds)).snapshot;
        snapshot.pull("acme/shop", 7).expect("it is told").previews[0].clone()
    };
    put(&mut index, "applicationset-two-children", Kind::ApplicationSet);
    forge(&mut index, pull(A, PullState::Open));
    assert_eq!(look(&mut index, 1).waits.map(|it| it.step), Some(StepKind::Created));
    put(&mut index, "application-preview-new", Kind::Application);
    cluster(&mut index, "pr-7-c445cb9", 1);
    let made = look(&mut index, 17);
    assert_eq!((made.traced.method, made.traced.confidence), (TraceMethod::Label, Confidence::Certain));
    assert_eq!(at(&made, StepKind::Created).1, Some(moment("2026-11-23T22:13:31Z")));
    assert_eq!(at(&made, StepKind::Synced), (StepState::Done, Some(moment("2026-11-23T22:13:32Z")), true));
    assert_eq!(made.waits.as_ref().map(|it| it.step), Some(StepKind::Healthy), "{made:#?}");
    put(&mut index, "application-preview", Kind::Application);
    let ready = look(&mut index, 19);
    assert_eq!(ready.state, PreviewState::Ready, "{ready:#?}");
    assert_eq!(at(&ready, StepKind::Healthy), (StepState::Done, Some(moment("2026-11-23T22:13:33Z")), true));
    assert_eq!(ready.step(StepKind::Synced).unwrap().took.unwrap().as_secs(), 1);
    forge(&mut index, pull(B, PullState::Open));
    let behind = look(&mut index, 25);
    assert_eq!((behind.behind, behind.generated_for.as_deref()), (Some(1), Some(A)), "generator lag");
    put(&mut index, "application-preview-new-head", Kind::Application);
    cluster(&mut index, "pr-7-dd29e17", 2);
    let next = look(&mut index, 28);
    assert_eq!(at(&next, StepKind::Synced), (StepState::Done, Some(moment("2026-11-23T22:13:42Z")), true));
    assert_eq!(next.rounds.iter().map(|it| it.end).collect::<Vec<_>>(), [RoundEnd::Going, RoundEnd::Healthy]);
    put(&mut index, "applicationset-generator-failing", Kind::ApplicationSet);
    assert_eq!(look(&mut index, 40).state, PreviewState::Waiting, "previews run on");
    forge(&mut index, pull(B, PullState::Closed));
    let left = look(&mut index, 200);
    assert_eq!(
        (left.state, left.waits.map(|it| it.stuck)),
        (PreviewState::Leftover, Some(true)),
        "the list is stale"
    );
    put(&mut index, "application-preview-going", Kind::Application);
    assert_eq!(look(&mut index, 220).deleting_since, Some(moment("2026-11-23T22:16:51Z")));
}
