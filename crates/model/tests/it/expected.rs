//! Every recorded Application of the real controllers gives the state and the findings that `expected.jsonl` says.
//!
//! The objects of the cluster that go with each are made from what the Application itself tells: its workloads live and
//! run what the last sync applied, or what the pods were reported to run where that differs; in the two where the
//! workload was deleted, and where nothing was ever created, none lives.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Arc};

use jiff::SignedDuration;
use landfall_model::{
    Interner, Text,
    index::images::split,
    observe::{Application, ApplicationSet, Body, Entry, MeantContainer, Observation},
    reduce::reduce,
    words::{Health, Kind, Rule},
};
use serde::Deserialize;

use super::world::*;

#[derive(Debug, Deserialize)]
struct Expected {
    file: String,
    state: String,
    findings: Vec<String>,
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn read(file: &str) -> Observation {
    let text = fs::read_to_string(fixtures().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let reduced = reduce(Kind::Application, ARGOCD, &text, 0, after(0), &mut Interner::default());
    reduced
        .unwrap_or_else(|error| panic!("{file}: {error:?}"))
        .observation
        .expect("an Application always matters")
}

/// What lives of a workload whose last sync applied `synced`.
fn living(app: &Application, synced: &[Text]) -> Vec<Text> {
    synced
        .iter()
        .map(|image| {
            let repository = split(image).0;
            let reported = app.reported_images.iter().find(|r| split(r).0 == repository);
            if app.reported_images.contains(image) {
                Text::clone(image)
            } else {
                reported.unwrap_or(image).clone()
            }
        })
        .collect()
}

fn preview_set() -> ApplicationSet {
    ApplicationSet { children: Some(1), generators: vec![text("pullRequest")], ..ApplicationSet::default() }
}

#[test]
fn recorded_applications_have_the_expected_state_and_findings() {
    let lines = fs::read_to_string(fixtures().join("expected.jsonl")).expect("the expectations");
    let expectations: Vec<Expected> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert!(expectations.len() >= 33);
    let mut wrong = Vec::new();
    for expected in &expectations {
        let seen = read(&expected.file);
        let Body::Application(app) = seen.body.clone() else { panic!("{}: unreadable", expected.file) };
        let mut index = index();
        read_everything(&mut index, start());
        let at = seen.name.clone();
        index.apply(seen);
        let deleted = expected.file.contains("deployment-deleted");
        if app.health != Some(Health::Missing) && !deleted {
            for object in &app.resources.workloads {
                let synced =
                    app.synced_images.iter().find(|(o, _)| o == object).map(|(_, images)| &images[..]);
                let mut workload = deployment(&object.name, "1", 1, 1);
                let images = living(&app, synced.unwrap_or(&app.reported_images));
                workload.containers = images
                    .iter()
                    .enumerate()
                    .map(|(n, image)| MeantContainer {
                        name: text(&format!("c{n}")),
                        image: image.clone(),
                        sidecar: false,
                    })
                    .collect();
                let place = name(&object.namespace, &object.name);
                index.apply(observation(Kind::Deployment, place, 5_000, Body::Workload(Arc::new(workload))));
            }
        }
        if app.health != Some(Health::Missing) {
            for object in
                app.resources.differing.iter().filter(|o| landfall_model::index::joined::is_entry(o))
            {
                let kind = Kind::parse(&object.kind).expect("a kind that is watched");
                let entry =
                    Entry { hosts: Vec::new(), managed_by: None, addresses: Vec::new(), service_type: None };
                let place = name(&object.namespace, &object.name);
                index.apply(observation(kind, place, 5_000, Body::Entry(Arc::new(entry))));
            }
        }
        if let Some(set) = &app.owner_set {
            let set = name(&at.namespace, set);
            index.apply(observation(
                Kind::ApplicationSet,
                set,
                5_000,
                Body::ApplicationSet(Arc::new(preview_set())),
            ));
        }
        // Everything was recorded on one day: a day later every grace is over. Only the preview that was being deleted
        // was gone a second later.
        let going = expected.file.contains("preview-going");
        let (first, then) = match app.deleting_since.filter(|_| going) {
            Some(at) => (at, at + SignedDuration::from_secs(1)),
            None => (after(86_400), after(172_800)),
        };
        all_alive(&mut index, first);
        index.advance(first);
        all_alive(&mut index, then);
        let snapshot = index.advance(then).snapshot;
        let environment = &snapshot.services[0].environments[0];
        assert_eq!(*environment.application, *at.to_string());
        let found: BTreeSet<&str> = snapshot.findings.iter().map(|f| f.rule.as_str()).collect();
        let wanted: BTreeSet<&str> = expected.findings.iter().map(String::as_str).collect();
        // Beside the expected ones a more general or a sharper rule may be open too.
        let also: BTreeSet<&str> = [Rule::OutOfSync, Rule::ImageDrift].map(Rule::as_str).into();
        let extra: Vec<_> = found.difference(&wanted).filter(|rule| !also.contains(*rule)).collect();
        if environment.state.as_str() != expected.state || !wanted.is_subset(&found) || !extra.is_empty() {
            wrong.push(format!(
                "{}: {} {found:?}, expected {} {wanted:?}",
                expected.file, environment.state, expected.state
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
