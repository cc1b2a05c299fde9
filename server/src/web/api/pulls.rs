//! `/api/v1/previews`, `/api/v1/previews/weeks` and `/api/v1/pulls/{repository}/{number}`.

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    Text, observe,
    query::{List, previews},
    view as model,
};

use super::{
    Ask, Format, Reply,
    csv::{Table, cell, maybe},
    types,
    view::{self, Around},
};
use crate::{
    store::{PreviewWeek, UsualStep},
    web::{Problem, history},
};

/// What is usual is reckoned from the last four weeks.
const USUAL: SignedDuration = SignedDuration::from_hours(28 * 24);
/// Weeks that are told where nobody says since when.
const WEEKS: i64 = 12;

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Previews).await?;
    let page = previews::previews(&view.prepared, &view.query);
    if ask.format == Format::Csv {
        return Ok(view::table(&view, table(page.items.iter().map(|pull| &**pull)), page.next.as_ref()));
    }
    let items: Vec<_> = page.items.iter().map(|it| pull(it, &[], None)).collect();
    view::list(&view, &items, Around::of(&page))
}

/// `path` is `REPOSITORY/NUMBER`. Pull requests that are gone are told as they were last.
pub(super) async fn one(ask: &Ask<'_>, path: &str) -> Result<Reply, Problem> {
    let query = view::parse(ask, List::Previews)?;
    let not_found = || {
        Problem::not_found("There is no such pull request: none was seen with this repository and number.")
    };
    let (repository, number) = path.rsplit_once('/').ok_or_else(not_found)?;
    let number: u64 = number.parse().map_err(|_| not_found())?;
    let at = query.at.as_ref().map(|moment| moment.at);
    let (prepared, as_of, now) = view::of_moment(ask, at).await?;
    let until = at.unwrap_or(now);
    let usual = usual(ask, repository, until).await;
    if let Some(known) = prepared.snapshot.pull(repository, number) {
        return view::one(&prepared, as_of, &pull(known, &usual, None));
    }
    let store = ask.state.history.as_deref().ok_or_else(not_found)?;
    let past = store.pull(repository, number, until).await?.ok_or_else(not_found)?;
    view::one(&prepared, as_of, &pull(&past.pull, &usual, past.gone_at))
}

/// What is usual; a page is whole without it.
async fn usual(ask: &Ask<'_>, repository: &str, until: Timestamp) -> Vec<UsualStep> {
    let Some(store) = ask.state.history.as_deref() else { return Vec::new() };
    store.usual_steps(Some(repository), USUAL, until).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "what is usual of previews cannot be read");
        Vec::new()
    })
}

/// Week by week, the newest first.
pub(super) async fn weeks(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Previews).await?;
    let store = ask.state.history.as_deref().ok_or_else(history::no_database)?;
    let until = view.query.at.as_ref().map_or(view.now, |moment| moment.at);
    let since = view.query.since.as_ref().map(|moment| moment.at);
    let earliest = until.checked_sub(SignedDuration::from_hours(WEEKS * 7 * 24));
    let since = since.unwrap_or_else(|| earliest.unwrap_or(Timestamp::UNIX_EPOCH));
    let weeks = store.preview_weeks(since, until).await?;
    let items: Vec<_> = weeks.iter().map(week).collect();
    view::list(&view, &items, Around { total: Some(items.len()), ..Around::default() })
}

fn week(week: &PreviewWeek) -> types::PreviewWeek {
    let stuck = week.stuck.iter().map(|(step, count)| types::StuckAt { step: *step, count: *count });
    types::PreviewWeek {
        week: week.week.to_string(),
        made: week.made,
        ready: week.ready,
        median_ready_seconds: week.median_ready.map(|span| span.as_secs()),
        stuck: stuck.collect(),
        leftovers: week.leftovers,
    }
}

fn pull(pull: &model::Pull, usual: &[UsualStep], gone_at: Option<Timestamp>) -> types::Pull {
    types::Pull {
        id: Text::clone(&pull.id),
        forge: pull.forge.clone(),
        repository: pull.repository.clone(),
        number: pull.number,
        url: pull.url.clone(),
        state: pull.state,
        request: pull.request.as_deref().map(request),
        missing: pull.missing.iter().map(|said| Text::clone(&said.text)).collect(),
        previews: pull.previews.iter().map(|it| preview(it, usual)).collect(),
        gone_at,
        sources: pull.sources.clone(),
    }
}

fn request(request: &observe::Pull) -> types::PullRequest {
    let labels = request.labels.iter().map(|label| types::PullLabel {
        name: Text::clone(&label.name),
        since: label.since,
        by: label.by.clone(),
    });
    let commits = request.commits.iter().map(|commit| types::PullCommit {
        sha: Text::clone(&commit.sha),
        title: Text::clone(&commit.title),
        author: commit.author.clone(),
        at: commit.at,
    });
    let run = |run: &observe::Run| types::WorkflowRun {
        name: Text::clone(&run.name),
        sha: Text::clone(&run.sha),
        state: run.state,
        failed_step: run.failed_step.clone(),
        started_at: run.started_at,
        finished_at: run.finished_at,
        url: run.url.clone(),
    };
    types::PullRequest {
        title: Text::clone(&request.title),
        author: request.author.clone(),
        state: request.state,
        draft: request.draft,
        fork: request.fork,
        branch: Text::clone(&request.head.branch),
        head: Text::clone(&request.head.sha),
        pushed_at: request.head.pushed_at,
        base: Text::clone(&request.base),
        labels: labels.collect(),
        commits: commits.collect(),
        runs: request.runs.as_ref().map(|runs| runs.iter().map(run).collect()),
        created: request.created,
        closed_at: request.closed_at,
    }
}

