//! Six steps from a label to a preview that can be used: what is done, since when, and what the next one waits for.
//!
//! ```text
//!  forge          labelled                       pushed ^ head, runs
//!  Argo CD                 created                              picked   synced   healthy
//!  registry                                      pushed
//!  Image Updater                                                picked
//! ```
//!
//! Each step is looked at by itself and says whether it is done and, if not, what holds it up. A step that is done
//! shows that those before it are. From `pushed` on they are about one commit, the head, and begin anew with the next:
//! that is a round. Pure, and without a clock: `now` is taken down only for what nobody else tells a time of.

mod commit;
mod created;
mod healthy;
mod labelled;
mod life;
mod picked;
mod pushed;
mod rounds;
mod runs;
mod synced;
pub mod wanted;

use jiff::{SignedDuration, Timestamp};

use std::sync::Arc;

use crate::{
    index::ApplicationKey,
    observe::{self, Application, ApplicationSet, Event, ObjectName, PullRequestGenerator, Repository},
    phrase::Said,
    said,
    text::Text,
    view::{Environment, Preview, Step, TagDigest, Traced, Waits},
    words::{PreviewState, StepKind, StepState, Turn},
};

/// What is known about one preview.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    /// What the forge says.
    pub request: Option<&'a observe::Pull>,
    /// `forge/NAME`, where one is configured.
    pub forge: Option<&'a Text>,
    pub app: Option<App<'a>>,
    pub set: Option<Set<'a>>,
    pub traced: Traced,
    /// What it was at the last look.
    pub before: Option<&'a Preview>,
    pub now: Timestamp,
}

/// Its Application.
#[derive(Debug, Clone)]
pub struct App<'a> {
    pub key: &'a ApplicationKey,
    pub body: &'a Application,
    pub view: &'a Environment,
    /// Events of Image Updater about it, oldest first.
    pub events: &'a [Arc<Event>],
    /// What was asked for of each repository, as it was noticed to change; oldest first.
    pub asked: &'a [(Text, Timestamp, Text)],
    /// Repositories of its images that are looked at: name, source, what is known.
    pub images: Vec<(Text, Text, &'a Repository)>,
    /// How often Image Updater looks.
    pub interval: SignedDuration,
}

/// The ApplicationSet that makes it.
#[derive(Debug, Clone, Copy)]
pub struct Set<'a> {
    pub source: &'a Text,
    pub name: &'a ObjectName,
    pub body: &'a ApplicationSet,
    /// That of its generators which looks at the pull request's repository.
    pub generator: Option<&'a PullRequestGenerator>,
}

/// How long a generator waits between two looks where nobody says otherwise: Argo CD's own default.
const REQUEUE: SignedDuration = SignedDuration::from_mins(30);

impl Set<'_> {
    /// How often the generator looks.
    #[must_use]
    pub fn interval(&self) -> SignedDuration {
        let told = self.generator.and_then(|generator| generator.requeue_after_s).filter(|s| *s > 0);
        told.map_or(REQUEUE, SignedDuration::from_secs)
    }

    /// Why the generator fails now, and since when.
    #[must_use]
    pub fn failure(&self) -> Option<(&Text, Option<Timestamp>)> {
        let fails =
            |c: &&observe::Condition| &*c.kind == "ErrorOccurred" && c.status.as_deref() == Some("True");
        self.body.conditions.iter().find(fails).map(|c| (&c.message, c.since))
    }
}

/// How one step stands, looked at by itself.
#[derive(Debug, Clone)]
enum Look {
    Done {
        at: Option<Timestamp>,
        exact: bool,
        what: Said,
        source: Option<Text>,
    },
    /// This preview has no such step.
    Skipped(Said),
    /// Who could tell is not asked.
    Unknown(Said),
    Waits(Waits),
}

impl Look {
    fn done(at: Option<Timestamp>, exact: bool, what: Said, source: &Text) -> Self {
        Self::Done { at, exact: exact && at.is_some(), what, source: Some(Text::clone(source)) }
    }

    fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

/// Something holds a step up.
fn waits(step: StepKind, turn: Turn, sentence: Said) -> Waits {
    Waits { step, sentence, way_out: None, turn, since: None, stuck: false }
}

impl Waits {
    fn stuck(mut self) -> Self {
        self.stuck = true;
        self
    }

    fn since(mut self, at: Option<Timestamp>) -> Self {
        self.since = at;
        self
    }

