//! Pull requests with their previews.

use jiff::Timestamp;
use landfall_model::{
    Text,
    words::{
        Confidence, PreviewState, PullState, RoundEnd, RunState, StepKind, StepState, TraceMethod, Turn,
    },
};

use super::TagDigest;
use crate::web::api::schema::api_type;

api_type! {
    /// A pull request with its previews.
    Pull {
        /// `REPOSITORY#NUMBER`; with the forge's name before it for all forges but the first; the environment's id where the pull request of a preview is not known.
        id: Text,
        /// Forge that tells of it; null: none is configured that knows it.
        forge: Option<Text>,
        /// Path on the forge.
        repository: Option<Text>,
        /// Its number there.
        number: Option<u64>,
        /// Its page on the forge.
        url: Option<Text>,
        /// Of its previews the one that needs a look first.
        state: PreviewState,
        /// What the forge says; null: it does not, or was not asked.
        request: Option<PullRequest>,
        /// What cannot be said, and why.
        missing: Vec<Text>,
        /// One per Application, and one per generator that should have made one.
        previews: Vec<Preview>,
        /// When nobody told of it any more; null: somebody does.
        gone_at: Option<Timestamp>,
        /// Sources that it rests on.
        sources: Vec<Text>,
    }
}

api_type! {
    /// A pull or merge request as its forge tells it.
    PullRequest {
        /// Title, at most 256 characters.
        title: Text,
        /// Who opened it.
        author: Option<Text>,
        /// Open, closed or merged.
        state: PullState,
        /// A draft.
        draft: bool,
        /// Its branch lies in another repository; null: not told.
        fork: Option<bool>,
        /// Its branch.
        branch: Text,
        /// The commit that it would bring in.
        head: Text,
        /// When that came to be the head.
        pushed_at: Option<Timestamp>,
        /// The branch that it wants to get into.
        base: Text,
        /// Labels that it carries.
        labels: Vec<PullLabel>,
        /// The newest commits, the head first, at most 20.
        commits: Vec<PullCommit>,
        /// Workflow runs of recent heads, the newest first; null: not read.
        runs: Option<Vec<WorkflowRun>>,
        /// When it was opened.
        created: Option<Timestamp>,
        /// When it was closed or merged.
        closed_at: Option<Timestamp>,
    }
}

api_type! {
    /// A label.
    PullLabel {
        /// Its name.
        name: Text,
        /// When it was put on.
        since: Option<Timestamp>,
        /// By whom.
        by: Option<Text>,
    }
}

api_type! {
    /// A commit of a pull request.
    PullCommit {
        /// Its id.
        sha: Text,
        /// First line of its message.
        title: Text,
        /// Who wrote it.
        author: Option<Text>,
        /// The committer's date.
        at: Option<Timestamp>,
    }
}

api_type! {
    /// A workflow run.
    WorkflowRun {
        /// Name of the workflow.
        name: Text,
        /// The commit that it builds.
        sha: Text,
        /// How it is doing.
        state: RunState,
        /// The first step that failed.
        failed_step: Option<Text>,
        /// When it started.
        started_at: Option<Timestamp>,
        /// When it ended.
        finished_at: Option<Timestamp>,
        /// Its page.
        url: Option<Text>,
    }
}

