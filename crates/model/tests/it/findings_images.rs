//! Rules about images, each on both sides: registry, updater and pods joined in the index.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_model::{
    image::{ImageFacts, PlatformFacts, SeenBy},
    index::Index,
    observe::{
        Application, ApplicationRef, Body, Condition, Edge, Event, ImageChange, ImageRule, ImageUpdater,
        ObjectName, Observation, Operation, Pod, Repository, Scope, UpdateSettings, UpdaterSpec, Version,
        WriteBack,
    },
    said,
    updater::trap::State,
    view::{Finding, Outlook},
    words::{Kind, Phase, Rule, Severity, SubjectKind, SyncStatus, TransitionKind},
};

use super::world::*;

/// `a1f3` is A and was there before, `b7c2` is B, came an hour ago and runs. Policy: the newest build.
pub struct Bench {
    pub index: Index,
    version: u64,
    repository: Repository,
    rule: UpdateSettings,
    pub write_back: Option<WriteBack>,
    pattern: &'static str,
    updater: ImageUpdater,
    /// The updater does not look any more.
    silent: bool,
}

pub fn digest(letter: &str) -> String {
    format!("sha256:{}", letter.repeat(64))
}

pub fn facts(letter: &str, created: &str) -> ImageFacts {
    let one = PlatformFacts {
        platform: text("linux/amd64"),
        manifest: text(&digest(letter)),
        config: text(&format!("config-{letter}")),
        created: Some(text(created)),
    };
    ImageFacts { platforms: vec![one], ..ImageFacts::default() }
}

pub fn edge(tag: &str, letter: &str, first: i64, ended: Option<i64>) -> Edge {
    Edge {
        tag: text(tag),
        digest: text(&digest(letter)),
        first_seen: after(first),
        ended_at: ended.map(after),
        seen_by: SeenBy::Poll,
        pushed_at: None,
    }
}

impl Bench {
    pub fn new(strategy: &str) -> Self {
        let mut bench = Self {
            index: index(),
            version: 100,
            repository: Repository {
                tags: 2,
                settled_at: Some(after(-5_000)),
                edges: vec![edge("a1f3", "a", -6_000, None), edge("b7c2", "b", -3_700, None)],
                facts: BTreeMap::from([
                    (text(&digest("a")), facts("a", "2026-11-24T02:00:00Z")),
                    (text(&digest("b")), facts("b", "2026-11-24T04:00:00Z")),
                ]),
                error: None,
            },
            rule: UpdateSettings { strategy: Some(text(strategy)), ..UpdateSettings::default() },
            write_back: None,
            pattern: "web-*",
            updater: ImageUpdater {
                last_checked: Some(start()),
                last_updated: None,
                applications_matched: Some(1),
                images_managed: Some(1),
                recent: Vec::new(),
                conditions: Vec::new(),
                spec: None,
            },
            silent: false,
        };
        read_everything(&mut bench.index, start());
        bench.version = put_service(&mut bench.index, "web", "b7c2", 100);
        bench.runs("b7c2", "b");
        bench.app(|_| {});
        bench.update();
        bench.look(|_| {});
        assert_eq!(bench.images_at(1), [], "{:#?}", bench.outlook());
        bench
    }

    pub fn apply(&mut self, source: &str, kind: Kind, at: ObjectName, body: Body) {
        self.version += 1;
        let scope = Scope { source: text(source), kind };
        let version = Version { epoch: 0, resource: self.version };
        let uid = text(&format!("uid-{kind}-{at}"));
        self.index.apply(Observation { scope, name: at, uid, version, noticed_at: start(), body });
    }

    pub fn app(&mut self, change: impl FnOnce(&mut Application)) {
        let mut app = application("web");
        app.reported_images = vec![image("web", "b7c2")];
        change(&mut app);
        self.apply(
            ARGOCD,
            Kind::Application,
            name("argocd", "web-production"),
            Body::Application(Arc::new(app)),
        );
    }

