//! What has gone wrong in the two weeks, and the states that the story starts with.

use super::{PROD, STG, Script};
use crate::story::action::Action;
use crate::story::cast::CAST;
use crate::story::fleet::Thing;
use crate::story::step::Step;
use crate::story::unit::{Unit, image_of, tag_at};

impl Script {
    /// What went wrong and was mended in the two weeks.
    pub(super) fn incidents(&mut self) {
        let refused = "error when patching \"/dev/shm/3969660480\": Deployment.apps is invalid: spec.replicas: Invalid \
                       value: -1: must be greater than or equal to 0";
        for (service, environment, hours) in [
            ("reseller-portal", "staging", 150.2),
            ("job-runner", "production", 98.4),
            ("webmail-front", "staging", 61.5),
        ] {
            self.act(service, environment, hours * 60.0, Action::FailSync { message: refused.to_owned() });
            self.act(service, environment, hours * 60.0 - 22.0, Action::Sync);
        }
        for (service, hours) in [
            ("file-manager", 201.3),
            ("job-runner", 133.9),
            ("webmail-front", 88.1),
            ("feature-flags", 72.6),
            ("db-admin", 30.4),
            ("reseller-portal", 11.7),
            ("mypage", 9.4),
        ] {
            self.act(service, "production", hours * 60.0, Action::CrashPod { seconds: 170 });
        }
        for (service, hours, replicas) in
            [("webmail-front", 170.0, 8), ("webmail-front", 120.5, 6), ("job-runner", 47.0, 6)]
        {
            self.act(service, "production", hours * 60.0, Action::Scale { replicas });
        }
        self.act("invoice-pdf", "production", 100.0 * 60.0, Action::Drift { tag: None });
        self.act("invoice-pdf", "production", 99.2 * 60.0, Action::Sync);
        let bad = tag_at(self.minutes_ago(36.4 * 60.0));
        let message = "PG::UndefinedColumn: column \"locale\" does not exist".to_owned();
        self.act("file-manager", "production", 36.1 * 60.0, Action::DeployCrashing { tag: bad, message });
        self.act("file-manager", "production", 35.7 * 60.0, Action::Rollback);
        self.act("file-manager", "production", 32.9 * 60.0, Action::AutoSync { on: true });
    }

    /// What the story starts with.
    pub(super) fn start_states(&mut self) {
        let hold = |script: &mut Self, service: &str, environment: &str| {
            if let Some(unit) = script.unit(service, environment) {
                unit.held = true;
            }
        };
        // Commit hashes for tags; production was edited by hand, staging waits for a sync.
        for (environment, minutes) in [("production", 76.0 * 60.0), ("staging", 77.0 * 60.0)] {
            self.act(
                "control-panel",
                environment,
                minutes - 60.0,
                Action::Deploy { tag: "a1f3c92".to_owned() },
            );
        }
        self.act("control-panel", "production", 144.0, Action::Drift { tag: Some("b7c24e0".to_owned()) });
        self.act("control-panel", "staging", 190.0, Action::AutoSync { on: false });
        self.act("control-panel", "staging", 77.0, Action::Commit { tag: "c9d41b7".to_owned() });
        let tag = tag_at(self.minutes_ago(40.0));
        let message = "KeyError: missing key ZONE_SIGNER".to_owned();
        self.act("dns-editor", "production", 32.0, Action::DeployCrashing { tag, message });
        for (service, environment, minutes, action) in [
            ("domain-transfer", "staging", 130.0, Action::BreakManifests),
            ("status-page", "staging", 95.0, Action::BreakManifests),
            ("faq-search", "staging", 200.0, Action::EmptyManifests),
            ("coupon-api", "staging", 330.0, Action::RemoveWorkload),
            ("whois-proxy", "production", 2_000.0, Action::AutoSync { on: false }),
            ("old-banner", "staging", 180.0, Action::DeleteStuck),
            ("cdn-purger", "production", 540.0, Action::MoveTag),
        ] {
            self.act(service, environment, minutes, action);
            hold(self, service, environment);
        }
        self.act("domain-transfer", "staging", 118.0, Action::MendManifests);
        // The set is told a new image, but no pod is restarted: they run the old one.
        let tag = tag_at(self.minutes_ago(205.0));
        self.act("mail-quota", "production", 185.0, Action::Deploy { tag });
        let tag = tag_at(self.minutes_ago(80.0));
        self.act("mail-search", "production", 58.0, Action::DeployUnpullable { tag });
        let tag = tag_at(self.minutes_ago(70.0));
        self.act("ticket-inbox", "production", 45.0, Action::DeployUnschedulable { tag });
        self.act("chat-widget", "production", 1_200.0, Action::FreezeSummary);
        for service in
            ["control-panel", "dns-editor", "mail-quota", "mail-search", "ticket-inbox", "chat-widget"]
        {
            hold(self, service, "production");
        }
        hold(self, "control-panel", "staging");
        for environment in ["production", "staging"] {
            hold(self, "ssl-issuer", environment);
        }
        self.suspend_dunning();
        self.spam_report();
        let now = self.fleet.now;
        if let Some(unit) = self.unit("partner-feed-legacy", "staging") {
            unit.app.owner = Some("partner-feeds".to_owned());
            unit.app
                .labels
                .push(("argocd.argoproj.io/application-set-name".to_owned(), "partner-feeds".to_owned()));
            unit.held = true;
            unit.app.reconciled = now;
        }
        let legacy = self.index[&("partner-feed-legacy".to_owned(), "staging".to_owned())];
        self.fleet.put(Thing::App(legacy));
        // An Application that an older controller wrote: no decoder makes sense of its spec and status.
        let unreadable = serde_json::json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
            "metadata": {
                "name": "billing-import", "namespace": "argocd", "uid": crate::build::uid_of(&["billing-import"]),
                "creationTimestamp": crate::build::time(self.fleet.founded),
            },
            "spec": "see wiki", "status": ["unknown"],
        });
        self.fleet.put_fixed(STG, unreadable);
    }

    pub(super) fn suspend_dunning(&mut self) {
        let now = self.fleet.now;
        if let Some(&at) = self.index.get(&("dunning".to_owned(), "production".to_owned())) {
            let unit = &mut self.fleet.units[at];
            unit.work.suspended = true;
            unit.app.health = ("Suspended", now);
            unit.held = true;
            self.fleet.put(Thing::Work(at));
            self.fleet.put(Thing::App(at));
        }
    }

    /// The first sync to production fails: there is no such namespace.
    pub(super) fn spam_report(&mut self) {
        let member = CAST.iter().find(|member| member.name == "spam-report").copied().unwrap_or(CAST[0]);
        let image = image_of("mail", "spam-report", &tag_at(self.minutes_ago(72.0 * 60.0)));
        let mut unit = Unit::settled(&member, "production", PROD, PROD, &image, self.fleet.now);
        unit.exists = false;
        unit.has_workload = false;
        unit.held = true;
        unit.pods.clear();
        let at = self.add(unit);
        let made = self.minutes_ago(186.0);
        let message = "namespaces \"spam-report\" not found".to_owned();
        self.fleet.schedule(made, Step::Act(at, Action::CreateFailing { message }));
    }
}
