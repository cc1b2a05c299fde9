//! What people and programs do to a unit: the story's verbs, for tests, for the script and over HTTP.

use serde::{Deserialize, Serialize};

use super::fleet::{Fleet, Thing};
use super::step::Step;
use super::unit::{Flaw, revision_of};
use crate::build::application::{Initiator, Managed};
use crate::build::pod::PodState;
use crate::build::small;

/// One thing done to a service in an environment.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Git gets a new tag; automated sync, or somebody, rolls it out.
    Deploy {
        /// The tag.
        tag: String,
    },
    /// Git gets a new tag whose pods crash with these last words.
    DeployCrashing {
        /// The tag.
        tag: String,
        /// Last words of the container.
        message: String,
    },
    /// Git gets a new tag whose pods find no node.
    DeployUnschedulable {
        /// The tag.
        tag: String,
    },
    /// Git gets a new tag that no registry has.
    DeployUnpullable {
        /// The tag.
        tag: String,
    },
    /// Git gets a new tag, and nothing is synced.
    Commit {
        /// The tag.
        tag: String,
    },
    /// A sync that fails, with five more tries over five minutes.
    FailSync {
        /// Why.
        message: String,
    },
    /// Somebody edits the live workload: its image, or without one its replicas.
    Drift {
        /// The tag that was put in by hand.
        tag: Option<String>,
    },
    /// Somebody syncs: what lives is again what Git says.
    Sync,
    /// Git asks for so many pods, and gets them.
    Scale {
        /// How many pods.
        replicas: u32,
    },
    /// Somebody rolls back to the deployment before.
    Rollback,
    /// A pod crashes and recovers after so many seconds.
    CrashPod {
        /// Seconds.
        seconds: i64,
    },
    /// The live workload is deleted by hand.
    RemoveWorkload,
    /// The manifests cannot be rendered any more.
    BreakManifests,
    /// A file of manifests is none any more: everything would be pruned.
    EmptyManifests,
    /// Git is mended after one of the last two.
    MendManifests,
    /// Automated sync is switched on or off.
    AutoSync {
        /// On or off.
        on: bool,
    },
    /// The Application is deleted with all its objects.
    Delete,
    /// The Application's deletion is asked for and hangs on a finalizer.
    DeleteStuck,
    /// An Application that was not there is made, and synced with the tag that Git means.
    Create,
    /// An Application that was not there is made, and its first sync fails.
    CreateFailing {
        /// Why.
        message: String,
    },
    /// The Application's summary keeps the images of now.
    FreezeSummary,
    /// All pods get the tag's newest digest, but one keeps the old.
    MoveTag,
}

impl Fleet {
    pub fn act(&mut self, at: usize, action: Action) {
        if !self.units[at].exists && !matches!(action, Action::Create | Action::CreateFailing { .. }) {
            return;
        }
        match action {
            Action::Deploy { tag } => self.deploy(at, &tag, None),
            Action::DeployCrashing { tag, message } => self.deploy(at, &tag, Some(Flaw::Crash(message))),
            Action::DeployUnschedulable { tag } => self.deploy(at, &tag, Some(Flaw::NoRoom)),
            Action::DeployUnpullable { tag } => self.deploy(at, &tag, Some(Flaw::Pull)),
            Action::Commit { tag } => {
                self.commit(at, &tag);
                self.put_app(at);
            }
            Action::FailSync { message } => self.fail_sync(at, message),
            Action::Drift { tag } => self.drift(at, tag.as_deref()),
            Action::Sync => self.sync_by_hand(at),
            Action::Scale { replicas } => self.scale(at, replicas),
            Action::Rollback => self.rollback(at),
            Action::CrashPod { seconds } => self.crash_pod(at, seconds),
            Action::RemoveWorkload => {
                self.strip(at);
                self.set_sync(at, "OutOfSync");
                self.put_app(at);
            }
            Action::BreakManifests => self.break_manifests(at),
            Action::EmptyManifests => self.empty_manifests(at),
            Action::MendManifests => self.mend_manifests(at),
            Action::AutoSync { on } => {
                self.units[at].app.automated = Some(on);
                self.put_app(at);
                if on && self.units[at].app.sync == "OutOfSync" && !self.units[at].held {
                    let image = self.units[at].meant.clone();
                    self.units[at].busy = true;
                    self.after(2, Step::Begin(at, Initiator::Automated));
                    self.after(5, Step::Apply(at, image));
                }
            }
            Action::Delete => self.delete(at, false),
            Action::DeleteStuck => self.delete(at, true),
            Action::Create => self.create(at, None),
            Action::CreateFailing { message } => self.create(at, Some(message)),
            Action::FreezeSummary => self.units[at].stale_summary = true,
            Action::MoveTag => self.move_tag(at),
        }
    }

