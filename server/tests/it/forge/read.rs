//! What is read of a pull request: the same at each forge, but for what one does not tell.

use landfall::source::forge::{Gitea, Github, Gitlab};
use landfall_model::words::{ForgeKind, PullState, RunState};
use landfall_sandbox::{Clock, forge::RunEnd};

use super::{
    Stage,
    looking::{Looking, Made},
    quick,
};

const WEB: &str = "shop/web";

/// One that is previewed, one that is not of interest, one draft from a fork that somebody asks a preview for.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    let forge = &stage.forge;
    forge.open(WEB, 1, "Dark mode", "mika", "dark-mode");
    forge.label(WEB, 1, "preview", "anna");
    forge.open(WEB, 2, "Typo", "joe", "typo");
    forge.open(WEB, 3, "Draft: from outside", "eve", "outside");
    forge.retitle(WEB, 3, "Draft: from outside", true, true);
    forge.comment(WEB, 3, "eve", "nice");
    forge.comment(WEB, 3, "anna", "/preview please");
    let run = forge.queue_run(WEB, 1, "build");
    forge.start_run(WEB, run);
    forge.end_run(WEB, run, RunEnd::Failure("test".into()));
    stage
}

async fn of_each<F: Made>(kind: ForgeKind) {
    let stage = stage().await;
    let forge = &stage.forge;
    let mut looking = Looking::<F>::at(&stage.config(kind), quick());
    looking.generate(&[WEB], "preview");
    let report = looking.look().await;
    assert_eq!((report.objects, report.unreadable, report.error), (3, 0, None));
    assert_eq!(looking.known(), ["shop/web#1", "shop/web#2", "shop/web#3"]);

    let one = looking.pull(WEB, 1).unwrap();
    assert_eq!((&*one.title, one.author.as_deref(), one.state), ("Dark mode", Some("mika"), PullState::Open));
    assert_eq!(
        (one.draft, one.fork, &*one.base, &*one.head.branch),
        (false, Some(false), "main", "dark-mode")
    );
    assert!(one.url.as_deref().is_some_and(|url| url.starts_with("http://127.0.0.1")), "{one:?}");
    assert_eq!((&*one.labels[0].name, one.labels[0].by.as_deref()), ("preview", Some("anna")));
    assert!(
        one.labels[0].since.is_some() && one.created.is_some() && one.head.pushed_at.is_some(),
        "{one:?}"
    );
    assert_eq!((one.commits.len(), &one.commits[0].sha), (1, &one.head.sha));
    let run = &one.runs.as_ref().unwrap()[0];
    assert_eq!(
        (run.state, run.failed_step.as_deref(), &run.sha),
        (RunState::Failed, Some("test"), &one.head.sha)
    );
    assert!(run.url.is_some() && run.started_at.is_some() && run.finished_at.is_some());

    let two = looking.pull(WEB, 2).unwrap();
    assert!(two.commits.is_empty() && two.runs.is_none() && two.labels.is_empty(), "{two:?}");

    let three = looking.pull(WEB, 3).unwrap();
    assert_eq!((three.draft, three.fork), (true, Some(true)));
    let asked = three.asked.as_ref().map(|ask| ask.by.as_deref());
    // GitLab has no list of a project's comments, and this one is of no interest by its labels.
    assert_eq!(asked, if kind == ForgeKind::Gitlab { None } else { Some(Some("anna")) });

    // Nothing happened: nothing is told.
    looking.look().await;
    assert_eq!(looking.news, 0);

    // A push, another label, a run that is going on; one is merged, one closed.
    let head = forge.push(WEB, 1, "Fix the test\n\nand more");
    forge.label(WEB, 1, "big", "mika");
    let run = forge.queue_run(WEB, 1, "build");
    forge.start_run(WEB, run);
    forge.close(WEB, 2, true);
    forge.close(WEB, 3, false);
    looking.look().await;
    let one = looking.pull(WEB, 1).unwrap();
    assert_eq!((&*one.head.sha, one.commits.len(), &*one.commits[0].title), (&*head, 2, "Fix the test"));
    assert_eq!(one.labels.len(), 2);
    let states: Vec<_> = one.runs.iter().flatten().map(|run| (run.state, run.sha == one.head.sha)).collect();
    assert_eq!(states, [(RunState::Running, true), (RunState::Failed, false)]);
    let ended = |number| looking.pull(WEB, number).map(|pull| (pull.state, pull.closed_at.is_some()));
    assert_eq!(ended(2), Some((PullState::Merged, true)));
    assert_eq!(ended(3), Some((PullState::Closed, true)));
}

