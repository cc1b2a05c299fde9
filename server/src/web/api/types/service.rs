//! Services and their environments.

use jiff::Timestamp;
use landfall_model::{
    Text,
    words::{Health, Kind, Phase, Rule, Severity, State, SyncStatus, TransitionKind},
};

use crate::web::api::schema::api_type;

api_type! {
    /// A service: the unit that is deployed.
    Service {
        /// Its name, unique.
        name: Text,
        /// Team that owns it, from the catalogue or a label.
        owner: Option<Text>,
        /// Rung of the migration; null until stages are observed.
        stage: Option<Text>,
        /// Flags beside the stage, such as Stale.
        flags: Vec<&'static str>,
        /// No rule could place it.
        unassigned: bool,
        /// Open findings, worst first.
        findings: Vec<FindingRef>,
        /// Where it runs: environments with columns in their order, then previews.
        environments: Vec<Environment>,
        /// Kinds of changes since the moment asked for with `since`; null without `since`.
        changed: Option<Vec<TransitionKind>>,
    }
}

api_type! {
    /// An open finding, in short.
    FindingRef {
        /// Stable id.
        id: Text,
        /// Rule that fired.
        rule: Rule,
        /// How much it matters.
        severity: Severity,
        /// Name of the environment it is about.
        environment: Option<Text>,
        /// When the trouble began.
        since: Timestamp,
    }
}

api_type! {
    /// Where one Application puts a service.
    Environment {
        /// `production`, `staging`, a preview's name.
        name: Text,
        /// Stable id: instance, namespace and name of the Application.
        id: Text,
        /// Belongs to a pull request.
        preview: bool,
        /// Name of the cluster.
        cluster: Option<Text>,
        /// Namespace of the workloads.
        namespace: Option<Text>,
        /// Name of the Argo CD instance.
        instance: Text,
        /// Namespace and name of the Application.
        application: Text,
        /// Project of the Application.
        project: Text,
        /// State in one word.
        state: State,
        /// Why that state, in the source's words.
        why: Option<Text>,
        /// Argo CD's comparison.
        sync: Option<SyncStatus>,
        /// Argo CD's health.
        health: Option<Health>,
        /// The last operation.
        operation: Option<Operation>,
        /// What was last deployed; of several sources the first.
        revision: Option<Text>,
        /// What was last deployed, one per source.
        revisions: Vec<Text>,
        /// Automation; null where it was never configured.
        auto_sync: Option<bool>,
        /// Workloads with their pods.
        workloads: Vec<Workload>,
        /// The primary image.
        image: Option<Image>,
        /// Other images.
        other_images: Vec<Image>,
        /// Addresses that it answers to.
        urls: Vec<Text>,
        /// When the state began.
        since: Option<Timestamp>,
        /// False: at least since then.
        since_exact: bool,
        /// When its values were last confirmed by all of its sources.
        as_of: Option<Timestamp>,
        /// Rests on a source that is silent.
        stale: bool,
        /// Sources of its values.
        sources: Vec<Text>,
    }
}

api_type! {
    /// A sync operation.
    Operation {
        /// How far it is.
        phase: Phase,
        /// Its message.
        message: Option<Text>,
        /// When it began.
        started_at: Option<Timestamp>,
        /// When it ended.
        finished_at: Option<Timestamp>,
        /// Tries after the first.
        retries: u32,
        /// Who asked for it: a user, or `automated`.
        initiated_by: Option<Text>,
    }
}

api_type! {
    /// A workload with its pods.
    Workload {
        /// Deployment, StatefulSet, …
        kind: Kind,
        /// Its namespace.
        namespace: Text,
        /// Its name.
        name: Text,
        /// Pods wanted; null where there is no number.
        desired: Option<i32>,
        /// Pods ready.
        ready: i32,
        /// It is meant but does not exist.
        missing: bool,
        /// Why pods do not run.
        troubles: Vec<Trouble>,
    }
}

api_type! {
    /// Why pods do not run.
    Trouble {
        /// Such as CrashLoopBackOff.
        reason: Text,
        /// The container.
        container: Option<Text>,
        /// What the source says.
        message: Option<Text>,
        /// How many pods.
        pods: u32,
        /// Since when.
        since: Option<Timestamp>,
    }
}

api_type! {
    /// One repository's image: what is meant, reported and running, each by its own source.
    Image {
        /// Registry and path.
        repository: Text,
        /// What the desired state asks for.
        meant: Option<TagDigest>,
        /// All that is asked for, where workloads differ.
        meant_all: Vec<TagDigest>,
        /// What Argo CD's summary says.
        reported: Option<TagDigest>,
        /// What pods run, most pods first.
        running: Vec<Running>,
        /// When the present running set began.
        since: Option<Timestamp>,
        /// False: at least since then.
        since_exact: bool,
    }
}

api_type! {
    /// A tag, a digest, or both.
    TagDigest {
        /// The tag.
        tag: Option<Text>,
        /// `sha256:…`.
        digest: Option<Text>,
    }
}

api_type! {
    /// What some pods run.
    Running {
        /// Tag of the pods' own spec.
        tag: Option<Text>,
        /// Digest that the runtime reports.
        digest: Option<Text>,
        /// How many pods.
        pods: u32,
        /// How many of them are ready.
        ready: u32,
    }
}
