//! Branches of forges beside images: the build of a branch's head, and what Image Updater committed.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_model::{
    observe::{Body, Branch, BranchCommit, CommittedUpdate, WriteBack},
    transition::Transition,
    updater::trap::State,
    words::{Kind, Rule, SyncStatus, TransitionKind},
};

use super::{
    findings_images::{Bench, digest, edge, facts, wrote},
    world::*,
};

const FORGE: &str = "forge/github";
const A: &str = "aaaa3c92b40d5e6f7a1f3c92b40d5e6f7a1f3c92";
const B: &str = "bbbb3c92b40d5e6f7a1f3c92b40d5e6f7a1f3c92";
const C: &str = "cccc3c92b40d5e6f7a1f3c92b40d5e6f7a1f3c92";

fn commit(sha: &str, at: i64, message: &str) -> BranchCommit {
    BranchCommit {
        sha: text(sha),
        title: text(message.lines().next().unwrap_or_default()),
        author: None,
        at: Some(after(at)),
        update: CommittedUpdate::read(message),
    }
}

/// The newest first.
fn branch(bench: &mut Bench, at: (&str, &str), commits: Vec<BranchCommit>) {
    bench.apply(FORGE, Kind::Branch, name(at.0, at.1), Body::Branch(Arc::new(Branch { commits })));
}

/// C is pushed last; each image says which commit it is of.
fn three(order: [&str; 3]) -> Bench {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| {
        it.edges.push(edge("cccc", "c", 2, None));
        it.facts.insert(text(&digest("c")), facts("c", "2026-11-24T01:00:00Z"));
        for (letter, sha) in [("a", order[0]), ("b", order[1]), ("c", order[2])] {
            let one = it.facts.get_mut(&text(&digest(letter))).expect("there is one");
            one.revision = Some(text(sha));
            one.source = Some(text("https://github.com/shop/web.git"));
        }
    });
    bench
}

#[test]
fn the_build_of_the_head_is_what_is_expected_and_not_the_last_push() {
    // Without a forge the last push counts: c is older by its own date, so b is kept.
    assert_eq!(three([A, B, C]).images_at(900), [Rule::OrderWrong], "nobody knows better");
    // The build of an older commit ended last.
    let mut bench = three([A, B, C]);
    branch(&mut bench, ("shop/web", "HEAD"), vec![commit(B, -4_000, "b"), commit(C, -5_000, "c")]);
    assert_eq!(bench.images_at(900), [], "b is the head's build, and runs");
    let said = bench.outlook();
    assert_eq!(said.state, State::Unknown);
    assert_eq!(&*said.summary.text, "cccc was pushed last, but the build of the branch's head is b7c2");
    assert_eq!(said.built_from.as_deref(), Some("https://github.com/shop/web.git"));
    // The head moves on to c.
    branch(&mut bench, ("shop/web", "HEAD"), vec![commit(C, 0, "c"), commit(B, -4_000, "b")]);
    assert_eq!(bench.images_at(1_800), [Rule::OrderWrong]);
    assert_eq!(&*bench.outlook().expected.expect("known").tag, "cccc");
    // Of another repository nothing follows.
    let mut bench = three([A, B, C]);
    branch(&mut bench, ("shop/other", "HEAD"), vec![commit(B, 0, "b")]);
    assert_eq!(bench.images_at(900), [Rule::OrderWrong]);
}

#[test]
fn a_tag_with_the_commit_in_its_name_is_its_build_too() {
    let mut bench = Bench::new("newest-build");
    bench.look(|it| {
        it.edges.push(edge("main-c0ffee1", "c", 2, None));
        it.facts.insert(text(&digest("c")), facts("c", "2026-11-24T01:00:00Z"));
        let one = it.facts.get_mut(&text(&digest("c"))).expect("there is one");
        one.source = Some(text("git@github.com:shop/web.git"));
    });
    let sha = "c0ffee1c92b40d5e6f7a1f3c92b40d5e6f7a1f3c";
    branch(&mut bench, ("shop/web", "HEAD"), vec![commit(sha, 0, "c")]);
    assert_eq!(bench.images_at(900), [Rule::OrderWrong]);
    assert_eq!(&*bench.outlook().expected.expect("known").tag, "main-c0ffee1");
}

