//! Big worlds from a seed, for benchmarks: thousands of Applications with their workloads and pods, and their churn.

mod churn;
mod template;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub use self::churn::Churn;
pub(crate) use self::churn::Churning;
use self::template::{Filling, NAME, NAMESPACE, POD, TAG, TEAM, Template};
use crate::build::application::{Deployed, Initiator, Managed};
use crate::build::pod::{PodState, digest_of};
use crate::build::small;
use crate::build::workload::{Roll, WorkloadKind};
use crate::build::{hex_of, time};
use crate::cluster::Cluster;
use crate::store::{Key, Store};
use crate::story::unit::{Unit, image_of};

/// How big a world is.
#[derive(Clone, Copy, Debug)]
pub struct Big {
    /// Applications in all.
    pub apps: u32,
    /// Pods in all.
    pub pods: u32,
    /// Clusters, each with its own Argo CD.
    pub clusters: u32,
    /// Same seed, same world.
    pub seed: u64,
    /// Smallest and largest number of objects that an Application manages: (4, 10) makes Applications of 6 to 9 KB,
    /// (20, 60) of about twice that.
    pub resources: (u32, u32),
}

impl Default for Big {
    fn default() -> Self {
        Self { apps: 10_000, pods: 50_000, clusters: 1, seed: 1, resources: (4, 10) }
    }
}

/// What an Application is like; most are well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Well,
    OutOfSync,
    Progressing,
    Degraded,
}

/// The templates for Applications of one state, so many pods and so many objects.
struct Mould {
    fixed: Vec<Template>,
    pod: Template,
}

const TEAMS: [&str; 12] = [
    "accounts",
    "billing",
    "domains",
    "mail",
    "web-hosting",
    "platform",
    "support",
    "internal",
    "partners",
    "search",
    "data",
    "mobile",
];

/// Fills the clusters.
pub(crate) fn fill(clusters: &[Cluster], size: Big, now: Timestamp) {
    let mut moulds = HashMap::new();
    let mut random = fastrand::Rng::with_seed(size.seed);
    let count = u32::try_from(clusters.len()).unwrap_or(1).max(1);
    for (nth, cluster) in clusters.iter().enumerate() {
        let mut store = cluster.store();
        let mut filler = Filler { store: &mut store, version: 0, now };
        filler.version = filler.store.version();
        let spaces = (size.apps / 14).clamp(1, 700);
        for space in 0..spaces {
            filler.value(&small::namespace(&space_of(space), now));
        }
        for team in TEAMS {
            filler.value(&small::project(team, now));
        }
        for set in 0..size.apps / 50 {
            let name = format!("set-{set:03}");
            filler.value(&small::preview_set(&name, &name, now, now, &[]));
        }
        for app in (0..size.apps).filter(|app| *app % count == u32::try_from(nth).unwrap_or(0)) {
            let share = |app: u32| u64::from(app) * u64::from(size.pods) / u64::from(size.apps.max(1));
            let pods = u32::try_from(share(app + 1) - share(app)).unwrap_or(0);
            let state = match random.u8(0..100) {
                0..90 => State::Well,
                90..95 => State::OutOfSync,
                95..98 => State::Progressing,
                _ => State::Degraded,
            };
            let objects = random.u32(size.resources.0..=size.resources.1.max(size.resources.0));
            let objects = objects / 2 * 2;
            let mould =
                moulds.entry((state, pods, objects)).or_insert_with(|| mould(state, pods, objects, now));
            if let Some(mould) = mould {
                filler.app(mould, app, pods, spaces, &mut random);
            }
        }
        let version = filler.version;
        store.loaded(version);
    }
}

fn space_of(space: u32) -> String {
    format!("space-{space:03}")
}

struct Filler<'a> {
    store: &'a mut Store,
    version: u64,
    now: Timestamp,
}

