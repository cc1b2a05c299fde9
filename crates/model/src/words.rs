//! The vocabulary: one enum per word of the design, each with its stable spelling.
//!
//! The spelling is what the API, the query string, the database and the pages' ids use; words for people come
//! from the text catalogue.

use serde::{Deserialize, Serialize};

/// Declares an enum whose variants have a stable spelling, used by serde, `as_str`, `parse` and `Display`.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value with this spelling, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// State of an environment in one word: the first that fits, in this order (worst knowledge first).
    State {
        /// Not readable, not comparable, or never read. Unknown is not false.
        Unknown = "unknown",
        Degraded = "degraded",
        Progressing = "progressing",
        /// A meant workload does not exist, whatever health says.
        Missing = "missing",
        /// What lives is not what is meant, or not what is expected.
        Drifted = "drifted",
        Suspended = "suspended",
        Healthy = "healthy",
        /// The service has nothing in this environment.
        None = "none",
    }
}

words! {
    /// How much a finding matters.
    Severity { Critical = "critical", Warning = "warning", Notice = "notice" }
}

words! {
    /// Argo CD's comparison, `.status.sync.status`.
    SyncStatus { Synced = "Synced", OutOfSync = "OutOfSync", Unknown = "Unknown" }
}

words! {
    /// Argo CD's health, `.status.health.status`.
    Health {
        Healthy = "Healthy", Progressing = "Progressing", Degraded = "Degraded",
        Suspended = "Suspended", Missing = "Missing", Unknown = "Unknown",
    }
}

words! {
    /// Phase of an Argo CD operation, `.status.operationState.phase`.
    Phase {
        Running = "Running", Terminating = "Terminating", Succeeded = "Succeeded",
        Failed = "Failed", Error = "Error",
    }
}

words! {
    /// Kinds of objects that are watched.
    Kind {
        Application = "Application", ApplicationSet = "ApplicationSet", AppProject = "AppProject",
        Deployment = "Deployment", StatefulSet = "StatefulSet", DaemonSet = "DaemonSet",
        CronJob = "CronJob", Job = "Job", ReplicaSet = "ReplicaSet", Rollout = "Rollout",
        Pod = "Pod", Namespace = "Namespace", Service = "Service", Ingress = "Ingress",
        HttpRoute = "HTTPRoute", Gateway = "Gateway", ImageUpdater = "ImageUpdater", Event = "Event",
        /// Of a registry: asked again and again, not watched.
        Repository = "Repository",
        /// A pull or merge request of a forge: asked for again and again, not watched.
        Pull = "Pull",
        /// A branch of a repository on a forge, with its newest commits: asked for again and again.
        Branch = "Branch",
    }
}

impl Kind {
    /// Whether this kind runs pods for a service.
    pub const fn is_workload(self) -> bool {
        matches!(
            self,
            Self::Deployment
                | Self::StatefulSet
                | Self::DaemonSet
                | Self::CronJob
                | Self::Job
                | Self::Rollout
        )
    }
}

words! {
    /// How an image stands where it is used, the worst first: what runs against what is meant, and that against what was
    /// pushed.
    Standing {
        /// The updater keeps an older image than the one that should run.
        Trapped = "trapped",
        /// The right image is picked and does not arrive.
        Blocked = "blocked",
        /// The updater does not look at it.
        Unwatched = "unwatched",
        /// Something runs that is not meant.
        Differs = "differs",
        /// Something manages it, and the tags of its repository are not known.
        Unknown = "unknown",
        /// A newer one is on its way.
        OnItsWay = "on-its-way",
        /// What is meant runs, and it is what is expected as far as anything tells.
        AsMeant = "as-meant",
        /// Nothing runs.
        Idle = "idle",
    }
}

words! {
    /// What became of a pull request.
    PullState { Open = "open", Closed = "closed", Merged = "merged" }
}

words! {
    /// How a workflow run is doing. One that was skipped or found nothing to do has succeeded.
    RunState {
        Queued = "queued", Running = "running", Succeeded = "succeeded", Failed = "failed",
        Cancelled = "cancelled",
    }
}

words! {
    /// Whose API a forge speaks.
    ForgeKind {
        Github = "github", Gitlab = "gitlab",
        /// Gitea and Forgejo.
        Gitea = "gitea",
    }
}

words! {
    /// The steps from a pull request to its preview, in order. From `pushed` on they begin anew with each head.
    StepKind {
        Labelled = "labelled",
        /// The Application was made.
        Created = "created",
        /// The image was pushed.
        Pushed = "pushed",
        /// The Application asks for that image.
        Picked = "picked",
        Synced = "synced",
        Healthy = "healthy",
    }
}

words! {
    /// How a step stands.
    StepState {
        Done = "done",
        /// Under way.
        Now = "now",
        /// It does not go on by itself.
        Stuck = "stuck",
        /// Others come first.
        Ahead = "ahead",
        /// This preview has no such step.
        Skipped = "skipped",
        /// Who could tell is not asked, or silent.
        Unknown = "unknown",
    }
}