    /// What the desired state asks for and the pods run.
    pub fn runs(&mut self, tag: &'static str, letter: &str) {
        let workload = deployment("web", tag, 2, 2);
        self.apply(CLUSTER, Kind::Deployment, name("apps", "web"), Body::Workload(Arc::new(workload)));
        self.pods(tag, letter, |_| {});
    }

    fn pods(&mut self, tag: &str, letter: &str, change: impl Fn(&mut Pod)) {
        for n in 0..2 {
            let mut body = pod("web-1", "web", tag, true);
            body.containers[0].digest = Some(text(&digest(letter)));
            change(&mut body);
            self.apply(CLUSTER, Kind::Pod, name("apps", &format!("web-1-{n}")), Body::Pod(Arc::new(body)));
        }
    }

    pub fn look(&mut self, change: impl FnOnce(&mut Repository)) {
        change(&mut self.repository);
        self.repository.tags = self.repository.edges.len() as u64;
        let body = Body::Repository(Arc::new(self.repository.clone()));
        self.apply(REGISTRY, Kind::Repository, name("", "hosting/web"), body);
    }

    pub fn update(&mut self) {
        let mut updater = self.updater.clone();
        updater.spec = Some(UpdaterSpec {
            write_back: self.write_back.clone(),
            references: vec![ApplicationRef {
                name_pattern: text(self.pattern),
                images: vec![ImageRule {
                    alias: text("web"),
                    image: text("registry.example/hosting/web"),
                    settings: Some(self.rule.clone()),
                    ..ImageRule::default()
                }],
                ..ApplicationRef::default()
            }],
            ..UpdaterSpec::default()
        });
        self.apply(
            ARGOCD,
            Kind::ImageUpdater,
            name("argocd", "updater"),
            Body::ImageUpdater(Arc::new(updater)),
        );
    }

    fn policy(&mut self, change: impl FnOnce(&mut UpdateSettings)) {
        change(&mut self.rule);
        self.update();
    }

    /// A's bytes under another tag, pushed now.
    fn reverted(strategy: &str) -> Self {
        let mut bench = Self::new(strategy);
        bench.look(|it| it.edges.push(edge("c9d4", "a", 2, None)));
        bench
    }

    fn found_at(&mut self, seconds: i64) -> Vec<Arc<Finding>> {
        all_alive(&mut self.index, after(seconds));
        if !self.silent {
            self.updater.last_checked = Some(after(seconds));
            self.update();
        }
        self.index.advance(after(seconds)).snapshot.findings.clone()
    }

    /// Open rules, those that know nothing of registries left out.
    pub fn images_at(&mut self, seconds: i64) -> Vec<Rule> {
        let others =
            [Rule::ImageDrift, Rule::SummaryMismatch, Rule::StuckRollout, Rule::Degraded, Rule::SyncFailed];
        let found = self.found_at(seconds).into_iter().map(|f| f.rule);
        found
            .filter(|rule| !others.contains(rule) && *rule != Rule::OutOfSync && *rule != Rule::NotRunning)
            .collect()
    }

    pub fn outlook(&self) -> Outlook {
        let view = self.index.snapshot();
        let image = view.services[0].environments[0].image.as_ref().expect("an image");
        image.outlook.as_deref().expect("an outlook").clone()
    }

    #[track_caller]
    pub fn opens_after(&mut self, rule: Rule, from: i64, grace: i64) -> Arc<Finding> {
        assert!(!self.images_at(from + grace - 1).contains(&rule), "{rule} opens before its grace");
        let found = self.found_at(from + grace + 2);
        let outlook = self.outlook();
        let found = found.into_iter().find(|f| f.rule == rule);
        let found = found.unwrap_or_else(|| panic!("{rule} does not open: {outlook:#?}"));
        assert!(!found.proof.is_empty(), "{rule} has no proof");
        assert!(!found.way_out.is_empty(), "{rule} has no way out");
        found
    }
}

