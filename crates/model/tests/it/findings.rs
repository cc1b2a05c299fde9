//! Each rule on both sides of its grace, its severity, its end, and its coming back.

use std::sync::Arc;

use landfall_model::{
    index::{Index, SourceReport, source_kind},
    observe::{Application, Automation, Body, Condition, Operation, Unreadable, Version, Workload},
    view::Finding,
    words::{Health, Kind, Phase, Rule, Severity, SourceState, State, SyncStatus},
};

use super::world::*;

/// An index with one healthy service `web`, everything read.
struct Bench {
    index: Index,
    version: u64,
}

impl Bench {
    fn new() -> Self {
        let mut index = index();
        read_everything(&mut index, start());
        let version = put_service(&mut index, "web", "1", 100);
        let mut bench = Self { index, version };
        assert_eq!(bench.open_at(0), Vec::<Rule>::new(), "a healthy service has no finding");
        bench
    }

    fn put(&mut self, kind: Kind, at: landfall_model::observe::ObjectName, body: Body) {
        self.version += 1;
        self.index.apply(observation(kind, at, self.version, body));
    }

    fn app(&mut self, change: impl FnOnce(&mut Application)) {
        let mut app = application("web");
        change(&mut app);
        self.put(Kind::Application, name("argocd", "web-production"), Body::Application(Arc::new(app)));
    }

    fn workload(&mut self, change: impl FnOnce(&mut Workload)) {
        let mut workload = deployment("web", "1", 2, 2);
        change(&mut workload);
        self.put(Kind::Deployment, name("apps", "web"), Body::Workload(Arc::new(workload)));
    }

    fn pod(&mut self, n: u32, tag: &str, digest: &str, ready: bool) {
        let mut body = pod("web-1", "web", tag, ready);
        body.containers[0].digest = Some(text(digest));
        body.containers[0].started = Some(start());
        self.put(Kind::Pod, name("apps", &format!("web-1-{n}")), Body::Pod(Arc::new(body)));
    }

    fn open_at(&mut self, seconds: i64) -> Vec<Rule> {
        self.found_at(seconds).iter().map(|f| f.rule).collect()
    }

    fn found_at(&mut self, seconds: i64) -> Vec<Arc<Finding>> {
        all_alive(&mut self.index, after(seconds));
        self.index.advance(after(seconds)).snapshot.findings.clone()
    }

    fn state(&self) -> State {
        self.index.snapshot().services[0].environments[0].state
    }

    /// Nothing until just before `grace` seconds have passed, then this rule.
    fn opens_after(&mut self, rule: Rule, grace: i64) -> Arc<Finding> {
        assert!(!self.open_at(1).contains(&rule) || grace <= 1, "{rule} opens at once");
        assert!(!self.open_at(grace - 1).contains(&rule) || grace <= 1, "{rule} opens before its grace");
        let found = self.found_at(grace + 2);
        let found =
            found.into_iter().find(|f| f.rule == rule).unwrap_or_else(|| panic!("{rule} does not open"));
        assert!(!found.proof.is_empty(), "{rule} has no proof");
        assert!(!found.way_out.is_empty(), "{rule} has no way out");
        found
    }
}

#[test]
fn degraded() {
    let mut bench = Bench::new();
    bench.app(|app| {
        app.health = Some(Health::Degraded);
        app.health_since = Some(start());
    });
    let found = bench.opens_after(Rule::Degraded, 120);
    assert_eq!(found.severity, Severity::Critical, "in production");
    assert_eq!(found.since, start());
    assert_eq!(found.link.as_deref(), Some("https://argocd.example/applications/argocd/web-production"));
    assert_eq!(bench.state(), State::Degraded);
    bench.app(|_| {});
    assert_eq!(bench.open_at(130), [], "it closes at once");
}