api_type! {
    /// One service's preview.
    Preview {
        /// Id of its environment; null: there is no Application yet.
        environment: Option<Text>,
        /// Service it belongs to.
        service: Option<Text>,
        /// `namespace/name` of the Application.
        application: Option<Text>,
        /// Argo CD instance.
        instance: Option<Text>,
        /// `namespace/name` of the ApplicationSet that makes it.
        set: Option<Text>,
        /// How its pull request was found.
        traced: Traced,
        /// In one word.
        state: PreviewState,
        /// The six steps, in order.
        steps: Vec<PreviewStep>,
        /// What it waits for; null: nothing.
        waits: Option<Waits>,
        /// The commit that should run.
        head: Option<Text>,
        /// The commit that runs.
        deployed: Option<Text>,
        /// Commits between the two; null: not known.
        behind: Option<u32>,
        /// The head that the generator saw last, where its template writes it down.
        generated_for: Option<Text>,
        /// Where it can be used.
        urls: Vec<Text>,
        /// When it could be used last.
        last_good: Option<LastGood>,
        /// Repository of the image that shows the commit.
        image_repository: Option<Text>,
        /// What runs of it.
        image: Option<TagDigest>,
        /// One per head that was seen, the newest first.
        rounds: Vec<PreviewRound>,
        /// When the Application was made.
        created: Option<Timestamp>,
        /// Since when it is being deleted.
        deleting_since: Option<Timestamp>,
        /// What holds up its deletion.
        finalizers: Vec<Text>,
        /// Pods ready.
        ready: i32,
        /// Pods wanted.
        desired: i32,
    }
}

api_type! {
    /// How a preview was traced to its pull request.
    Traced {
        /// Which of the ways.
        method: TraceMethod,
        /// How sure that is.
        confidence: Confidence,
        /// In words.
        by: Text,
        /// Pull requests between which it cannot be decided.
        candidates: Vec<Text>,
    }
}

api_type! {
    /// One of the six steps.
    PreviewStep {
        /// Which.
        step: StepKind,
        /// How it stands.
        state: StepState,
        /// When it was done.
        at: Option<Timestamp>,
        /// False: by then at the latest.
        exact: bool,
        /// Since the step before, or the push that began the round.
        took_seconds: Option<i64>,
        /// How long it usually takes; null in the list, and where it is not known.
        usually: Option<UsualDuration>,
        /// What was seen.
        what: Option<Text>,
        /// Who says so.
        source: Option<Text>,
    }
}

api_type! {
    /// How long a step of previews of this repository took in the last four weeks.
    UsualDuration {
        /// Half of them were quicker.
        median_seconds: i64,
        /// Nine of ten were quicker.
        p90_seconds: i64,
        /// Of how many.
        count: u64,
    }
}

api_type! {
    /// What a preview waits for.
    Waits {
        /// The step that it stands at.
        step: StepKind,
        /// In one sentence.
        sentence: Text,
        /// What can be done.
        way_out: Option<Text>,
        /// Whose turn it is.
        turn: Turn,
        /// Since when.
        since: Option<Timestamp>,
        /// It does not go on by itself.
        stuck: bool,
    }
}

api_type! {
    /// When a preview could be used last.
    LastGood {
        /// The commit that ran.
        sha: Option<Text>,
        /// Its address.
        url: Option<Text>,
        /// Since when.
        at: Timestamp,
    }
}

api_type! {
    /// Steps three to six of one head.
    PreviewRound {
        /// The commit.
        sha: Text,
        /// First line of its message.
        title: Option<Text>,
        /// Tag of its image.
        tag: Option<Text>,
        /// When it became the head.
        began: Option<Timestamp>,
        /// When its image was pushed.
        pushed: Option<Timestamp>,
        /// When the Application asked for it.
        picked: Option<Timestamp>,
        /// When it was synced.
        synced: Option<Timestamp>,
        /// When it was healthy.
        healthy: Option<Timestamp>,
        /// How it ended.
        end: RoundEnd,
    }
}

api_type! {
    /// Previews of one week.
    PreviewWeek {
        /// Its Monday, in UTC.
        week: String,
        /// Previews that were made.
        made: u64,
        /// Rounds that came to be healthy.
        ready: u64,
        /// From the label, or the push, to healthy: the median.
        median_ready_seconds: Option<i64>,
        /// Where they did not go on.
        stuck: Vec<StuckAt>,
        /// Those that nobody asked for any more and that lived on.
        leftovers: u64,
    }
}

api_type! {
    /// How many previews did not go on at a step.
    StuckAt {
        /// Which.
        step: StepKind,
        /// How many.
        count: u64,
    }
}