#[test]
fn a_revert_is_told_with_tags_and_dates_and_clears_when_the_policy_is_switched() {
    let mut bench = Bench::reverted("newest-build");
    // Two looks of the updater from the push, which may have been as long before as one look at the registry.
    let found = bench.opens_after(Rule::RevertTrap, 2, 180);
    assert_eq!(found.severity, Severity::Warning);
    assert_eq!(found.since, after(2), "since the rebuild was pushed");
    assert_eq!(
        &*found.summary,
        "c9d4 is a1f3 built again, so its date is older than that of b7c2, which Image Updater keeps"
    );
    assert_eq!(bench.images_at(250), [Rule::RevertTrap], "and nothing else is wrong");
    assert_eq!(bench.outlook().state_at(after(100)), State::OnItsWay, "as long as it may still come");
    assert_eq!(bench.outlook().state_at(after(300)), State::Trapped);
    // The order by name is that of the pushes here: now it is picked.
    bench.policy(|rule| rule.strategy = Some(text("alphabetical")));
    assert_eq!(bench.images_at(260), [], "it is on its way now");
    bench.runs("c9d4", "a");
    assert_eq!(bench.images_at(900), []);
    assert_eq!(bench.outlook().state, State::Fine);
}

#[test]
fn a_trap_is_told_only_once_what_was_there_before_is_known() {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| {
        it.settled_at = None;
        it.edges.push(edge("c9d4", "a", 2, None));
    });
    assert_eq!(bench.images_at(900), [], "when c9d4 was pushed is not known");
    bench.look(|it| it.settled_at = Some(after(-5_000)));
    assert_eq!(bench.images_at(901), [Rule::RevertTrap]);
}

#[test]
fn equal_dates() {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| {
        it.edges.push(edge("a0aa", "c", 2, None));
        it.facts.insert(text(&digest("c")), facts("c", "2026-11-24T04:00:00Z"));
    });
    bench.opens_after(Rule::DateTie, 2, 180);
    bench.runs("a0aa", "c");
    assert_eq!(bench.images_at(900), []);
}

#[test]
fn a_moved_tag() {
    let mut bench = Bench::new("semver");
    bench.look(|it| {
        it.edges = vec![edge("1.0.0", "a", -6_000, Some(2)), edge("1.0.0", "b", 2, None)];
    });
    bench.app(|app| app.reported_images = vec![image("web", "1.0.0")]);
    bench.runs("1.0.0", "a");
    assert_eq!(bench.images_at(3), []);
    let found = bench.opens_after(Rule::MovedTag, 2, 180);
    assert_eq!(found.proof.len(), 2, "both images");
    assert!(bench.images_at(900).contains(&Rule::MutableTagInProduction), "what runs is meant by that tag");
    bench.runs("1.0.0", "b");
    assert!(!bench.images_at(900).contains(&Rule::MovedTag));
}

#[test]
fn a_wrong_order() {
    let mut bench = Bench::new("alphabetical");
    bench.look(|it| it.edges.push(edge("a9ff", "c", 2, None)));
    bench.opens_after(Rule::OrderWrong, 2, 180);
    assert!(bench.images_at(900).contains(&Rule::TagSchemeUnsortable), "by name it is not the last");
    bench.look(|it| {
        it.edges.pop();
        it.edges.push(edge("b8ff", "c", 2, None));
    });
    assert_eq!(bench.images_at(900), []);
}

#[test]
fn a_filter_without_its_prefix_lets_nothing_pass() {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| {
        it.edges.push(edge("c9d4", "c", 2, None));
        it.facts.insert(text(&digest("c")), facts("c", "2026-11-24T04:30:00Z"));
    });
    bench.policy(|rule| rule.allow_tags = Some(text("^[0-9a-f]+$")));
    let found = bench.opens_after(Rule::FilteredOut, 2, 180);
    assert!(found.proof.iter().any(|proof| &*proof.value == "^[0-9a-f]+$"), "{:?}", found.proof);
    bench.policy(|rule| rule.allow_tags = Some(text("regexp:^[0-9a-f]+$")));
    assert!(!bench.images_at(900).contains(&Rule::FilteredOut));
}