#[test]
fn degraded_says_what_keeps_new_pods_from_running_while_the_old_ones_serve() {
    let mut bench = Bench::new();
    bench.app(|app| app.health = Some(Health::Degraded));
    bench.workload(|w| w.conditions = vec![deadline_exceeded(0)]);
    let said = |bench: &mut Bench| {
        let found = bench.found_at(130);
        found.iter().find(|f| f.rule == Rule::Degraded).map(|f| f.summary.to_string())
    };
    assert_eq!(said(&mut bench).as_deref(), Some("ReplicaSet has timed out progressing."));
    let mut body = pod("web-1", "web", "2", false);
    body.reason = Some(text("Unschedulable"));
    body.containers[0].trouble = None;
    bench.put(Kind::Pod, name("apps", "web-1-9"), Body::Pod(Arc::new(body)));
    let summary = said(&mut bench).unwrap_or_default();
    assert!(summary.starts_with("2 of 2 pods ready, new ones: Unschedulable"), "{summary}");
}

#[test]
fn degraded_elsewhere_is_a_warning() {
    let mut bench = Bench::new();
    bench.app(|app| {
        app.labels =
            vec![(text("app.kubernetes.io/name"), text("web")), (text("environment"), text("staging"))];
        app.health = Some(Health::Degraded);
        app.health_since = Some(start());
    });
    assert_eq!(bench.opens_after(Rule::Degraded, 120).severity, Severity::Warning);
}

#[test]
fn not_running() {
    let mut bench = Bench::new();
    bench.workload(|w| w.ready = 0);
    for n in 0..2 {
        let mut body = pod("web-1", "web", "1", false);
        body.ready_since = Some(start());
        bench.put(Kind::Pod, name("apps", &format!("web-1-{n}")), Body::Pod(Arc::new(body)));
    }
    let found = bench.opens_after(Rule::NotRunning, 120);
    assert_eq!(found.severity, Severity::Critical);
    assert!(found.summary.contains("CrashLoopBackOff"), "{}", found.summary);
    assert_eq!(bench.state(), State::Degraded);
}

#[test]
fn one_of_two_pods_is_not_not_running() {
    let mut bench = Bench::new();
    bench.workload(|w| w.ready = 1);
    assert_eq!(bench.open_at(100_000), []);
}

#[test]
fn sync_failed_at_once_and_retrying_after_two_minutes() {
    let mut bench = Bench::new();
    let operation = |phase, retries| {
        Some(Operation {
            phase,
            message: Some(text("namespaces \"web\" not found")),
            started_at: Some(start()),
            finished_at: Some(after(1)),
            retries,
            initiated_by: Some(text("automated")),
            revisions: vec![text("bbbb")],
        })
    };
    bench.app(|app| app.operation = operation(Phase::Running, 1));
    assert_eq!(bench.state(), State::Healthy);
    assert_eq!(bench.open_at(119), []);
    assert_eq!(bench.state(), State::Progressing, "an operation runs");
    assert_eq!(bench.open_at(121), [Rule::SyncFailed]);
    let id = bench.found_at(122)[0].id.clone();
    bench.app(|app| app.operation = operation(Phase::Failed, 5));
    let found = bench.found_at(123);
    assert_eq!(found[0].id, id, "the same trouble, now for good");
    assert!(found[0].summary.contains("after 5 retries"), "{}", found[0].summary);
    bench.app(|_| {});
    assert_eq!(bench.open_at(124), [], "the next success closes it");

    let mut bench = Bench::new();
    bench.app(|app| app.operation = operation(Phase::Failed, 0));
    assert_eq!(bench.open_at(2), [Rule::SyncFailed], "failed: at once");
}

#[test]
fn out_of_sync_then_a_warning_after_an_hour() {
    let mut bench = Bench::new();
    bench.app(|app| {
        app.sync = Some(SyncStatus::OutOfSync);
        app.resources.out_of_sync = 1;
        app.resources.differing = vec![managed("web")];
    });
    assert_eq!(bench.opens_after(Rule::OutOfSync, 600).severity, Severity::Notice);
    assert_eq!(bench.state(), State::Drifted);
    assert_eq!(bench.found_at(3_590)[0].severity, Severity::Notice);
    assert_eq!(bench.found_at(3_602)[0].severity, Severity::Warning);
}

