//! Rows that an earlier version stored are read by this one.
//!
//! `tests/fixtures/stored/` holds rows as versions before wrote them: frozen, never edited. Whoever adds a field to a type
//! that is stored gives it `#[serde(default)]` (an `Option` needs none) and adds a file with rows of the new form; whoever
//! renames or removes one keeps reading the old form (`#[serde(alias)]`) until no such row can be left.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Arc};

use landfall_model::{
    Interner,
    index::{Changes, FindingRow, Stored},
    observe::{
        Body, Branch, BranchCommit, CommittedUpdate, ImageChange, Observation, Pull, PullAsk, PullCommit,
        PullHead, PullLabel, Run,
    },
    reduce::reduce,
    transition::Transition,
    view::{Environment, SourceView},
    words::{Kind, PullState, RunState},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{reduce::fixtures, world::*};

/// The file that this version's rows stand in.
const NEWEST: &str = "2026-11-25c.jsonl";
/// Forms that came later, with the first file that holds them.
const LATER: [(&str, &str); 2] = [("Pull", "2026-11-25b.jsonl"), ("Branch", "2026-11-25c.jsonl")];
/// Every form that a stored object had from the first.
const FORMS: [&str; 11] = [
    "AppProject",
    "Application",
    "ApplicationSet",
    "Entry",
    "Event",
    "ImageUpdater",
    "Namespace",
    "Pod",
    "ReplicaSet",
    "Unreadable",
    "Workload",
];

#[derive(Serialize, Deserialize)]
struct Row {
    table: String,
    of: Value,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stored")
}

fn rows(file: &str) -> Vec<Row> {
    let text = fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect()
}

/// Reads a row as what it is today; everything that was stored must still be in it.
fn read<T: Serialize + DeserializeOwned>(file: &str, row: &Row) -> T {
    let place = || format!("{file}: {} {}", row.table, row.of);
    let value: T =
        serde_json::from_value(row.of.clone()).unwrap_or_else(|error| panic!("{error} in {}", place()));
    let again = serde_json::to_value(&value).expect("it is written again");
    if let Some(path) = lost(&row.of, &again) {
        panic!("{path} is lost of {}", place());
    }
    value
}

/// Where `after` lacks something of `before`.
fn lost(before: &Value, after: &Value) -> Option<String> {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            before.iter().find_map(|(key, value)| match after.get(key) {
                Some(other) => lost(value, other).map(|path| format!(".{key}{path}")),
                None => Some(format!(".{key}")),
            })
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            let both = before.iter().zip(after).enumerate();
            both.into_iter().find_map(|(at, (b, a))| lost(b, a).map(|path| format!("[{at}]{path}")))
        }
        _ => (before != after).then(String::new),
    }
}

#[test]
fn rows_of_every_earlier_version_restore() {
    let mut files: Vec<_> =
        fs::read_dir(folder()).expect("a folder").flatten().map(|f| f.file_name()).collect();
    files.sort();
    assert_eq!(files.last().and_then(|name| name.to_str()), Some(NEWEST));
    for file in files {
        let file = file.to_str().expect("UTF-8");
        let mut stored = Stored { revision: 7, ..Stored::default() };
        let mut forms = BTreeSet::new();
        for row in rows(file) {
            match &*row.table {
                "observations" => {
                    forms.insert(row.of["body"]["is"].as_str().expect("a form").to_owned());
                    stored.observations.push(read::<Observation>(file, &row));
                }
                "frames" => stored.environments.push(read::<Environment>(file, &row)),
                "findings" => stored.findings.push(read::<FindingRow>(file, &row)),
                "sources" => stored.sources.push(read::<SourceView>(file, &row)),
                "transitions" => drop(read::<Transition>(file, &row)),
                other => panic!("{file}: {other}"),
            }
        }
        let later = LATER.into_iter().filter(|(_, first)| file >= *first).map(|(form, _)| form);
        let wanted: BTreeSet<String> = FORMS.into_iter().chain(later).map(str::to_owned).collect();
        assert_eq!(forms, wanted, "{file}");
        let environments = stored.environments.len();
        assert!(environments > 5 && !stored.findings.is_empty() && !stored.sources.is_empty(), "{file}");
        let applications =
            stored.observations.iter().filter(|o| matches!(o.body, Body::Application(_))).count();
        let mut index = index();
        index.restore(stored);
        let step = index.advance(after(86_400));
        let shown: usize = step.snapshot.services.iter().map(|service| service.environments.len()).sum();
        assert_eq!((shown, environments), (applications, applications), "{file}");
        assert!(
            step.store.upserts.is_empty() && step.store.deletes.is_empty(),
            "{file}: it is all as it was"
        );
    }
}

/// What the check is for: a value that got lost, a row without a field that has no default.
#[test]
fn a_lost_field_is_found() {
    assert_eq!(
        lost(&json!({"a": [{"b": 1}]}), &json!({"a": [{"c": 1}], "d": 2})).as_deref(),
        Some(".a[0].b")
    );
    assert_eq!(lost(&json!({"a": null}), &json!({"a": null, "b": 0})), None);
    let newest = rows(NEWEST);
    let pod = newest.iter().find(|row| row.of["body"]["is"] == "Pod").expect("a pod");
    let mut without = pod.of.clone();
    without["body"]["of"].as_object_mut().expect("an object").remove("ready").expect("it was there");
    let error = serde_json::from_value::<Observation>(without).expect_err("`ready` has no default");
    assert!(error.to_string().contains("missing field `ready`"), "{error}");
}

