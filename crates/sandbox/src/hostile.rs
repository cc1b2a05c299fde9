//! The hostile cast: services of the story once more, with every text in them turned against whoever shows it.
//!
//! Not part of the story: tests ask for it ([`crate::World::hostile`], `POST /_sandbox/hostile`). Kubernetes would
//! refuse most of these names; annotations, messages, images, branches and URLs it takes as they are, and a reader
//! must not trust the server either.
//!
//! What runs sets `window.__canary` or asks `canary.invalid`: a browser test looks for both.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::build::uid_of;
use crate::cluster::Cluster;
use crate::kinds::KINDS;
use crate::store::ApplyError;

/// Stands for a surrogate without its other half, which only the bytes on the wire can hold.
const SURROGATE: char = '\u{e0ff}';
/// Bytes of the message that is cut.
const MEGABYTE: usize = 1_048_576;

/// How the service with messages of that size is called, and the service that it is made from.
const MEGABYTE_NAME: &str = "megabyte-";
const HUGE: &str = "identity-sync";

/// Services with something wrong, so that findings quote them; each hostile text gets two.
const MODELS: [&str; 15] = [
    "dns-editor",
    "control-panel",
    "mail-quota",
    "mail-search",
    "ticket-inbox",
    "chat-widget",
    "status-page",
    "faq-search",
    "coupon-api",
    "whois-proxy",
    "old-banner",
    "cdn-purger",
    "spam-report",
    "partner-feed-legacy",
    "dunning",
];

/// Every hostile text.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "<script>window.__canary=1</script>",
        "</script><script src=//canary.invalid/x.js></script>",
        "</title></style></textarea></noscript><script>window.__canary=1</script>",
        "\"><img src=//canary.invalid/i onerror=window.__canary=1>",
        "'><svg/onload=window.__canary=1>",
        "\" autofocus onfocus=window.__canary=1 onmouseover='window.__canary=1' x=\"",
        "<base href=//canary.invalid/><meta http-equiv=refresh content=0;url=//canary.invalid>",
        "<style>@import '//canary.invalid/s.css'</style><link rel=stylesheet href=//canary.invalid/l>",
        "--><form action=//canary.invalid><button formaction=javascript:window.__canary=1>",
        "javascript:window.__canary=1//",
        "data:text/html,<script>window.__canary=1</script>",
        "&lt;script&gt;&#60;img src=x onerror=window.__canary=1&#62;",
        "{{constructor.constructor('window.__canary=1')()}}${window.__canary=1}<%= 1 %>{ $name } { -term }",
        "[a](javascript:window.__canary=1)![b](//canary.invalid/b.png)<m>x</m><b>",
        "\u{202e}gpj.exe\u{2066}abc\u{2069}\u{202c}\u{200f}",
        "zero\u{200b}\u{200d}\u{2060}\u{feff}width\u{ad}\u{e0041}\u{e000}",
        "nul\0bel\u{7}del\u{7f}",
        "\u{1b}[31;1mred\u{1b}]0;title\u{7}\u{1b}[2J",
        "a\r\nset-cookie: canary=1\r\n\r\nevent: revision\ndata: {\"revision\":9}\n\n",
        "=HYPERLINK(\"//canary.invalid\")",
        "@SUM(1)|'); drop table transitions;--\\",
        "../../..//canary.invalid/%2e%2e%2f%00?at=x&q=%22#",
        "שלום مرحبا بالعالم ",
    ]
    .map(str::to_owned)
    .into();
    // A flood of marks over one letter; an unbroken line; a name as long as one may be, which nothing packs; half a
    // character.
    texts.push(format!("Z{}", "\u{300}\u{489}\u{36f}".repeat(60)));
    texts.push("W".repeat(200));
    texts.push((0..5_u32).map(|n| uid_of(&["noise", &n.to_string()])).collect());
    texts.push(format!("half{SURROGATE}"));
    texts
}