words! {
    /// A preview in one word; those that need a look first come first.
    PreviewState {
        /// It does not go on by itself.
        Stuck = "stuck",
        /// Its pull request is closed, or asks for none any more, and it lives on.
        Leftover = "leftover",
        /// Being deleted.
        Going = "going",
        /// On its way.
        Waiting = "waiting",
        /// It runs the head, or what is known of it, and is healthy.
        Ready = "ready",
        /// What it is doing cannot be known.
        Unknown = "unknown",
        /// The pull request asks for none.
        None = "none",
        /// It is gone, as it should be.
        Ended = "ended",
    }
}

words! {
    /// Whose turn it is.
    Turn {
        Author = "author", Ci = "ci", ImageUpdater = "image-updater", ArgoCd = "argocd",
        Cluster = "cluster", Operator = "operator",
    }
}

words! {
    /// How a preview was traced to its pull request.
    TraceMethod {
        /// It says so itself, by label or annotation.
        Label = "label",
        /// The generator of its ApplicationSet and the template of its name.
        Generator = "generator",
        /// The shape of its name, or a rule of the configuration.
        Name = "name",
        /// The commit that it deploys is a head.
        Revision = "revision",
        /// It could not be.
        Unknown = "unknown",
    }
}

words! {
    /// How sure a tracing is.
    Confidence {
        Certain = "certain",
        Likely = "likely",
        /// Several would fit: none is taken.
        Ambiguous = "ambiguous",
        Unknown = "unknown",
    }
}

words! {
    /// How a round of a preview ended.
    RoundEnd {
        Going = "going", Healthy = "healthy", Failed = "failed", Cancelled = "cancelled",
        /// The next push came before it was healthy.
        Overtaken = "overtaken",
    }
}

words! {
    /// What sort of system a source is.
    SourceKind {
        Kubernetes = "kubernetes", ArgoCd = "argocd", Registry = "registry",
        Forge = "forge", Vm = "vm", Dns = "dns",
    }
}

words! {
    /// How a source is doing.
    SourceState {
        /// Never read since the start.
        Starting = "starting",
        Ok = "ok",
        /// Silent for longer than its limit: the last known values are shown, marked.
        Stale = "stale",
        Failing = "failing",
        Forbidden = "forbidden",
        /// What it would watch is not installed.
        Absent = "absent",
        Off = "off",
    }
}

words! {
    /// Kinds of transitions.
    TransitionKind {
        Sync = "sync", Health = "health", Image = "image", Revision = "revision", Replicas = "replicas",
        Operation = "operation", Stage = "stage", Preview = "preview", Tag = "tag", Route = "route",
        Finding = "finding", Source = "source", Gap = "gap", Appeared = "appeared", Gone = "gone",
        Release = "release", Decision = "decision",
    }
}

words! {
    /// The rules of findings; the spelling is the stable id and the name of the page in `docs/findings/`.
    Rule {
        SyncFailed = "sync-failed", OutOfSync = "out-of-sync", Degraded = "degraded",
        NotRunning = "not-running", ImageDrift = "image-drift", MixedImages = "mixed-images",
        StuckRollout = "stuck-rollout", StuckDeletion = "stuck-deletion", AutoSyncOff = "auto-sync-off",
        OrphanedApplication = "orphaned-application", ObjectMissing = "object-missing",
        CannotRender = "cannot-render", WouldPruneAll = "would-prune-all",
        SummaryMismatch = "summary-mismatch", NoPermission = "no-permission",
        SourceStale = "source-stale", UnreadableObject = "unreadable-object", LatestTag = "latest-tag",
        RevertTrap = "revert-trap", DateTie = "date-tie", MovedTag = "moved-tag", OrderWrong = "order-wrong",
        FilteredOut = "filtered-out", WriteUndone = "write-undone", WriteNotSynced = "write-not-synced",
        RolloutBlocked = "rollout-blocked", UpdaterNoMatch = "updater-no-match", UpdaterDown = "updater-down",
        RegistryUnreadable = "registry-unreadable", TagSchemeUnsortable = "tag-scheme-unsortable",
        MutableTagInProduction = "mutable-tag-in-production", RunningImageDeleted = "running-image-deleted",
        PreviewStuck = "preview-stuck", PreviewBehind = "preview-behind", PreviewLeftover = "preview-leftover",
        GeneratorFailing = "generator-failing", GeneratorLag = "generator-lag",
        WorkflowFailed = "workflow-failed", ForgeBudgetLow = "forge-budget-low",
    }
}

words! {
    /// What a finding is about.
    SubjectKind {
        Environment = "environment", Service = "service", Source = "source",
        Repository = "repository", Route = "route", Pull = "pull",
        /// An `ImageUpdater` object: `instance:namespace/name`.
        Updater = "updater",
        /// `instance:namespace/name`.
        ApplicationSet = "application-set",
    }
}