/// Writes `NEWEST` anew: `cargo test -p landfall-model --test it stored:: -- --ignored`. Give it a new name first.
#[test]
#[ignore = "writes a file"]
fn write_the_rows_of_this_version() {
    let mut index = index();
    read_everything(&mut index, start());
    put_service(&mut index, "web", "1", 0);
    for observation in sample() {
        index.apply(observation);
    }
    let mut text = String::new();
    let mut row = |table: &str, of: Value| {
        text += &serde_json::to_string(&Row { table: table.to_owned(), of }).expect("JSON");
        text.push('\n');
    };
    let steps = [index.advance(start()), index.advance(after(7_200))];
    for step in steps {
        let Changes { upserts, frames, sources, findings, .. } = step.store;
        let frames = frames.iter().filter_map(|(_, it)| it.as_deref());
        let all = (upserts.iter().map(|it| ("observations", value(it))))
            .chain(frames.map(|it| ("frames", value(it))))
            .chain(sources.iter().map(|it| ("sources", value(&**it))))
            .chain(findings.iter().map(|it| ("findings", value(it))))
            .chain(step.transitions.iter().take(20).map(|it| ("transitions", value(it))));
        for (table, of) in all {
            row(table, of);
        }
    }
    fs::create_dir_all(folder()).expect("a folder");
    fs::write(folder().join(NEWEST), text).expect("a file");
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("JSON")
}

/// Some recorded objects of each kind, and one that cannot be read.
fn sample() -> Vec<Observation> {
    let mut kept: Vec<Observation> = Vec::new();
    let namespace = json!({"metadata": {"name": "apps", "uid": "n", "resourceVersion": "5", "labels": {"team": "a"},
        "creationTimestamp": "2026-11-24T04:00:00Z"}});
    let broken = json!({"metadata": {"name": "broken", "namespace": "apps", "uid": "b", "resourceVersion": "6"},
        "spec": {"replicas": "three"}});
    let made = [(Kind::Namespace, namespace.to_string()), (Kind::Deployment, broken.to_string())];
    kept.push(observation(Kind::Pull, name("shop/web", "42"), 0, Body::Pull(Arc::new(pull()))));
    kept.push(observation(Kind::Branch, name("shop/web", "HEAD"), 0, Body::Branch(Arc::new(branch()))));
    let recorded = fixtures::objects().into_iter().map(|recorded| (recorded.kind, recorded.text));
    for (kind, text) in made.into_iter().chain(recorded) {
        let most = if kind == Kind::Application { 24 } else { 4 };
        if kept.iter().filter(|o| o.scope.kind == kind).count() >= most {
            continue;
        }
        let source = scope(kind).source;
        let argocd = matches!(kind, Kind::AppProject | Kind::ImageUpdater);
        let source = if argocd { ARGOCD } else { &source };
        let reduced = reduce(kind, source, &text, 0, start(), &mut Interner::default()).expect("a name");
        kept.extend(reduced.observation);
    }
    assert!(kept.iter().any(|o| matches!(o.body, Body::Unreadable(_))));
    kept
}

/// A branch with a commit of Image Updater.
fn branch() -> Branch {
    let image = ImageChange { image: text("hosting/web"), old: text("1"), new: text("2") };
    let update = CommittedUpdate { application: text("web-production"), images: vec![image] };
    let commit = BranchCommit {
        sha: text("4f1c9e"),
        title: text("build: automatic update of web-production"),
        author: Some(text("argocd-image-updater")),
        at: Some(after(-510)),
        update: Some(update),
    };
    Branch { commits: vec![commit] }
}

/// A pull request with everything that can be known of one.
fn pull() -> Pull {
    Pull {
        title: text("Dark mode"),
        author: Some(text("mika")),
        url: Some(text("https://github.com/shop/web/pull/42")),
        state: PullState::Merged,
        draft: true,
        fork: Some(false),
        labels: vec![PullLabel { name: text("preview"), since: Some(after(-600)), by: Some(text("mika")) }],
        head: PullHead { branch: text("dark-mode"), sha: text("4f1c9e"), pushed_at: Some(after(-500)) },
        base: text("main"),
        created: Some(after(-700)),
        closed_at: Some(after(-10)),
        commits: vec![PullCommit {
            sha: text("4f1c9e"),
            title: text("Switch"),
            author: Some(text("mika")),
            at: Some(after(-510)),
        }],
        asked: Some(PullAsk { by: Some(text("mika")), at: after(-590) }),
        runs: Some(vec![Run {
            id: 7,
            name: text("build"),
            sha: text("4f1c9e"),
            state: RunState::Failed,
            failed_step: Some(text("test")),
            started_at: Some(after(-490)),
            finished_at: Some(after(-400)),
            url: Some(text("https://github.com/shop/web/actions/runs/7")),
        }]),
    }
}