#[test]
fn image_drift_only_beyond_the_time_of_a_rollout() {
    let mut bench = Bench::new();
    bench.app(|app| app.synced_images = vec![(managed("web"), vec![image("web", "1")])]);
    bench.workload(|w| {
        w.containers[0].image = image("web", "hotfix");
        w.progress_deadline_s = Some(1_200);
    });
    let found = bench.opens_after(Rule::ImageDrift, 1_200);
    assert!(found.summary.contains("hotfix") && found.summary.contains(":1"), "{}", found.summary);
    assert_eq!(bench.state(), State::Drifted);
}

#[test]
fn a_mirror_that_keeps_the_tag_is_no_drift() {
    let mut bench = Bench::new();
    bench.app(|app| app.synced_images = vec![(managed("web"), vec![image("web", "1")])]);
    bench.workload(|w| w.containers[0].image = text("mirror.example/proxy/hosting/web:1"));
    assert!(!bench.open_at(100_000).contains(&Rule::ImageDrift));
}

#[test]
fn mixed_images_under_one_tag() {
    let mut bench = Bench::new();
    bench.pod(1, "1", "sha256:ffff", true);
    bench.opens_after(Rule::MixedImages, 600);
    bench.pod(1, "1", &format!("sha256:{:0>64}", 1), true);
    assert!(!bench.open_at(700).contains(&Rule::MixedImages));
}

#[test]
fn a_rollout_within_its_time_is_no_alarm_then_it_is_stuck() {
    let mut bench = Bench::new();
    bench.workload(|w| w.updated = 1);
    let found = bench.opens_after(Rule::StuckRollout, 600);
    assert!(found.summary.contains("1 of 2 pods"), "{}", found.summary);
    bench.workload(|_| {});
    assert_eq!(bench.open_at(700), []);
}

#[test]
fn a_longer_progress_deadline_is_waited_for() {
    let mut bench = Bench::new();
    bench.workload(|w| {
        w.updated = 1;
        w.progress_deadline_s = Some(900);
    });
    bench.opens_after(Rule::StuckRollout, 900);
}

#[test]
fn the_second_rollout_of_an_old_replica_set_has_its_own_time() {
    let mut bench = Bench::new();
    // A rollback uses a ReplicaSet again that is hours old, and the verdict on the failed rollout still stands there.
    bench.workload(|w| {
        w.updated = 0;
        w.conditions = vec![deadline_exceeded(-7_200)];
    });
    bench.opens_after(Rule::StuckRollout, 600);
}

#[test]
fn kubernetes_own_verdict_on_this_rollout_needs_no_more_time() {
    let mut bench = Bench::new();
    bench.workload(|w| {
        w.updated = 1;
        w.conditions = vec![deadline_exceeded(0)];
    });
    assert!(bench.open_at(1).contains(&Rule::StuckRollout), "the pods are older than the verdict");
}

fn deadline_exceeded(seconds: i64) -> Condition {
    Condition {
        status: Some(text("False")),
        reason: Some(text("ProgressDeadlineExceeded")),
        since: Some(after(seconds)),
        ..condition("Progressing", "ReplicaSet has timed out progressing.")
    }
}

#[test]
fn stuck_deletion_names_its_finalizers() {
    let mut bench = Bench::new();
    bench.app(|app| {
        app.deleting_since = Some(start());
        app.finalizers = vec![text("resources-finalizer.argocd.argoproj.io")];
    });
    let found = bench.opens_after(Rule::StuckDeletion, 600);
    assert!(found.summary.contains("resources-finalizer"), "{}", found.summary);
    assert_eq!(bench.state(), State::Progressing);
}