/// Puts the hostile cast into the clusters of a story; returns how many objects that made.
///
/// From its second `round` on, states are turned round and images and messages are others, so that histories have
/// something to tell.
pub(crate) fn put(clusters: &[Cluster], round: u32) -> Result<usize, ApplyError> {
    let texts = texts();
    let mut count = 0;
    for cluster in clusters {
        let mut models: BTreeMap<&str, Vec<Model>> = BTreeMap::new();
        for kind in KINDS {
            for object in cluster.list(kind.plural) {
                let model = MODELS.iter().chain([&HUGE]).find(|service| is_of(&object, service));
                if let Some(service) = model {
                    models.entry(service).or_default().push((kind.plural, object));
                }
            }
        }
        let mut copy = |turn: Turn<'_>, service: &str| -> Result<(), ApplyError> {
            for (plural, object) in models.get(service).into_iter().flatten() {
                turn.put(cluster, plural, object.clone())?;
                count += 1;
            }
            Ok(())
        };
        for (nth, text) in texts.iter().enumerate() {
            for (thorough, step) in [(true, 0), (false, 7)] {
                copy(Turn { text, round, thorough }, MODELS[(nth + step) % MODELS.len()])?;
            }
        }
        copy(Turn { text: MEGABYTE_NAME, round, thorough: false }, HUGE)?;
    }
    Ok(count)
}

/// An object to copy, with its resource.
type Model = (&'static str, Value);

/// How a service is turned.
struct Turn<'a> {
    text: &'a str,
    round: u32,
    /// Reasons and types of conditions too, which rules read.
    thorough: bool,
}

impl Turn<'_> {
    /// Writes an object in its hostile form.
    fn put(&self, cluster: &Cluster, plural: &str, mut object: Value) -> Result<(), ApplyError> {
        self.object(&mut object);
        if !self.text.contains(SURROGATE) {
            return cluster.apply(object).map(drop);
        }
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        let (name, namespace) = (text("name"), text("namespace"));
        object["metadata"]["resourceVersion"] = json!((cluster.resource_version() + 1).to_string());
        cluster.put_raw(plural, &namespace, &name, object.to_string().replace(SURROGATE, "\\ud800"))
    }

    fn object(&self, object: &mut Value) {
        if let Some(fields) = object.as_object_mut() {
            for (key, value) in fields {
                self.value(key, value);
            }
        }
        let annotations = &mut object["metadata"]["annotations"];
        if !annotations.is_object() {
            *annotations = json!({});
        }
        annotations[self.text] = json!(self.text);
        annotations["landfall.dev/note"] = json!(self.text);
        annotations["link.argocd.argoproj.io/canary"] = json!(format!("{}x", self.text));
        if self.round > 1 && object["kind"] == "Application" {
            for (path, from, to) in [
                ("sync", "Synced", "OutOfSync"),
                ("health", "Healthy", "Degraded"),
                ("sync", "OutOfSync", "Synced"),
            ] {
                let status = &mut object["status"][path]["status"];
                if *status == from {
                    *status = json!(to);
                    break;
                }
            }
        }
    }

    fn value(&self, key: &str, value: &mut Value) {
        match value {
            Value::String(text) if key == "uid" => *text = uid_of(&[self.text, text]),
            Value::String(text) if !self.keeps(key, text) => {
                let again = if self.round > 1 && matches!(key, "message" | "image" | "imageID" | "images") {
                    "again-"
                } else {
                    ""
                };
                let long = if key == "message" && self.text == MEGABYTE_NAME {
                    "A".repeat(MEGABYTE)
                } else {
                    String::new()
                };
                *text = format!("{}{again}{text}{long}", self.text);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(key, item)),
            Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| self.value(key, value)),
            _ => {}
        }
    }

    /// What ties objects together or is a word of the protocol.
    fn keeps(&self, key: &str, text: &str) -> bool {
        let word = matches!(
            key,
            "apiVersion"
                | "kind"
                | "group"
                | "version"
                | "resourceVersion"
                | "server"
                | "phase"
                | "status"
                | "syncPolicy"
        );
        let rule = !self.thorough && matches!(key, "reason" | "type");
        let tie = matches!(text, "" | "argocd" | "stg" | "True" | "False" | "Unknown");
        word || rule || tie || text.parse::<Timestamp>().is_ok()
    }
}

/// Whether an object belongs to a service of the story: by its namespace, or an Application by its name.
fn is_of(object: &Value, service: &str) -> bool {
    let metadata = |key: &str| object["metadata"][key].as_str().unwrap_or_default();
    let own = metadata("name").strip_prefix(service).is_some_and(|rest| {
        matches!(rest, "-production" | "-staging") || rest.strip_prefix("-pr-").is_some()
    });
    match object["kind"].as_str() {
        Some("Application") => own,
        Some("Namespace") => metadata("name") == service,
        _ => metadata("namespace")
            .strip_prefix(service)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("-pr-")),
    }
}
