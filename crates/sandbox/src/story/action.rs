//! What people and programs do to a unit: the story's verbs, for tests, for the script and over HTTP.

mod deploy;
mod life;
mod trouble;

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::step::Step;
use super::unit::Flaw;
use super::updater::Policy;
use crate::build::application::Initiator;

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
    /// The registry gets an image, and nobody deploys it. It is a new build, or with `like` the very bytes of another tag.
    Push {
        /// The tag.
        tag: String,
        /// The tag whose bytes it has.
        #[serde(default)]
        like: Option<String>,
        /// When the build says it was made; without it just now.
        #[serde(default)]
        created: Option<String>,
    },
    /// Image Updater picks this service's image by another policy from now on, among all tags, or those of a pattern.
    SetPolicy {
        /// How.
        policy: Policy,
        /// `allowTags`
        #[serde(default)]
        allow: Option<String>,
    },
    /// The author of a preview's pull request labels it and asks for a run.
    Label,
    /// The pull request of a preview is closed, or merged.
    Close {
        /// It is merged.
        #[serde(default)]
        merged: bool,
    },
    /// Image Updater looks now, and not only when its half minute is over.
    LookNow,
}

impl Fleet {
    pub fn act(&mut self, at: usize, action: Action) {
        let before_it_is_made = matches!(
            action,
            Action::Create | Action::CreateFailing { .. } | Action::Label | Action::Close { .. }
        );
        if !self.units[at].exists && !before_it_is_made {
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
            Action::Push { tag, like, created } => {
                self.push_image(at, &tag, like.as_deref(), created.as_deref());
            }
            Action::SetPolicy { policy, allow } => self.set_policy(at, policy, allow.as_deref()),
            Action::Label => self.ask_for_preview(at),
            Action::Close { merged } => self.close_pull(at, merged),
            Action::LookNow => self.look_at_once(at),
        }
    }
}