pub fn wrote(at: Timestamp, old: &str, new: &str) -> Body {
    Body::Event(Arc::new(Event {
        about_kind: text("Application"),
        about: name("argocd", "web-production"),
        reason: text("ImagesUpdated"),
        message: text(""),
        warning: false,
        component: text("ArgocdImageUpdater"),
        at,
        count: 1,
        images: vec![ImageChange {
            image: text("registry.example/hosting/web"),
            old: text(old),
            new: text(new),
        }],
    }))
}

/// C is a new build that would be picked.
fn pushed() -> Bench {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| {
        it.edges.push(edge("c9d4", "c", 2, None));
        it.facts.insert(text(&digest("c")), facts("c", "2026-11-24T04:30:00Z"));
    });
    bench
}

fn asks(app: &mut Application, tag: &str) {
    app.sources[0].images = vec![image("web", tag)];
}

#[test]
fn a_write_that_is_undone_at_once() {
    let mut bench = pushed();
    bench.app(|app| asks(app, "b7c2"));
    assert_eq!(bench.images_at(3), []);
    bench.apply(ARGOCD, Kind::Event, name("argocd", "e1"), wrote(after(10), "b7c2", "c9d4"));
    bench.app(|app| asks(app, "c9d4"));
    assert_eq!(bench.images_at(11), []);
    assert_eq!(bench.outlook().cause, None, "written, and rolling out");
    bench.app(|app| asks(app, "b7c2"));
    assert_eq!(bench.images_at(20), []);
    bench.opens_after(Rule::WriteUndone, 2, 600);
    // It stays at last.
    bench.apply(ARGOCD, Kind::Event, name("argocd", "e2"), wrote(after(700), "b7c2", "c9d4"));
    bench.app(|app| asks(app, "c9d4"));
    assert_eq!(bench.images_at(800), []);
}

#[test]
fn what_the_updater_wrote_stands_in_the_history_once() {
    let mut bench = pushed();
    let mut told = Vec::new();
    for (n, at) in [10, 30, 50].into_iter().enumerate() {
        bench.apply(ARGOCD, Kind::Event, name("argocd", &format!("e{n}")), wrote(after(at), "b7c2", "c9d4"));
        told.extend(bench.index.advance(after(at + 1)).transitions);
    }
    let told: Vec<_> = told.iter().filter(|it| it.kind == TransitionKind::Tag).collect();
    assert_eq!(told.len(), 1, "the same Event comes with each cycle: {told:#?}");
    assert_eq!((told[0].at, told[0].to["tag"].as_str()), (after(10), Some("c9d4")));
}

#[test]
fn what_somebody_else_asks_for_stands_in_the_history() {
    let mut bench = Bench::new("newest-build");
    let told = |bench: &mut Bench, at: i64, tag: &str, manager: &str| {
        bench.app(|app| {
            asks(app, tag);
            app.image_owner = Some((text(manager), Some(after(at))));
        });
        let told = bench.index.advance(after(at + 1)).transitions;
        let told: Vec<_> = told.into_iter().filter(|it| it.kind == TransitionKind::Tag).collect();
        told.iter().map(|it| (it.at, it.detail.clone().unwrap_or_default().to_string())).collect::<Vec<_>>()
    };
    assert_eq!(told(&mut bench, 10, "b7c2", "kubectl-patch"), [], "nothing was asked for before");
    let by_hand = told(&mut bench, 20, "a1f3", "kubectl-patch");
    assert_eq!(by_hand.len(), 1);
    assert!(by_hand[0].1.ends_with("set by kubectl-patch") && by_hand[0].0 == after(20), "{by_hand:?}");
    bench.apply(ARGOCD, Kind::Event, name("argocd", "e1"), wrote(after(30), "a1f3", "b7c2"));
    let by_updater = told(&mut bench, 31, "b7c2", "argocd-image-updater");
    assert_eq!(by_updater.len(), 1, "its Event says it: {by_updater:?}");
}