fn preview(preview: &model::Preview, usual: &[UsualStep]) -> types::Preview {
    let rounds = preview.rounds.iter().map(|round| types::PreviewRound {
        sha: Text::clone(&round.sha),
        title: round.title.clone(),
        tag: round.tag.clone(),
        began: round.began,
        pushed: round.pushed,
        picked: round.picked,
        synced: round.synced,
        healthy: round.healthy,
        end: round.end,
    });
    types::Preview {
        environment: preview.environment.clone(),
        service: preview.service.clone(),
        application: preview.application.clone(),
        instance: preview.instance.clone(),
        set: preview.set.clone(),
        traced: types::Traced {
            method: preview.traced.method,
            confidence: preview.traced.confidence,
            by: Text::clone(&preview.traced.by.text),
            candidates: preview.traced.candidates.clone(),
        },
        state: preview.state,
        steps: preview.steps.iter().map(|it| step(it, usual)).collect(),
        waits: preview.waits.as_ref().map(|waits| types::Waits {
            step: waits.step,
            sentence: Text::clone(&waits.sentence.text),
            way_out: waits.way_out.as_ref().map(|said| Text::clone(&said.text)),
            turn: waits.turn,
            since: waits.since,
            stuck: waits.stuck,
        }),
        head: preview.head.clone(),
        deployed: preview.deployed.as_ref().map(|deployed| Text::clone(&deployed.sha)),
        behind: preview.behind,
        generated_for: preview.generated_for.clone(),
        urls: preview.urls.clone(),
        last_good: preview.last_good.as_ref().map(|good| types::LastGood {
            sha: good.sha.clone(),
            url: good.url.clone(),
            at: good.at,
        }),
        image_repository: preview.image.as_ref().map(|(repository, _)| Text::clone(repository)),
        image: preview
            .image
            .as_ref()
            .map(|(_, image)| types::TagDigest { tag: image.tag.clone(), digest: image.digest.clone() }),
        rounds: rounds.collect(),
        created: preview.created,
        deleting_since: preview.deleting_since,
        finalizers: preview.finalizers.clone(),
        ready: preview.ready,
        desired: preview.desired,
    }
}

fn step(step: &model::Step, usual: &[UsualStep]) -> types::PreviewStep {
    let usually = usual.iter().find(|usual| usual.step == step.kind);
    types::PreviewStep {
        step: step.kind,
        state: step.state,
        at: step.at,
        exact: step.exact,
        took_seconds: step.took.map(|span| span.as_secs()),
        usually: usually.map(|usual| types::UsualDuration {
            median_seconds: usual.median.as_secs(),
            p90_seconds: usual.p90.as_secs(),
            count: usual.count,
        }),
        what: step.what.as_ref().map(|said| Text::clone(&said.text)),
        source: step.source.clone(),
    }
}

/// One line per preview.
fn table<'a>(pulls: impl Iterator<Item = &'a model::Pull>) -> Table {
    let mut table = Table::new(&[
        "pull",
        "repository",
        "number",
        "title",
        "author",
        "service",
        "environment",
        "application",
        "state",
        "step",
        "waits_for",
        "turn",
        "since",
        "stuck",
        "head",
        "deployed",
        "behind",
        "url",
        "created",
        "ready",
        "desired",
        "confidence",
    ]);
    for pull in pulls {
        let request = pull.request.as_ref();
        for preview in &pull.previews {
            let waits = preview.waits.as_ref();
            table.row([
                cell(&pull.id),
                maybe(pull.repository.as_ref()),
                maybe(pull.number),
                maybe(request.map(|request| &request.title)),
                maybe(request.and_then(|request| request.author.as_ref())),
                maybe(preview.service.as_ref()),
                maybe(preview.environment.as_ref()),
                maybe(preview.application.as_ref()),
                cell(preview.state),
                maybe(waits.map(|waits| waits.step)),
                maybe(waits.map(|waits| &waits.sentence.text)),
                maybe(waits.map(|waits| waits.turn)),
                maybe(waits.and_then(|waits| waits.since)),
                cell(waits.is_some_and(|waits| waits.stuck)),
                maybe(preview.head.as_ref()),
                maybe(preview.deployed.as_ref().map(|deployed| &deployed.sha)),
                maybe(preview.behind),
                maybe(preview.urls.first()),
                maybe(preview.created),
                cell(preview.ready),
                cell(preview.desired),
                cell(preview.traced.confidence),
            ]);
        }
    }
    table
}