    fn way_out(mut self, said: Said) -> Self {
        self.way_out = Some(said);
        self
    }
}

/// A span as people write it.
pub(crate) fn span(length: SignedDuration) -> Said {
    let seconds = length.as_secs();
    if seconds >= 120 && seconds % 60 == 0 {
        return said!("span-minutes", "{n} min", n = u64::try_from(seconds / 60).unwrap_or(0));
    }
    said!("span-seconds", "{n} s", n = u64::try_from(seconds).unwrap_or(0))
}

/// A commit as people write it.
pub(crate) fn short(sha: &str) -> Text {
    Text::from(sha.get(..7).unwrap_or(sha))
}

/// Works out a preview.
#[must_use]
pub fn preview(at: &Given<'_>) -> Preview {
    let head = at.head();
    let shows = commit::shows(at, head.as_ref());
    let mut looks = vec![
        (StepKind::Labelled, labelled::look(at)),
        (StepKind::Created, created::look(at)),
        (StepKind::Pushed, pushed::look(at, head.as_ref(), &shows)),
        (StepKind::Picked, picked::look(at, head.as_ref(), &shows)),
        (StepKind::Synced, Look::Unknown(Said::from(""))),
        (StepKind::Healthy, Look::Unknown(Said::from(""))),
    ];
    looks[4].1 = synced::look(at, head.as_ref(), &shows, &looks[3].1);
    looks[5].1 = healthy::look(at, head.as_ref(), &shows, &looks[4].1);
    imply(&mut looks);
    let (mut steps, mut waiting) = steps(at, head.as_ref(), looks);
    let ready = steps.last().is_some_and(|step| step.state == StepState::Done);
    let state = life::state(at, &mut waiting, &mut steps, ready);
    let deployed = commit::deployed(at, head.as_ref(), &shows);
    let behind = at.behind(deployed.as_ref().map(|it| &*it.sha), head.as_ref().map(|it| &*it.sha));
    let view = at.app.as_ref().map(|app| app.view);
    let mut made = Preview {
        environment: view.map(|view| Text::clone(&view.id)),
        service: view.map(|view| Text::clone(&view.service)),
        application: view.map(|view| Text::clone(&view.application)),
        instance: view.map(|view| Text::clone(&view.instance)).or_else(|| at.instance()),
        set: at.set.map(|set| Text::from(set.name.to_string())),
        traced: at.traced.clone(),
        state,
        rounds: Vec::new(),
        head: head.as_ref().map(|head| Text::clone(&head.sha)),
        generated_for: at.app.as_ref().and_then(|app| app.generated_for()).cloned(),
        urls: view.map(|view| view.urls.clone()).unwrap_or_default(),
        last_good: None,
        image: shows.image(at),
        created: view.and_then(|view| view.created),
        deleting_since: view.and_then(|view| view.deleting_since),
        finalizers: view
            .filter(|view| view.deleting_since.is_some())
            .map(|v| v.finalizers.clone())
            .unwrap_or_default(),
        ready: view.map_or(0, |view| view.replicas().0),
        desired: view.map_or(0, |view| view.replicas().1),
        steps,
        waits: waiting,
        deployed,
        behind,
    };
    rounds::fill(&mut made, at, head.as_ref());
    made
}

/// The commit that should run.
#[derive(Debug, Clone)]
struct Head {
    sha: Text,
    /// When it became the head: by the forge, else by its committer.
    since: Option<Timestamp>,
}

impl Given<'_> {
    fn head(&self) -> Option<Head> {
        if let Some(request) = self.request {
            let committed = request.commits.iter().find(|it| it.sha == request.head.sha).and_then(|it| it.at);
            let since = request.head.pushed_at.or(committed);
            return Some(Head { sha: Text::clone(&request.head.sha), since });
        }
        let app = self.app.as_ref()?;
        let commit = |sha: &&Text| crate::mapping::is_commit(sha);
        let told = app.generated_for().filter(commit);
        let revisions = app.body.sources.iter().filter_map(|source| source.target_revision.as_ref());
        let sha = told.or_else(|| revisions.into_iter().find(commit))?;
        Some(Head { sha: Text::clone(sha), since: None })
    }

    fn instance(&self) -> Option<Text> {
        let source = self.set?.source;
        Some(Text::from(source.strip_prefix("argocd/").unwrap_or(source)))
    }

    /// Commits between the deployed one and the head.
    fn behind(&self, deployed: Option<&str>, head: Option<&str>) -> Option<u32> {
        let deployed = deployed?;
        if Some(deployed) == head {
            return Some(0);
        }
        let commits = &self.request?.commits;
        let at = commits.iter().position(|commit| *commit.sha == *deployed)?;
        u32::try_from(at).ok()
    }

    /// Commits that it may be about, the head first.
    fn commits(&self, head: Option<&Head>) -> Vec<Text> {
        let of_request = self.request.into_iter().flat_map(|request| request.commits.iter().map(|c| &c.sha));
        let of_app = self.app.iter().filter_map(|app| app.generated_for());
        let of_rounds =
            self.before.into_iter().flat_map(|before| before.rounds.iter().map(|round| &round.sha));
        let mut all: Vec<Text> = Vec::new();
        for sha in head.into_iter().map(|head| &head.sha).chain(of_request).chain(of_app).chain(of_rounds) {
            if !all.contains(sha) {
                all.push(Text::clone(sha));
            }
        }
        all
    }