#[tokio::test]
async fn github() {
    of_each::<Github>(ForgeKind::Github).await;
}

#[tokio::test]
async fn gitlab() {
    of_each::<Gitlab>(ForgeKind::Gitlab).await;
}

#[tokio::test]
async fn gitea() {
    of_each::<Gitea>(ForgeKind::Gitea).await;
}

#[tokio::test]
async fn a_gitlab_project_that_is_named_by_its_number() {
    let stage = Stage::new().await;
    stage.forge.open("group/sub/web", 4, "Deep", "mika", "deep");
    let mut looking = Looking::<Gitlab>::at(&stage.config(ForgeKind::Gitlab), quick());
    // The second id that the sandbox gave is the repository's.
    looking.generate(&["1002"], "preview");
    looking.look().await;
    assert_eq!(looking.known(), ["group/sub/web#4"]);
}

#[tokio::test]
async fn lists_of_many_pages_and_what_is_no_longer_wanted() {
    let stage = Stage::new().await;
    for number in 1..=250 {
        stage.forge.open(WEB, number, "One of many", "mika", &format!("branch-{number}"));
    }
    stage.forge.open("shop/api", 1, "Other", "mika", "other");
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB, "shop/api"], "preview");
    looking.look().await;
    assert_eq!(looking.known().len(), 251);
    looking.generate(&["shop/api"], "preview");
    looking.look().await;
    assert_eq!(looking.known(), ["shop/api#1"], "nobody looks at it any more");

    // What an earlier run told of a repository that is no longer wanted goes with the first whole look.
    let mut later = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    std::mem::swap(&mut later.objects, &mut looking.objects);
    later.generate(&[WEB], "preview");
    later.look().await;
    assert_eq!(later.known().len(), 250);
    assert!(later.pull("shop/api", 1).is_none());
}

#[tokio::test]
async fn hostile_texts_are_cut_and_change_nothing_else() {
    let stage = Stage::new().await;
    let long = format!("<script>alert(1)</script>\u{202e}{}", "x".repeat(5_000));
    stage.forge.open(WEB, 1, &long, "mika\u{0}", "a\u{7}branch/../..");
    stage.forge.label(WEB, 1, "preview", "\u{1b}[31manna");
    stage.forge.comment(WEB, 1, "eve", "/preview\u{0}<img src=x>");
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB], "preview");
    looking.look().await;
    let one = looking.pull(WEB, 1).unwrap();
    assert_eq!(one.title.chars().count(), 256);
    let all = serde_json::to_string(&*one).unwrap();
    assert!(!all.contains("\\u0000") && !all.contains("\\u0007") && !all.contains("\\u001b"), "{all}");
}

#[tokio::test]
async fn what_was_closed_long_ago_is_read_while_it_has_an_application() {
    let long_ago = "2026-01-05T10:00:00Z".parse().unwrap();
    let stage = Stage::at(Clock::manual(long_ago)).await;
    for number in 1..=70 {
        stage.forge.open(WEB, number, "Old", "mika", &format!("old-{number}"));
        stage.forge.label(WEB, number, "preview", "mika");
        stage.forge.close(WEB, number, true);
    }
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB], "preview");
    looking.look().await;
    assert_eq!(looking.known(), Vec::<String>::new());
    // One that the list of those closed last does not hold any more.
    looking.preview(WEB, 1);
    looking.look().await;
    assert_eq!(looking.known(), ["shop/web#1"]);
    let one = looking.pull(WEB, 1).unwrap();
    assert_eq!((one.state, one.labels[0].since, one.commits.len()), (PullState::Merged, Some(long_ago), 1));
    // Of one that is not there nothing is told.
    looking.preview(WEB, 999);
    looking.look().await;
    assert_eq!(looking.known(), Vec::<String>::new());
}
