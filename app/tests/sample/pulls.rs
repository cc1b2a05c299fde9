//! Pull requests: one whose tag cannot be picked, one on its way, one ready, one left over, one that no forge tells.

#![expect(clippy::needless_pass_by_value, reason = "JSON that is put together reads better so")]

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;
use landfall_app::data::{Pager, Previews, PullPage, Usual, UsualStep};
use landfall_model::{
    view::Pull,
    words::{PreviewState, StepKind},
};
use serde_json::{Value, json};

use super::{HOUR, MIN, ago, snapshot};

fn said(text: &str) -> Value {
    json!({"text": text})
}

fn step(
    kind: &str,
    state: &str,
    at: Option<i64>,
    took: Option<&str>,
    what: &str,
    source: Option<&str>,
) -> Value {
    json!({"kind": kind, "state": state, "at": at.map(ago), "exact": kind != "picked", "took": took,
        "what": if what.is_empty() { Value::Null } else { said(what) }, "source": source})
}

fn request(title: &str, author: &str, state: &str, sha: &str) -> Value {
    json!({
        "title": title, "author": author, "url": "https://github.com/accounts/control-panel/pull/482", "state": state,
        "draft": false, "fork": false, "labels": [{"name": "preview", "since": ago(3 * HOUR), "by": author}],
        "head": {"branch": "quota-left", "sha": sha, "pushed_at": ago(37 * MIN)}, "base": "main",
        "created": ago(3 * HOUR + 18 * MIN),
        "closed_at": (state != "open").then(|| ago(2 * HOUR)),
        "commits": [
            {"sha": sha, "title": "Round the quota down, not up", "author": author, "at": ago(37 * MIN)},
            {"sha": "52ab1f3d0e9c8b7a6f5e4d3c2b1a09f8e7d6c5b4", "title": "Name the column after the plan", "author": author, "at": ago(43 * MIN)},
            {"sha": "9b2f6d0c1e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c", "title": title, "author": author, "at": ago(3 * HOUR)},
        ],
        "asked": {"by": author, "at": ago(3 * HOUR)},
        "runs": [
            {"id": 1893, "name": "preview", "sha": sha, "state": "succeeded", "started_at": null, "finished_at": null,
                "url": "https://github.com/accounts/control-panel/actions/runs/1893"},
            {"id": 1892, "name": "preview", "sha": "52ab1f3d0e9c8b7a6f5e4d3c2b1a09f8e7d6c5b4", "state": "cancelled",
                "started_at": null, "finished_at": null, "url": null},
        ],
    })
}

const HEAD: &str = "e41c07d7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1";
const GOOD: &str = "9b2f6d0c1e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c";

fn preview(state: &str, steps: Value, waits: Value) -> Value {
    json!({
        "environment": "main:argocd/control-panel-pr-482", "service": "control-panel",
        "application": "argocd/control-panel-pr-482", "instance": "stg", "set": "argocd/previews",
        "traced": {"method": "generator", "confidence": "certain", "by": said("the generator of ApplicationSet previews and the template of its name")},
        "state": state, "steps": steps, "waits": waits,
        "rounds": [
            {"sha": HEAD, "title": "Round the quota down, not up", "began": ago(37 * MIN + 45), "pushed": ago(26 * MIN + 11),
                "picked": null, "synced": null, "healthy": null, "tag": "pr-482-e41c07d", "end": "going"},
            {"sha": "52ab1f3d0e9c8b7a6f5e4d3c2b1a09f8e7d6c5b4", "title": "Name the column after the plan", "began": ago(43 * MIN),
                "pushed": null, "picked": null, "synced": null, "healthy": null, "tag": null, "end": "cancelled"},
            {"sha": GOOD, "title": "Show the quota left", "began": ago(3 * HOUR + 15 * MIN), "pushed": ago(3 * HOUR + 58),
                "picked": ago(2 * HOUR + 59 * MIN + 7), "synced": ago(2 * HOUR + 56 * MIN), "healthy": ago(2 * HOUR + 55 * MIN),
                "tag": "pr-482-9b2f6d0", "end": "healthy"},
        ],
        "head": HEAD, "deployed": {"sha": GOOD, "by": said("by the label of the image that runs")}, "behind": 2,
        "generated_for": null, "urls": ["https://pr-482.preview.hosting.example"],
        "last_good": {"sha": GOOD, "url": "https://pr-482.preview.hosting.example", "at": ago(2 * HOUR + 55 * MIN)},
        "image": ["registry.example/hosting/control-panel", {"tag": "pr-482-9b2f6d0", "digest": "sha256:02bd9efa7c41d6583e90b7f2ac1d4e68530fa9c7b2e4d816f05a3c97e1b86d42"}],
        "created": ago(3 * HOUR + 14 * MIN), "deleting_since": null, "ready": 2, "desired": 2,
    })
}

fn pull(number: Option<u64>, state: &str, request: Value, previews: Value) -> Arc<Pull> {
    let id =
        number.map_or_else(|| "main:argocd/odd-pr".to_owned(), |n| format!("accounts/control-panel#{n}"));
    Arc::new(
        serde_json::from_value(json!({
            "id": id, "forge": request.is_object().then_some("forge/github"),
            "repository": number.map(|_| "accounts/control-panel"), "number": number,
            "url": number.map(|n| format!("https://github.com/accounts/control-panel/pull/{n}")),
            "request": request, "state": state, "previews": previews,
            "missing": if number.is_none() { json!([said("No forge is configured: title, labels and workflow runs are not known.")]) } else { json!([]) },
            "sources": ["argocd/stg", "cluster/stg"],
        }))
        .expect("a pull request"),
    )
}