#[test]
fn auto_sync_off_when_it_was_on_before() {
    let mut bench = Bench::new();
    bench.app(|app| app.automation = Automation::default());
    bench.opens_after(Rule::AutoSyncOff, 600);

    // One that never had it is no finding.
    let mut index = index();
    read_everything(&mut index, start());
    let mut app = application("manual");
    app.automation = Automation::default();
    app.resources.workloads.clear();
    let at = name("argocd", "manual-production");
    index.apply(observation(Kind::Application, at, 7, Body::Application(Arc::new(app))));
    index.advance(start());
    all_alive(&mut index, after(100_000));
    assert!(index.advance(after(100_000)).snapshot.findings.is_empty());
}

#[test]
fn orphaned_application() {
    let mut bench = Bench::new();
    bench.app(|app| app.owner_set = Some(text("previews")));
    bench.opens_after(Rule::OrphanedApplication, 600);
}

#[test]
fn object_missing_while_argo_cd_says_healthy() {
    let mut bench = Bench::new();
    bench.version += 1;
    let version = Version { epoch: 0, resource: bench.version };
    bench.index.delete(&scope(Kind::Deployment), &name("apps", "web"), version);
    let found = bench.opens_after(Rule::ObjectMissing, 60);
    assert_eq!(found.severity, Severity::Critical);
    assert!(found.summary.contains("Gone: Deployment web; Argo CD says Healthy"), "{}", found.summary);
    assert_eq!(bench.state(), State::Missing);
    bench.workload(|_| {});
    assert_eq!(bench.open_at(70), []);
}

#[test]
fn cannot_render_and_state_unknown() {
    let mut bench = Bench::new();
    bench.app(|app| {
        app.sync = Some(SyncStatus::Unknown);
        app.conditions = vec![condition("ComparisonError", "nowhere: app path does not exist")];
    });
    bench.opens_after(Rule::CannotRender, 60);
    assert_eq!(bench.state(), State::Unknown);
}

#[test]
fn would_prune_all_hides_out_of_sync() {
    let mut bench = Bench::new();
    bench.app(|app| {
        app.sync = Some(SyncStatus::OutOfSync);
        app.resources.out_of_sync = 1;
        app.resources.prunable = 1;
        app.resources.to_prune = vec![managed("web")];
    });
    bench.opens_after(Rule::WouldPruneAll, 60);
    assert_eq!(bench.open_at(100_000), [Rule::WouldPruneAll]);
}

#[test]
fn summary_mismatch() {
    let mut bench = Bench::new();
    bench.app(|app| app.reported_images.clear());
    let found = bench.opens_after(Rule::SummaryMismatch, 600);
    assert!(found.summary.contains("lists no image"), "{}", found.summary);
}

#[test]
fn latest_tag() {
    let mut bench = Bench::new();
    bench.workload(|w| w.containers[0].image = text("registry.example/hosting/web:latest"));
    let found = bench.opens_after(Rule::LatestTag, 600);
    assert_eq!(found.severity, Severity::Notice);
    bench.workload(|w| {
        w.containers[0].image = text(&format!("registry.example/hosting/web@sha256:{:0>64}", 1));
    });
    assert!(!bench.open_at(700).contains(&Rule::LatestTag), "a digest needs no tag");
}

fn condition(kind: &str, message: &str) -> Condition {
    Condition { kind: text(kind), status: None, reason: None, message: text(message), since: Some(start()) }
}

fn report(index: &mut Index, kind: Kind, state: SourceState, success: Option<i64>) {
    let scope = scope(kind);
    index.report(SourceReport {
        source_kind: source_kind(&scope.source),
        scope,
        within: None,
        state,
        success_at: success.map(after),
        error: Some("pods is forbidden".into()),
    });
}