/// An Application that is kept up to date by commits to `shop/deploy`.
fn by_git() -> Bench {
    let mut bench = Bench::new("newest-build");
    bench.write_back =
        Some(WriteBack { method: Some(text("git:secret:argocd/git")), ..WriteBack::default() });
    bench.update();
    bench.app(|app| app.sources[0].repo_url = text("https://github.com/shop/deploy"));
    bench.images_at(2);
    bench
}

fn told(bench: &mut Bench, at: Timestamp) -> Vec<Transition> {
    all_alive(&mut bench.index, at);
    let step = bench.index.advance(at);
    step.transitions.into_iter().filter(|it| it.kind == TransitionKind::Tag).collect()
}

const UPDATE: &str =
    "build: automatic update of web-production\n\nupdates image hosting/web tag a1f3 to b7c2\n";

#[test]
fn what_image_updater_commits_is_told_once_with_its_commit() {
    let mut bench = by_git();
    branch(&mut bench, ("shop/deploy", "main"), vec![commit(A, 5, UPDATE), commit(B, 0, "by hand")]);
    let told_now = told(&mut bench, after(10));
    let [one] = told_now.as_slice() else { panic!("{told_now:?}") };
    assert_eq!((one.at, &*one.source), (after(5), FORGE));
    assert_eq!(
        one.detail.as_deref(),
        Some("Image Updater committed it for registry.example/hosting/web: aaaa3c92b40d")
    );
    // The next look finds the same commit below a new one, and its own Event comes later.
    branch(&mut bench, ("shop/deploy", "main"), vec![commit(C, 20, "by hand"), commit(A, 5, UPDATE)]);
    assert_eq!(told(&mut bench, after(25)).len(), 0);
    bench.apply(ARGOCD, Kind::Event, name("argocd", "e1"), wrote(after(30), "a1f3", "b7c2"));
    assert_eq!(told(&mut bench, after(40)).len(), 0, "the same write, told by another");
    // Of another Application, and of another repository.
    let other = UPDATE.replace("web-production", "other-production");
    branch(&mut bench, ("shop/deploy", "main"), vec![commit(B, 50, &other)]);
    branch(&mut bench, ("shop/else", "main"), vec![commit(B, 50, UPDATE)]);
    assert_eq!(told(&mut bench, after(60)).len(), 0);
}

#[test]
fn a_commit_says_that_it_was_written() {
    let mut bench = by_git();
    bench.look(|it| {
        it.edges.push(edge("c9d4", "c", 2, None));
        it.facts.insert(text(&digest("c")), facts("c", "2026-11-24T05:00:00Z"));
    });
    bench.images_at(600);
    let said = bench.outlook().summary;
    assert_eq!(&*said.text, "Image Updater would pick c9d4, but nothing is known of its writing it");
    let message = UPDATE.replace("b7c2", "c9d4").replace("a1f3", "b7c2");
    branch(&mut bench, ("shop/deploy", "main"), vec![commit(A, 5, &message)]);
    assert_eq!(bench.images_at(601), []);
    assert_eq!(&*bench.outlook().summary.text, "c9d4 is written and rolls out");
    bench.app(|app| {
        app.sources[0].repo_url = text("https://github.com/shop/deploy");
        app.sync = Some(SyncStatus::OutOfSync);
    });
    assert_eq!(bench.images_at(1_300), [Rule::WriteNotSynced]);
}

#[test]
fn what_is_committed_to_another_repository_than_that_of_the_manifests_is_told_too() {
    let mut bench = by_git();
    bench.write_back = Some(WriteBack {
        method: Some(text("git")),
        repository: Some(text("git@github.com:shop/images.git")),
        branch: Some(text("live")),
        ..WriteBack::default()
    });
    bench.update();
    bench.images_at(3);
    branch(&mut bench, ("shop/images", "live"), vec![commit(A, 5, UPDATE)]);
    assert_eq!(told(&mut bench, after(10)).len(), 1);
    branch(&mut bench, ("shop/images", "other"), vec![commit(B, 300, UPDATE)]);
    branch(&mut bench, ("shop/deploy", "main"), vec![commit(C, 600, UPDATE)]);
    assert_eq!(told(&mut bench, after(700)).len(), 0, "nothing of it is written there");
}
