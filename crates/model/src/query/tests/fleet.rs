//! A small fleet made from a seed.

use super::*;

/// Names that filters may choose, some of them nobody's.
pub const NAMES: &[&str] = &[
    "team-0",
    "team-1",
    "none",
    "production",
    "staging",
    "preview",
    "pr-7",
    "prod",
    "stg",
    "main",
    "service-01",
];

pub fn now() -> Timestamp {
    "2026-11-24T05:00:00Z".parse().expect("a time")
}

/// Numbers from a seed; the same seed gives the same fleet.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("fits") % sides
    }
}

fn text(s: impl AsRef<str>) -> crate::Text {
    crate::Text::from(s.as_ref())
}

pub fn environment(service: &str, name: &str, state: State) -> Environment {
    Environment {
        id: text(format!("main:argocd/{service}-{name}")),
        service: text(service),
        name: text(name),
        preview: name.starts_with("pr-"),
        mapped_by: text("label"),
        mapped_by_phrase: None,
        cluster: Some(text(if name == "production" { "prod" } else { "stg" })),
        namespace: Some(text(service)),
        instance: text("main"),
        application: text(format!("argocd/{service}-{name}")),
        project: text("default"),
        state,
        created: None,
        health_since: None,
        why: None,
        why_phrase: None,
        since: None,
        since_exact: true,
        sync: Some(SyncStatus::Synced),
        health: Some(Health::Healthy),
        operation: None,
        compared: vec![text("ABC1234def5678abc1234def5678abc1234def56")],
        deployed: vec![],
        deployed_at: None,
        manifests: vec![],
        auto_sync: Some(true),
        deleting_since: None,
        finalizers: vec![],
        conditions: vec![],
        workloads: vec![],
        image: None,
        other_images: vec![],
        urls: vec![text(format!("https://{service}.shop.example/path"))],
        objects: 1,
        objects_out_of_sync: 0,
        sources: vec![text("argocd/main")],
    }
}

pub fn image(repository: &str, tag: &str, digest: &str) -> ImageView {
    ImageView {
        repository: text(repository),
        containers: vec![text("app")],
        meant: vec![TagDigest { tag: Some(text(tag)), digest: None }],
        reported: vec![],
        running: vec![RunningImage { tag: Some(text(tag)), digest: Some(text(digest)), pods: 2, ready: 2 }],
        since: None,
        since_exact: true,
        chosen_by: text("container"),
        outlook: None,
    }
}

pub fn finding(
    id: usize,
    service: &str,
    environment: Option<&str>,
    rule: Rule,
    severity: Severity,
) -> Finding {
    Finding {
        id: text(format!("f{id:06}")),
        rule,
        severity,
        subject: Subject { kind: SubjectKind::Environment, name: text(service) },
        service: Some(text(service)),
        environment: environment.map(text),
        environment_id: environment.map(|name| text(format!("main:argocd/{service}-{name}"))),
        since: now(),
        opened_at: now(),
        until: None,
        summary: text("something is wrong"),
        summary_phrase: None,
        proof: vec![],
        way_out: text("mend it"),
        way_out_phrase: None,
        link: None,
    }
}

pub fn source(name: &str, state: SourceState) -> SourceView {
    SourceView {
        name: text(name),
        kind: if name.starts_with("argocd") { SourceKind::ArgoCd } else { SourceKind::Kubernetes },
        state,
        since: None,
        last_success: Some(now()),
        error: None,
        error_phrase: None,
        objects: 10,
        unreadable: 0,
        columns: vec![],
        budget: None,
    }
}

/// `size` services with zero to three environments each.
pub fn fleet(seed: u64, size: usize) -> Prepared {
    let mut dice = Dice(seed);
    let mut snapshot = Snapshot {
        revision: 1,
        environment_order: vec![text("production"), text("staging")],
        ..Snapshot::default()
    };
    let states = [SourceState::Ok, SourceState::Ok, SourceState::Stale];
    for name in ["argocd/main", "cluster/prod", "cluster/stg"] {
        snapshot.sources.insert(text(name), Arc::new(source(name, states[dice.roll(3)])));
    }
    for number in 0..size {
        let name = format!("service-{number:02}");
        let mut environments = Vec::new();
        for place in ["production", "staging", "pr-7"] {
            if dice.roll(3) == 0 {
                continue;
            }
            let mut one = environment(&name, place, State::ALL[dice.roll(7)]);
            let minutes = i64::try_from(dice.roll(50)).expect("fits");
            one.since = (dice.roll(5) > 0).then(|| now() - jiff::SignedDuration::from_mins(minutes));
            one.sources = vec![text(["argocd/main", "cluster/prod", "cluster/stg"][dice.roll(3)])];
            one.image =
                Some(image("registry.example/shop", &format!("20261120-{number:04}"), "sha256:abc123ff"));
            environments.push(Arc::new(one));
            if dice.roll(3) == 0 {
                let rule = Rule::ALL[dice.roll(Rule::ALL.len())];
                let severity = Severity::ALL[dice.roll(3)];
                let id = snapshot.findings.len();
                snapshot.findings.push(Arc::new(finding(id, &name, Some(place), rule, severity)));
            }
        }
        snapshot.services.push(Arc::new(Service {
            name: text(&name),
            owner: (dice.roll(4) > 0).then(|| text(format!("team-{}", dice.roll(3)))),
            repository: None,
            environments,
            unassigned: dice.roll(9) == 0,
        }));
    }
    for number in 0..size {
        snapshot.pulls.push(Arc::new(pull(&mut dice, number)));
    }
    Prepared::new(&Arc::new(snapshot), None)
}

/// A pull request with previews of up to two services.
fn pull(dice: &mut Dice, number: usize) -> Pull {
    let state = PreviewState::ALL[dice.roll(PreviewState::ALL.len())];
    let previews = (0..dice.roll(3)).map(|_| {
        let minutes = i64::try_from(dice.roll(50)).expect("fits");
        serde_json::from_value(serde_json::json!({
            "environment": null, "service": format!("service-{:02}", dice.roll(5)), "application": null,
            "instance": "main", "set": null, "state": state, "steps": [], "waits": null, "head": null,
            "traced": {"method": "unknown", "confidence": "unknown", "by": {"text": "nothing"}},
            "deployed": null, "behind": null, "generated_for": null, "urls": [], "last_good": null, "image": null,
            "created": (dice.roll(4) > 0).then(|| now() - jiff::SignedDuration::from_mins(minutes)),
            "deleting_since": null, "ready": 1, "desired": 1,
        }))
        .expect("a preview")
    });
    Pull {
        id: text(format!("shop/web#{number}")),
        forge: None,
        repository: (!number.is_multiple_of(7)).then(|| text("shop/web")),
        number: (!number.is_multiple_of(7)).then_some(number as u64),
        url: None,
        request: None,
        state,
        previews: previews.collect(),
        missing: Vec::new(),
        sources: vec![text(["argocd/main", "cluster/prod", "cluster/stg"][dice.roll(3)])],
    }
}