    /// The source that a forge's word comes from.
    fn forge(&self) -> Text {
        self.forge.map_or_else(|| Text::from("forge"), Text::clone)
    }
}

impl App<'_> {
    /// The head that the generator saw, where its template writes it down.
    fn generated_for(&self) -> Option<&Text> {
        self.body.labels.iter().find(|(key, _)| &**key == crate::mapping::HEAD_SHA).map(|(_, value)| value)
    }

    fn argocd(&self) -> &Text {
        &self.key.source
    }

    fn cluster(&self) -> Text {
        let name = self.view.cluster.as_ref();
        name.map_or_else(|| Text::clone(&self.key.source), |name| Text::from(format!("cluster/{name}")))
    }
}

/// What is done shows that all before it was, whatever could be seen of it.
fn imply(looks: &mut [(StepKind, Look)]) {
    let Some(last) = looks.iter().rposition(|(_, look)| look.is_done()) else { return };
    for (_, look) in &mut looks[..last] {
        if matches!(look, Look::Waits(_) | Look::Unknown(_)) {
            *look = Look::Done {
                at: None,
                exact: false,
                what: said!("step-implied", "not seen, but what follows it is done"),
                source: None,
            };
        }
    }
}

/// The steps, and what the first that is not done waits for. Times that were known at the last look stay.
fn steps(at: &Given<'_>, head: Option<&Head>, looks: Vec<(StepKind, Look)>) -> (Vec<Step>, Option<Waits>) {
    let mut steps: Vec<Step> = Vec::with_capacity(looks.len());
    let mut waiting: Option<Waits> = None;
    for (kind, look) in looks {
        let mut step = Step {
            kind,
            state: StepState::Ahead,
            at: None,
            exact: false,
            took: None,
            what: None,
            source: None,
        };
        match look {
            _ if waiting.is_some() => {}
            Look::Done { at: when, exact, what, source } => {
                step.state = StepState::Done;
                (step.at, step.exact) = remembered(at, head, kind, when, exact);
                step.what = (!what.text.is_empty()).then_some(what);
                step.source = source;
                step.took = took(&steps, head, &step);
            }
            Look::Skipped(what) => {
                step.state = StepState::Skipped;
                step.what = Some(what);
            }
            Look::Unknown(what) => {
                step.state = StepState::Unknown;
                step.what = (!what.text.is_empty()).then_some(what);
            }
            Look::Waits(mut found) => {
                step.state = if found.stuck { StepState::Stuck } else { StepState::Now };
                let last = steps.iter().rev().find_map(|step| step.at);
                let begins =
                    if kind >= StepKind::Pushed { head.and_then(|head| head.since).max(last) } else { last };
                found.since = found.since.or(begins);
                step.what = Some(found.sentence.clone());
                waiting = Some(found);
            }
        }
        steps.push(step);
    }
    (steps, waiting)
}

/// When a step was done: as it is told now, else as it was known before, else now, if it was seen not to be done.
fn remembered(
    at: &Given<'_>,
    head: Option<&Head>,
    kind: StepKind,
    told: Option<Timestamp>,
    exact: bool,
) -> (Option<Timestamp>, bool) {
    let same_round =
        |before: &&Preview| kind < StepKind::Pushed || before.head.as_ref() == head.map(|head| &head.sha);
    let before = at.before.filter(same_round);
    let known = before.and_then(|before| before.step(kind)).filter(|step| step.state == StepState::Done);
    match (told, known.and_then(|step| Some((step.at?, step.exact)))) {
        (Some(told), _) if exact => (Some(told), true),
        // What was told first stands: later words are about later things.
        (Some(told), Some((known, was_exact))) => (Some(known.min(told)), was_exact && known <= told),
        (Some(told), None) => (Some(told), false),
        (None, Some((known, was_exact))) => (Some(known), was_exact),
        (None, None) => {
            let was_seen = at.before.is_some_and(|before| before.environment.is_some()) && known.is_none();
            (was_seen.then_some(at.now), false)
        }
    }
}

/// Since the step before, or since the push that began the round.
fn took(steps: &[Step], head: Option<&Head>, step: &Step) -> Option<SignedDuration> {
    let done = step.at?;
    let last = steps.iter().filter_map(|step| step.at).max();
    let begins = match step.kind {
        StepKind::Labelled => None,
        StepKind::Pushed => head.and_then(|head| head.since),
        StepKind::Created => last,
        _ => last.max(head.and_then(|head| head.since)),
    }?;
    let took = done.duration_since(begins);
    (!took.is_negative()).then_some(took)
}

/// The state of a pull request is that of the preview that needs a look first.
#[must_use]
pub fn worst(previews: &[Preview]) -> PreviewState {
    previews.iter().map(|preview| preview.state).min().unwrap_or(PreviewState::None)
}

/// A tag and a digest of an image.
fn tag_digest(tag: Option<&Text>, digest: Option<&Text>) -> TagDigest {
    TagDigest { tag: tag.cloned(), digest: digest.cloned() }
}