    /// Git means another tag from now on; Argo CD notices.
    fn commit(&mut self, at: usize, tag: &str) {
        let unit = &mut self.units[at];
        unit.meant = unit.with_tag(tag);
        unit.app.revision = revision_of(&unit.service, &unit.meant);
        if unit.environment.starts_with("pr-") {
            unit.app.image = Some(unit.meant.clone());
        }
        self.set_sync(at, "OutOfSync");
    }

    fn deploy(&mut self, at: usize, tag: &str, flaw: Option<Flaw>) {
        self.units[at].flaw = flaw;
        self.units[at].busy = true;
        self.commit(at, tag);
        self.put_app(at);
        let by = match self.units[at].app.automated {
            Some(true) => Initiator::Automated,
            _ => Initiator::User("m.sato".to_owned()),
        };
        self.after(2, Step::Begin(at, by));
        let image = self.units[at].meant.clone();
        self.after(5, Step::Apply(at, image));
    }

    fn fail_sync(&mut self, at: usize, message: String) {
        self.units[at].busy = true;
        let unit = &mut self.units[at];
        unit.app.revision =
            revision_of(&unit.service, &format!("{}{message}{}", unit.meant, unit.app.generation));
        self.set_sync(at, "OutOfSync");
        self.put_app(at);
        self.after(2, Step::Begin(at, Initiator::Automated));
        self.after(4, Step::Retry(at, 0, message));
    }