#[test]
fn a_write_that_is_not_synced() {
    let mut bench = pushed();
    bench.app(|app| {
        asks(app, "c9d4");
        app.sync = Some(SyncStatus::OutOfSync);
    });
    bench.opens_after(Rule::WriteNotSynced, 2, 600);
    bench.app(|app| {
        asks(app, "c9d4");
        app.operation = Some(Operation {
            phase: Phase::Failed,
            message: Some(text("admission webhook denied the request")),
            started_at: None,
            finished_at: None,
            retries: 0,
            initiated_by: None,
            revisions: Vec::new(),
        });
    });
    assert!(bench.images_at(700).contains(&Rule::WriteNotSynced), "the sync fails");
    bench.app(|app| asks(app, "c9d4"));
    bench.runs("c9d4", "c");
    assert_eq!(bench.images_at(900), []);
}

#[test]
fn a_rollout_that_is_blocked() {
    let mut bench = pushed();
    bench.app(|app| asks(app, "c9d4"));
    let mut broken = pod("web-1", "web", "c9d4", false);
    broken.containers[0].trouble = Some(text("ImagePullBackOff"));
    broken.containers[0].digest = None;
    bench.apply(CLUSTER, Kind::Pod, name("apps", "web-1-9"), Body::Pod(Arc::new(broken)));
    let found = bench.opens_after(Rule::RolloutBlocked, 2, 600);
    assert!(found.proof.iter().any(|proof| proof.value.contains("ImagePullBackOff")), "{:?}", found.proof);
    bench.runs("c9d4", "c");
    bench.apply(
        CLUSTER,
        Kind::Pod,
        name("apps", "web-1-9"),
        Body::Pod(Arc::new({
            let mut body = pod("web-1", "web", "c9d4", true);
            body.containers[0].digest = Some(text(&digest("c")));
            body
        })),
    );
    assert_eq!(bench.images_at(900), []);
}

#[test]
fn settings_that_nothing_reads() {
    let mut bench = Bench::new("newest-build");
    bench.pattern = "shop-*";
    bench.update();
    assert_eq!(bench.images_at(900), [], "nobody meant this Application");
    let listed = vec![(text("image-list"), text("web=registry.example/hosting/web"))];
    bench.app(|app| app.updater.clone_from(&listed));
    assert_eq!(bench.images_at(901), []);
    assert_eq!(bench.images_at(1_503), [Rule::UpdaterNoMatch]);
    let found = bench.found_at(1_504);
    let found = found.iter().find(|f| f.rule == Rule::UpdaterNoMatch).expect("open");
    assert!(found.proof.iter().any(|proof| proof.value.contains("shop-*")), "{:?}", found.proof);
    bench.pattern = "web-*";
    bench.update();
    assert_eq!(bench.images_at(1_600), []);
    assert_eq!(bench.images_at(2_400), [], "a grace later it would be another finding");
    // Taken in, but Argo CD reports another image.
    bench.app(|app| app.reported_images = vec![text("registry.example/hosting/other:1")]);
    assert_eq!(bench.images_at(2_401), []);
    assert_eq!(bench.images_at(3_002), [Rule::UpdaterNoMatch]);
    bench.app(|app| app.reported_images = Vec::new());
    assert_eq!(bench.images_at(3_003), [], "nothing runs yet");
}

#[test]
fn an_updater_that_is_silent_or_in_error() {
    let mut bench = Bench::new("newest-build");
    bench.silent = true;
    assert_eq!(bench.images_at(360), []);
    assert_eq!(bench.images_at(361), [Rule::UpdaterDown], "three intervals without a look");
    let found = bench.found_at(362);
    assert_eq!(found[0].subject.kind, SubjectKind::Updater);
    assert_eq!(&*found[0].subject.name, "main:argocd/updater");
    bench.updater.last_checked = Some(after(400));
    bench.update();
    assert_eq!(bench.images_at(401), []);
    let step = bench.index.advance(after(402));
    assert_eq!(step.wake_at.map(|at| at <= after(760)), Some(true), "silence comes by itself");
    bench.updater.conditions = vec![Condition {
        kind: text("Error"),
        status: Some(text("True")),
        reason: Some(text("PartialErrors")),
        message: text("could not get tags"),
        since: Some(after(400)),
    }];
    for at in [410, 600, 705] {
        bench.updater.last_checked = Some(after(at));
        bench.update();
        assert_eq!(bench.images_at(at).contains(&Rule::UpdaterDown), at > 700, "at {at}");
    }
    bench.index.delete(
        &Scope { source: text(ARGOCD), kind: Kind::ImageUpdater },
        &name("argocd", "updater"),
        Version::default(),
    );
    assert_eq!(bench.images_at(800), [], "what is deleted is not down");
}

