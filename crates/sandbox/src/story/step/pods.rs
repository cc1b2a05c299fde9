//! Pods that crash and recover, and objects that go.

use jiff::Timestamp;

use crate::build::pod::PodState;
use crate::story::fleet::{Fleet, Thing};
use crate::story::step::Step;

impl Fleet {
    pub(super) fn crash_again(&mut self, at: usize) {
        let now = self.now;
        let mut crashed = Vec::new();
        for pod in &mut self.units[at].pods {
            if let PodState::CrashLoop { restarts, .. } = &mut pod.state
                && *restarts < 7
            {
                *restarts += 1;
                pod.since = now;
                crashed.push(pod.name.clone());
            }
        }
        for name in &crashed {
            self.put(Thing::Pod(at, name.clone()));
        }
        if !crashed.is_empty() {
            self.after(150, Step::Crash(at));
        }
    }

    pub(super) fn recover(&mut self, at: usize, pod: &str) {
        let now = self.now;
        let Some(found) = self.units[at].pods.iter_mut().find(|of| of.name == pod) else { return };
        let PodState::CrashLoop { restarts, .. } = found.state else { return };
        found.restarts = restarts;
        found.state = PodState::Ready;
        found.since = now;
        self.units[at].recount();
        if self.units[at].work.counts.2 == self.units[at].work.replicas {
            self.units[at].work.roll.1 = now;
            self.units[at].busy = false;
            self.set_health(at, "Healthy");
        }
        self.put(Thing::Pod(at, pod.to_owned()));
        self.put_sets(at);
        self.put(Thing::Work(at));
        self.put_app(at);
    }

    /// The workload and its pods go.
    pub fn strip(&mut self, at: usize) {
        for name in self.units[at].pods.iter().map(|pod| pod.name.clone()).collect::<Vec<_>>() {
            self.drop(&Thing::Pod(at, name));
        }
        for (image, _, _) in self.units[at].sets.clone() {
            self.drop_set(at, &image);
        }
        if self.units[at].has_workload {
            self.drop(&Thing::Work(at));
        }
        self.units[at].pods.clear();
        self.units[at].has_workload = false;
        self.units[at].recount();
    }

    /// A deleted Application goes, with all its objects.
    pub(super) fn undeploy(&mut self, at: usize) {
        self.strip(at);
        let unit = &self.units[at];
        let (cluster, namespace, service) = (unit.cluster, unit.work.namespace.clone(), unit.service.clone());
        let fixed = |value| Thing::Fixed(Box::new(value));
        let now = Timestamp::UNIX_EPOCH;
        self.drop_in(
            cluster,
            &fixed(crate::build::small::service(&unit.app.name, &namespace, &service, now)),
        );
        let unit = &self.units[at];
        let ingress = crate::build::small::ingress(&unit.app.name, &namespace, &service, &unit.host, now);
        self.drop_in(cluster, &fixed(ingress));
        self.drop(&Thing::App(at));
        self.units[at].exists = false;
        if self.units[at].environment.starts_with("pr-") {
            self.run(Step::Previews);
        }
    }
}