    fn drift(&mut self, at: usize, tag: Option<&str>) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.work.edited = Some(("kubectl-edit".to_owned(), now));
        let image = tag.map_or_else(|| unit.work.image.clone(), |tag| unit.with_tag(tag));
        if tag.is_none() {
            unit.work.replicas += 1;
        }
        unit.flaw = None;
        self.retarget(at, &image);
        self.set_sync(at, "OutOfSync");
        self.put_app(at);
    }

    fn sync_by_hand(&mut self, at: usize) {
        self.units[at].busy = true;
        self.units[at].flaw = None;
        self.after(1, Step::Begin(at, Initiator::User("k.mori".to_owned())));
        let unit = &mut self.units[at];
        if let Some(("kubectl-edit", _)) = unit.work.edited.as_ref().map(|(by, at)| (by.as_str(), at))
            && unit.work.image == unit.meant
        {
            unit.work.replicas = unit.work.replicas.saturating_sub(1).max(1);
        }
        let image = self.units[at].meant.clone();
        self.after(4, Step::Apply(at, image));
    }

    fn scale(&mut self, at: usize, replicas: u32) {
        let unit = &mut self.units[at];
        unit.app.revision = revision_of(&unit.service, &format!("{}x{replicas}", unit.meant));
        unit.work.replicas = replicas;
        unit.work.edited = Some(("argocd-controller".to_owned(), self.now));
        let image = unit.meant.clone();
        self.set_sync(at, "OutOfSync");
        self.put_app(at);
        self.after(2, Step::Begin(at, Initiator::Automated));
        self.after(4, Step::Apply(at, image));
    }

    fn rollback(&mut self, at: usize) {
        let now = self.now;
        let unit = &mut self.units[at];
        let Some((image, _, _)) =
            unit.sets.iter().rev().find(|(image, _, _)| *image != unit.work.image).cloned()
        else {
            return;
        };
        let revision = revision_of(&unit.service, &image);
        let id = unit
            .app
            .history
            .iter()
            .rev()
            .find(|entry| entry.revision == revision)
            .map_or(0, |entry| entry.id);
        // A rollback wants automation off; the compared revision stays the head.
        unit.app.automated = Some(false);
        unit.busy = true;
        unit.flaw = None;
        unit.app.operation = Some(crate::build::application::Operation {
            phase: "Running",
            message: String::new(),
            started: now,
            finished: None,
            retries: 0,
            revision,
            by: Initiator::User("k.mori".to_owned()),
            failed: None,
            images: None,
        });
        let message = format!("k.mori initiated rollback to {id}");
        self.tell_by(at, "argocd-server", Some("k.mori"), "OperationStarted", &message, false);
        self.put_app(at);
        self.after(2, Step::Apply(at, image));
    }

    fn crash_pod(&mut self, at: usize, seconds: i64) {
        let now = self.now;
        let message = "pool timed out while waiting for an open connection".to_owned();
        let Some(pod) = self.units[at].pods.iter_mut().find(|pod| pod.is_ready() && pod.deleted.is_none())
        else {
            return;
        };
        pod.state = PodState::CrashLoop { restarts: pod.restarts + 1, message: message.clone() };
        pod.since = now;
        let name = pod.name.clone();
        self.units[at].busy = true;
        self.units[at].recount();
        self.tell_pod(
            at,
            &name,
            "BackOff",
            &format!("Back-off restarting failed container app: {message}"),
            true,
        );
        self.set_health(at, "Progressing");
        self.put(Thing::Pod(at, name.clone()));
        self.put_sets(at);
        self.put(Thing::Work(at));
        self.put_app(at);
        self.after(seconds, Step::Recover(at, name));
    }

    fn break_manifests(&mut self, at: usize) {
        let now = self.now;
        let message = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = \
                       FailedPrecondition desc = Failed to unmarshal \"all.yaml\": failed to unmarshal manifest: error \
                       converting YAML to JSON: yaml: line 3: did not find expected ',' or ']'";
        let unit = &mut self.units[at];
        unit.app.conditions = vec![("ComparisonError", message.to_owned(), now)];
        // The branch could not be resolved to a commit: its name stands here.
        unit.app.revision = unit.app.target.clone();
        for resource in &mut unit.app.resources {
            resource.requires_pruning = true;
        }
        self.set_sync(at, "Unknown");
        self.put_app(at);
    }

    fn empty_manifests(&mut self, at: usize) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.app.revision = revision_of(&unit.service, "emptied");
        let message = format!(
            "Skipping sync attempt to [{}]: auto-sync will wipe out all resources",
            unit.app.revision
        );
        unit.app.conditions = vec![("SyncError", message, now)];
        self.set_sync(at, "OutOfSync");
        for resource in &mut self.units[at].app.resources {
            resource.requires_pruning = true;
            resource.status = "OutOfSync";
        }
        self.put_app(at);
    }

    fn mend_manifests(&mut self, at: usize) {
        let unit = &mut self.units[at];
        unit.app.conditions.clear();
        unit.app.revision = revision_of(&unit.service, &unit.meant);
        for resource in &mut unit.app.resources {
            resource.requires_pruning = false;
        }
        self.set_sync(at, "Synced");
        self.put_app(at);
    }

    fn delete(&mut self, at: usize, stuck: bool) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.busy = true;
        unit.app.deleted = Some(now);
        let user = "k.mori";
        self.tell_by(
            at,
            "argocd-server",
            Some(user),
            "ResourceDeleted",
            &format!("{user} deleted application"),
            false,
        );
        if stuck {
            // The pods go at once; another object's finalizer holds the rest.
            self.strip(at);
            self.set_health(at, "Progressing");
            self.set_sync(at, "OutOfSync");
            self.units[at].held = true;
        } else {
            self.after(4, Step::Undeploy(at));
        }
        self.put_app(at);
    }

    fn create(&mut self, at: usize, failing: Option<String>) {
        let now = self.now;
        let unit = &mut self.units[at];
        if unit.exists {
            return;
        }
        unit.exists = true;
        unit.has_workload = false;
        unit.busy = true;
        unit.pods.clear();
        unit.sets.clear();
        unit.app.created = now;
        unit.app.deleted = None;
        unit.app.generation = 0;
        unit.app.history.clear();
        unit.app.operation = None;
        unit.app.images.clear();
        unit.app.sync = "OutOfSync";
        unit.app.health = ("Missing", now);
        for resource in &mut unit.app.resources {
            resource.status = "OutOfSync";
        }
        if !unit.app.resources.iter().any(|resource| resource.kind == "Namespace") {
            unit.app
                .resources
                .insert(0, Managed::synced("", "v1", "Namespace", &unit.work.namespace.clone()));
        }
        let (image, preview) = (unit.meant.clone(), unit.environment.starts_with("pr-"));
        self.tell(at, "ResourceUpdated", "Updated sync status:  -> OutOfSync", false);
        self.put_app(at);
        if preview {
            self.run(Step::Previews);
        }
        self.after(2, Step::Begin(at, Initiator::Automated));
        match failing {
            Some(message) => self.after(4, Step::Retry(at, 0, message)),
            None => self.after(6, Step::Apply(at, image)),
        }
    }

    fn move_tag(&mut self, at: usize) {
        let now = self.now;
        let Some(pod) = self.units[at].pods.first_mut() else { return };
        let digest = crate::build::pod::digest_of(&format!("{}, pushed again", pod.image));
        pod.digest = digest;
        pod.since = now;
        pod.restarts += 1;
        let name = pod.name.clone();
        self.put(Thing::Pod(at, name));
    }

    /// The ApplicationSet of the previews with the children of now.
    pub fn put_preview_set(&mut self) {
        let (now, begun) = (self.now, self.founded);
        let mut sets: Vec<(String, usize, Vec<small::Child>)> = Vec::new();
        for unit in self
            .units
            .iter()
            .filter(|unit| unit.app.owner.as_deref().is_some_and(|owner| owner.starts_with("previews-")))
        {
            let at = sets.iter().position(|(service, _, _)| *service == unit.service).unwrap_or_else(|| {
                sets.push((unit.service.clone(), unit.argo, Vec::new()));
                sets.len() - 1
            });
            if unit.exists {
                sets[at].2.push((unit.app.name.clone(), unit.app.sync, unit.app.health.0));
            }
        }
        for (service, argo, children) in sets {
            let set = small::preview_set(&format!("previews-{service}"), &service, begun, now, &children);
            self.put_fixed(argo, set);
        }
    }
}