/// The one whose new tag does not match what may be picked.
pub fn stuck() -> Arc<Pull> {
    let steps = json!([
        step(
            "labelled",
            "done",
            Some(3 * HOUR + 17 * MIN),
            None,
            "label preview by y.tanaka",
            Some("cluster/stg")
        ),
        step(
            "created",
            "done",
            Some(3 * HOUR + 14 * MIN),
            Some("PT2M28S"),
            "control-panel-pr-482 from ApplicationSet previews",
            Some("argocd/stg")
        ),
        step(
            "pushed",
            "done",
            Some(26 * MIN + 11),
            Some("PT11M34S"),
            "pr-482-e41c07d by run 1893, started by the push of 13:27:27",
            Some("cluster/stg")
        ),
        step(
            "picked",
            "stuck",
            None,
            None,
            "The tag does not match regexp:^pr-482-[0-9]{8}-[0-9]{6}$; 13 looks since 13:39, none picked it",
            Some("argocd/stg")
        ),
        step("synced", "ahead", None, None, "", None),
        step("healthy", "ahead", None, None, "", None),
    ]);
    let waits = json!({"step": "picked", "sentence": said("The new image is there, but its tag cannot be picked."),
        "way_out": said("Merge main, and the next push goes through."), "turn": "author", "since": ago(26 * MIN + 11), "stuck": true});
    let request = request("Show the quota left", "y.tanaka", "open", HEAD);
    pull(Some(482), "stuck", request, json!([preview("stuck", steps, waits)]))
}

fn on_its_way() -> Arc<Pull> {
    let steps = json!([
        step("labelled", "done", Some(20 * MIN), None, "label preview by h.ito", Some("cluster/stg")),
        step("created", "done", Some(18 * MIN), Some("PT1M40S"), "", Some("argocd/stg")),
        step("pushed", "now", None, None, "run 1901 under way", Some("cluster/stg")),
        step("picked", "ahead", None, None, "", None),
        step("synced", "ahead", None, None, "", None),
        step("healthy", "ahead", None, None, "", None),
    ]);
    let waits = json!({"step": "pushed", "sentence": said("The workflow run builds the image."), "way_out": null,
        "turn": "ci", "since": ago(18 * MIN), "stuck": false});
    let mut one = preview("waiting", steps, waits);
    one["deployed"] = Value::Null;
    one["last_good"] = Value::Null;
    one["behind"] = Value::Null;
    pull(Some(485), "waiting", request("Warn before the disk is full", "h.ito", "open", HEAD), json!([one]))
}

pub fn ready() -> Arc<Pull> {
    let kinds = ["labelled", "created", "pushed", "picked", "synced", "healthy"];
    let steps: Vec<Value> = (1..)
        .zip(kinds)
        .map(|(n, kind)| {
            step(
                kind,
                "done",
                Some(3 * HOUR - n * 3 * MIN),
                (n > 1).then_some("PT3M"),
                "",
                Some("argocd/stg"),
            )
        })
        .collect();
    let mut one = preview("ready", json!(steps), Value::Null);
    one["behind"] = json!(0);
    one["deployed"]["sha"] = json!(HEAD);
    pull(Some(479), "ready", request("Show the plan beside the name", "m.sato", "open", HEAD), json!([one]))
}

fn left_over() -> Arc<Pull> {
    let mut one = preview("leftover", json!([]), Value::Null);
    one["deleting_since"] = json!(ago(2 * HOUR));
    one["finalizers"] = json!(["resources-finalizer.argocd.argoproj.io"]);
    pull(Some(471), "leftover", request("Old idea", "m.sato", "closed", HEAD), json!([one]))
}

fn of_nobody() -> Arc<Pull> {
    let mut one = preview("unknown", json!([]), Value::Null);
    one["application"] = json!("argocd/odd-pr");
    pull(None, "unknown", Value::Null, json!([one]))
}

pub fn all() -> Vec<Arc<Pull>> {
    vec![stuck(), left_over(), on_its_way(), of_nobody(), ready()]
}

pub fn previews() -> Previews {
    let pulls = all();
    let count = |state| pulls.iter().filter(|pull| pull.state == state).count();
    Previews {
        snapshot: snapshot(),
        states: PreviewState::ALL.iter().map(|s| (*s, count(*s))).filter(|(_, n)| *n > 0).collect(),
        facets: Vec::new(),
        sort: "state".into(),
        pager: Pager { from: 1, to: pulls.len(), total: pulls.len(), ..Pager::default() },
        known: pulls.len(),
        has_forge: true,
        pulls,
    }
}

pub fn page(pull: Arc<Pull>) -> PullPage {
    let usual = |median: i64, most: i64| UsualStep {
        median: SignedDuration::from_secs(median),
        most: SignedDuration::from_secs(most),
        seen: 41,
    };
    let steps = BTreeMap::from([
        (StepKind::Created, usual(100, 180)),
        (StepKind::Pushed, usual(545, 840)),
        (StepKind::Picked, usual(115, 240)),
        (StepKind::Synced, usual(55, 120)),
        (StepKind::Healthy, usual(130, 300)),
    ]);
    PullPage {
        snapshot: snapshot(),
        pull,
        usual: Some(Usual { weeks: 4, steps }),
        timeline: Vec::new(),
        no_timeline: None,
        labels: vec![vec!["preview".into()]],
    }
}