#[test]
fn a_repository_that_cannot_be_read() {
    let mut bench = Bench::reverted("newest-build");
    bench.look(|it| it.error = Some(said!("forbidden", "forbidden")));
    assert_eq!(bench.images_at(3), []);
    assert_eq!(bench.images_at(305), [Rule::RegistryUnreadable], "and no trap is claimed");
    let found = bench.found_at(306);
    assert_eq!(found[0].subject.kind, SubjectKind::Repository);
    assert_eq!(&*found[0].subject.name, "registry.example/hosting/web");
    bench.look(|it| it.error = None);
    assert_eq!(bench.images_at(310), [Rule::RevertTrap]);
}

#[test]
fn dates_that_are_all_the_same_are_told_before_they_trap() {
    let mut bench = Bench::new("newest-build");
    let same = |it: &mut Repository, dates: [&str; 3]| {
        for (letter, date) in ["d", "e", "f"].into_iter().zip(dates) {
            it.edges.push(edge(&format!("0{letter}"), letter, -4_000, None));
            it.facts.insert(text(&digest(letter)), facts(letter, date));
        }
    };
    bench.look(|it| same(it, ["1970-01-01T00:00:00Z"; 3]));
    assert_eq!(bench.images_at(2), []);
    assert_eq!(bench.images_at(603), [Rule::TagSchemeUnsortable]);
    bench.look(|it| {
        it.edges.truncate(2);
        same(it, ["1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z", "1970-01-03T00:00:00Z"]);
    });
    assert_eq!(bench.images_at(604), []);
}

#[test]
fn a_moved_tag_matters_in_production_only_and_a_digest_needs_none() {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| {
        it.edges = vec![
            edge("a1f3", "a", -6_000, None),
            edge("b7c2", "a", -6_000, Some(-3_700)),
            edge("b7c2", "b", -3_700, None),
        ];
    });
    assert_eq!(bench.images_at(2), []);
    assert_eq!(bench.images_at(603), [Rule::MutableTagInProduction]);
    bench.app(|app| app.labels[1].1 = text("staging"));
    assert_eq!(bench.images_at(604), []);
}

#[test]
fn what_runs_and_no_tag_points_at() {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| it.edges = vec![edge("a1f3", "a", -6_000, None), edge("b7c2", "b", -3_700, Some(5))]);
    assert!(!bench.images_at(604).contains(&Rule::RunningImageDeleted));
    let found = bench.opens_after(Rule::RunningImageDeleted, 5, 600);
    assert!(found.summary.contains("b7c2"), "{}", found.summary);
    bench.look(|it| it.edges.push(edge("kept", "b", 700, None)));
    assert!(!bench.images_at(701).contains(&Rule::RunningImageDeleted), "another tag points at it");
    bench.look(|it| it.edges.clear());
    assert!(!bench.images_at(1_500).contains(&Rule::RunningImageDeleted), "none was ever seen to");
}

#[test]
fn the_settings_in_force_say_where_they_come_from() {
    let bench = Bench::new("newest-build");
    let policy = bench.outlook().policy.expect("managed");
    assert_eq!(policy.object, Some(name("argocd", "updater")));
    assert_eq!(policy.name_pattern.as_deref(), Some("web-*"));
    assert_eq!(&*policy.image.strategy.value, "newest-build");
    assert_eq!(bench.outlook().would_pick.map(|pick| pick.tag).as_deref(), Some("b7c2"));
}
