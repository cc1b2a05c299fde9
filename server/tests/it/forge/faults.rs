//! What goes wrong ends nothing: it is told with its place, counted, and what was known stays.

use landfall::source::forge::{Gitea, Github, Gitlab, Patience};
use landfall_model::{
    observe::Body,
    words::{ForgeKind, SourceState},
};
use landfall_sandbox::forge::ForgeFault;

use super::{
    Stage,
    looking::{Looking, Made},
    quick,
};

const WEB: &str = "shop/web";
const API: &str = "shop/api";

/// Two repositories, one with several pages.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    for number in 1..=130 {
        stage.forge.open(WEB, number, "One", "mika", &format!("branch-{number}"));
    }
    stage.forge.label(WEB, 1, "preview", "mika");
    stage.forge.open(API, 1, "Other", "mika", "other");
    stage
}

/// Never leaves a forge alone by itself.
fn stubborn() -> Patience {
    Patience { failures: u32::MAX, ..quick() }
}

fn looking<F: Made>(stage: &Stage, kind: ForgeKind) -> Looking<F> {
    let looking = Looking::at(&stage.config(kind), stubborn());
    looking.generate(&[API, WEB], "preview");
    looking
}

async fn a_list_that_breaks_off_ends_nothing<F: Made>(kind: ForgeKind) {
    let stage = stage().await;
    let mut looking = looking::<F>(&stage, kind);
    looking.look().await;
    assert_eq!(looking.known().len(), 131, "{kind}");
    let faults = [
        ForgeFault::After { of: "pulls", working: 3, code: 500 },
        ForgeFault::Cut { of: "pulls", times: 1 },
        ForgeFault::Status { of: "", code: 503, times: 1 },
        ForgeFault::Html { of: "pulls", times: 1 },
        ForgeFault::Status { of: "pulls", code: 404, times: 2 },
        ForgeFault::Status { of: "pulls", code: 403, times: 2 },
        ForgeFault::Status { of: "", code: 401, times: 1 },
        ForgeFault::EndlessPages,
        ForgeFault::Slow { ms: 900 },
        ForgeFault::Redirect("http://192.0.2.1:9/".into()),
    ];
    for fault in faults {
        // Something changed meanwhile, so that it is sent as a whole again.
        stage.forge.push(WEB, 2, &format!("{fault:?}"));
        stage.forge.inject(fault.clone());
        let report = looking.look().await;
        assert_eq!(looking.known().len(), 131, "{kind}: {fault:?}");
        assert!(report.error.is_some(), "{kind}: {fault:?}");
        let said = report.error.unwrap().to_string();
        assert!(!said.contains("hunter2") && !said.contains("DOCTYPE"), "{said}");
        stage.forge.heal();
        let report = looking.look().await;
        assert_eq!((report.state, report.error), (SourceState::Ok, None), "{kind}: {fault:?}");
    }
}

#[tokio::test]
async fn github_breaks_off() {
    a_list_that_breaks_off_ends_nothing::<Github>(ForgeKind::Github).await;
}

#[tokio::test]
async fn gitlab_breaks_off() {
    a_list_that_breaks_off_ends_nothing::<Gitlab>(ForgeKind::Gitlab).await;
}

#[tokio::test]
async fn gitea_breaks_off() {
    a_list_that_breaks_off_ends_nothing::<Gitea>(ForgeKind::Gitea).await;
}

#[tokio::test]
async fn a_broken_object_is_shown_under_its_number_and_the_others_as_ever() {
    let stage = stage().await;
    let mut looking = looking::<Github>(&stage, ForgeKind::Github);
    looking.look().await;
    stage.forge.push(API, 1, "more");
    stage.forge.inject(ForgeFault::Broken { of: "pulls" });
    let report = looking.look().await;
    assert_eq!(report.state, SourceState::Ok);
    assert!(report.unreadable >= 1, "{report:?}");
    let said = report.error.unwrap().to_string();
    assert_eq!(said, "shop/api: pull request 1: [0].title: it has another form than expected");
    let Some(Body::Unreadable(broken)) = looking.body(API, 1) else { panic!("{:?}", looking.body(API, 1)) };
    assert_eq!((&*broken.field, &*broken.why), ("[0].title", "it has another form than expected"));
    assert!(looking.pull(WEB, 2).is_some());
    stage.forge.heal();
    stage.forge.push(API, 1, "more still");
    let report = looking.look().await;
    assert_eq!((report.unreadable, report.error), (0, None));
    assert!(looking.pull(API, 1).is_some());
}

#[tokio::test]
async fn a_lost_permission_is_of_one_repository() {
    let stage = stage().await;
    let mut looking = looking::<Github>(&stage, ForgeKind::Github);
    looking.look().await;
    stage.forge.hide(API, true);
    let head = stage.forge.push(WEB, 2, "more");
    let report = looking.look().await;
    assert_eq!(report.state, SourceState::Ok);
    assert_eq!(report.error.unwrap().to_string(), "shop/api: not found (404): without a word");
    assert!(looking.pull(API, 1).is_some(), "what was known stays");
    assert_eq!(*looking.pull(WEB, 2).unwrap().head.sha, *head, "and the others are read");
    stage.forge.hide(WEB, true);
    let report = looking.look().await;
    assert_eq!(report.state, SourceState::Forbidden, "nothing may be read");
    assert_eq!(looking.known().len(), 131);
}

#[tokio::test]
async fn details_that_fail_leave_what_the_list_tells() {
    let stage = stage().await;
    let mut looking = looking::<Github>(&stage, ForgeKind::Github);
    stage.forge.inject(ForgeFault::Status { of: "events", code: 404, times: 100 });
    stage.forge.inject(ForgeFault::Status { of: "runs", code: 403, times: 100 });
    let report = looking.look().await;
    assert_eq!((report.state, looking.known().len()), (SourceState::Ok, 131));
    let one = looking.pull(WEB, 1).unwrap();
    assert_eq!((one.labels.len(), one.labels[0].since, one.runs.is_none()), (1, None, true));
    stage.forge.heal();
    looking.look().await;
    let one = looking.pull(WEB, 1).unwrap();
    assert!(one.labels[0].since.is_some() && one.runs.is_some());
}

#[tokio::test]
async fn failures_in_a_row_open_the_breaker() {
    let stage = stage().await;
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&["a/a", "a/b", "a/c", "a/d", "a/e", "a/f"], "preview");
    stage.forge.inject(ForgeFault::Status { of: "", code: 500, times: 100 });
    let report = looking.look().await;
    assert_eq!(report.state, SourceState::Failing);
    assert_eq!(stage.forge.counters().of(""), 3, "three, and then it is left alone");
}