#[test]
fn no_permission_makes_the_state_unknown() {
    let mut bench = Bench::new();
    report(&mut bench.index, Kind::Pod, SourceState::Forbidden, None);
    let rules = |bench: &mut Bench, at| {
        bench.index.advance(after(at)).snapshot.findings.iter().map(|f| f.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(&mut bench, 1), []);
    assert_eq!(bench.state(), State::Unknown);
    assert_eq!(rules(&mut bench, 29), []);
    assert_eq!(rules(&mut bench, 32), [Rule::NoPermission]);
}

#[test]
fn a_silent_source_is_stale_then_a_finding() {
    let mut bench = Bench::new();
    let at = |bench: &mut Bench, seconds| bench.index.advance(after(seconds)).snapshot;
    let snapshot = at(&mut bench, 29);
    assert!(!snapshot.is_stale(&snapshot.services[0].environments[0]));
    let snapshot = at(&mut bench, 31);
    assert!(snapshot.is_stale(&snapshot.services[0].environments[0]), "marked within 30 s");
    assert!(snapshot.findings.is_empty());
    assert!(at(&mut bench, 119).findings.is_empty());
    let rules: Vec<Rule> = at(&mut bench, 121).findings.iter().map(|f| f.rule).collect();
    assert_eq!(rules, [Rule::SourceStale, Rule::SourceStale], "the cluster and Argo CD");
    assert_eq!(bench.open_at(122), [], "the first success closes it");
}

#[test]
fn an_unreadable_object_is_named_and_hurts_nobody_else() {
    let mut bench = Bench::new();
    let broken = Unreadable { field: text("spec.replicas"), why: text("invalid type: string") };
    bench.put(Kind::Deployment, name("apps", "odd"), Body::Unreadable(Arc::new(broken.clone())));
    let found = bench.found_at(1);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].rule, Rule::UnreadableObject);
    assert!(found[0].summary.contains("apps/odd") && found[0].summary.contains("spec.replicas"));
    assert_eq!(bench.state(), State::Healthy);
    // An Application that becomes unreadable keeps its place, as unknown.
    bench.put(Kind::Application, name("argocd", "web-production"), Body::Unreadable(Arc::new(broken)));
    bench.open_at(2);
    assert_eq!(bench.state(), State::Unknown);
    bench.app(|_| {});
    bench.workload(|_| {});
    bench.put(Kind::Deployment, name("apps", "odd"), Body::Workload(Arc::new(deployment("odd", "1", 1, 1))));
    assert_eq!(bench.open_at(3), []);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn what_comes_back_within_its_grace_is_the_same_finding() {
    let mut bench = Bench::new();
    let degrade = |bench: &mut Bench, since| {
        bench.app(|app| {
            app.health = Some(Health::Degraded);
            app.health_since = Some(after(since));
        });
    };
    degrade(&mut bench, 0);
    let id = bench.found_at(121)[0].id.clone();
    bench.app(|_| {});
    assert_eq!(bench.open_at(130), []);
    degrade(&mut bench, 140);
    let again = bench.found_at(141);
    assert_eq!(again.len(), 1, "it is open again at once");
    assert_eq!(again[0].id, id);
    bench.app(|_| {});
    assert_eq!(bench.open_at(150), []);
    assert_eq!(bench.open_at(400), []);
    degrade(&mut bench, 401);
    assert_eq!(bench.open_at(402), [], "after its grace it is another one, with a grace of its own");
    assert_ne!(bench.found_at(522)[0].id, id);
}

#[test]
fn a_rule_that_is_off_or_retimed_by_the_configuration() {
    use landfall_model::{mapping::Mapper, settings::RuleSettings};
    let mut settings = settings();
    settings.rules.insert(Rule::Degraded, RuleSettings { off: true, ..RuleSettings::default() });
    let mapper = Mapper::new(&settings).expect("no patterns");
    let mut bench = Bench { index: Index::new(settings, mapper), version: 0 };
    read_everything(&mut bench.index, start());
    bench.version = put_service(&mut bench.index, "web", "1", 100);
    bench.app(|app| app.health = Some(Health::Degraded));
    assert_eq!(bench.open_at(100_000), []);
}