impl Filler<'_> {
    fn value(&mut self, value: &Value) {
        self.version += 1;
        if let Err(error) = self.store.apply(value.clone(), &time(self.now)) {
            tracing::warn!(%error, "a big world's object was not stored");
        }
    }

    fn app(&mut self, mould: &Mould, app: u32, pods: u32, spaces: u32, random: &mut fastrand::Rng) {
        let name = format!("service-{app:05}");
        let namespace = space_of(app % spaces);
        let tag = format!("20261124-{:06}", random.u32(0..240_000));
        let digest = hex_of(&[&name, &tag]);
        let uid = format!("{app:08x}0000");
        let with = Filling {
            name: &name,
            namespace: &namespace,
            team: TEAMS[(app / 7) as usize % TEAMS.len()],
            tag: &tag,
            pod: "",
            digest: &digest,
            own_uid: &uid,
            uid: &uid,
        };
        for template in &mould.fixed {
            self.load(template, &with, &namespace, &name);
        }
        for pod in 0..pods {
            let suffix = format!("{:03x}{:02x}", random.u32(0..0xfff), pod % 256);
            let own = format!("{app:08x}{:04x}", pod + 1);
            let with = Filling { pod: &suffix, own_uid: &own, ..with };
            self.load(&mould.pod, &with, &namespace, &name);
        }
    }

    fn load(&mut self, template: &Template, with: &Filling<'_>, namespace: &str, name: &str) {
        let key = match template.id.kind().plural {
            "applications" => Key::new("argocd", name),
            "replicasets" => Key::new(namespace, &format!("{name}-6d44d6fcc9")),
            "pods" => Key::new(namespace, &format!("{name}-6d44d6fcc9-{}", with.pod)),
            _ => Key::new(namespace, name),
        };
        self.version += 1;
        self.store.load(template.id, key, &template.fill(with), 0, self.version);
    }
}

fn mould(state: State, pods: u32, objects: u32, now: Timestamp) -> Option<Mould> {
    let image = image_of(TEAM, NAME, TAG);
    let kind = WorkloadKind::Deployment;
    let begun = now.saturating_sub(SignedDuration::from_hours(60)).unwrap_or(now);
    let mut unit = Unit::new(TEAM, NAME, "production", NAME, NAMESPACE, kind, pods, (0, 0), &image, begun);
    for (at, entry) in (1_u64..5).zip(std::iter::repeat(unit.app.history[0].clone())) {
        let revision = hex_of(&["commit", &at.to_string()])[..40].to_owned();
        unit.app.history.push(Deployed { id: at, revision, by: Initiator::Automated, ..entry });
    }
    let kinds: [(&'static str, &'static str, &'static str); 6] = [
        ("", "v1", "ConfigMap"),
        ("", "v1", "Secret"),
        ("networking.k8s.io", "v1", "NetworkPolicy"),
        ("policy", "v1", "PodDisruptionBudget"),
        ("autoscaling", "v2", "HorizontalPodAutoscaler"),
        ("monitoring.coreos.com", "v1", "ServiceMonitor"),
    ];
    for nth in 4..objects {
        let (group, version, kind) = kinds[nth as usize % kinds.len()];
        unit.app.resources.push(Managed::synced(group, version, kind, &format!("{NAME}-{nth}")));
    }
    match state {
        State::Well => {}
        State::OutOfSync => {
            unit.app.sync = "OutOfSync";
            unit.app.resources[2].status = "OutOfSync";
        }
        State::Progressing => {
            unit.app.health = ("Progressing", now);
            unit.work.roll = (Roll::Running, now);
        }
        State::Degraded => {
            unit.app.health = ("Degraded", begun);
            unit.work.roll = (Roll::Overdue, begun);
        }
    }
    // One pod stands for all: its last part is put in. The hash of the template is a fixed one.
    let hash = unit.work.hash_of(&image);
    let set = unit.work.replica_set_name(&image);
    let mut pod = unit.new_pod(&image, begun);
    pod.state = PodState::Ready;
    pod.name = format!("{set}-{POD}");
    let rehash = |object: Value| -> Option<Value> {
        let text = object.to_string().replace(&hash, "6d44d6fcc9");
        serde_json::from_str(&text).ok()
    };
    let mut fixed = Vec::new();
    for object in [
        unit.app.object(),
        unit.work.object(),
        unit.work.replica_set(&image, 1, begun, pods, pods),
        small::service(NAME, NAMESPACE, NAME, begun),
        small::ingress(NAME, NAMESPACE, NAME, &format!("{NAME}.hosting.example"), begun),
    ] {
        fixed.push(Template::new(&rehash(object)?, None)?);
    }
    let digest = digest_of(&image);
    Some(Mould { fixed, pod: Template::new(&rehash(pod.object(&unit.work))?, Some(&digest))? })
}
