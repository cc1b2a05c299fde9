//! Discovery: what is installed, in the plain and in the aggregated form.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::status;
use crate::cluster::Cluster;
use crate::kinds::{KINDS, Kind, KindId};

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const REVIEWS: [(&str, &str); 2] = [
    ("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    ("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
];
const AUTHORIZATION: &str = "authorization.k8s.io";

pub(super) fn version() -> Response<Body> {
    respond(&json!({
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36",
        "minCompatibilityMajor": "1", "minCompatibilityMinor": "35",
        "gitVersion": "v1.36.3", "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.26.8", "compiler": "gc", "platform": "linux/amd64",
    }))
}

/// `/api`
pub(super) fn core(cluster: &Cluster, headers: &HeaderMap) -> Response<Body> {
    if wants_aggregated(headers) {
        let kinds = installed(cluster, |kind| kind.group.is_empty());
        return aggregated(&[("", BTreeMap::from([("v1", kinds)]))]);
    }
    respond(&json!({
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:6443" }],
    }))
}

/// `/apis`
pub(super) fn groups(cluster: &Cluster, headers: &HeaderMap) -> Response<Body> {
    let groups = group_table(cluster);
    if wants_aggregated(headers) {
        return aggregated(&groups);
    }
    let groups: Vec<Value> = groups.iter().map(|(name, versions)| group_value(name, versions)).collect();
    respond(&json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups }))
}

/// `/apis/{group}`
pub(super) fn group(cluster: &Cluster, name: &str) -> Response<Body> {
    let groups = group_table(cluster);
    let Some((name, versions)) = groups.iter().find(|(group, _)| *group == name) else {
        return status::page_not_found();
    };
    let mut value = group_value(name, versions);
    value["kind"] = "APIGroup".into();
    value["apiVersion"] = "v1".into();
    respond(&value)
}

/// `/api/v1`, `/apis/{group}/{version}`
pub(super) fn group_version(cluster: &Cluster, group: &str, version: &str) -> Response<Body> {
    let kinds = installed(cluster, |kind| kind.group == group && kind.version == version);
    let reviews = group == AUTHORIZATION && version == "v1";
    if kinds.is_empty() && !reviews {
        return status::page_not_found();
    }
    let mut resources: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            let mut value = json!({
                "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
                "verbs": VERBS,
            });
            if !kind.short.is_empty() {
                value["shortNames"] = json!(kind.short);
            }
            value
        })
        .collect();
    if reviews {
        resources.extend(REVIEWS.map(|(name, kind)| {
            json!({ "name": name, "singularName": kind.to_lowercase(), "namespaced": false, "kind": kind,
                    "verbs": ["create"] })
        }));
    }
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    respond(&json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources,
    }))
}

type Versions = BTreeMap<&'static str, Vec<&'static Kind>>;

fn installed(cluster: &Cluster, fits: impl Fn(&Kind) -> bool) -> Vec<&'static Kind> {
    KINDS
        .iter()
        .enumerate()
        .filter(|(at, kind)| fits(kind) && cluster.0.access.installed(KindId(*at)))
        .map(|(_, kind)| kind)
        .collect()
}

fn group_table(cluster: &Cluster) -> Vec<(&'static str, Versions)> {
    let mut groups: Vec<(&'static str, Versions)> =
        vec![(AUTHORIZATION, BTreeMap::from([("v1", Vec::new())]))];
    for kind in installed(cluster, |kind| !kind.group.is_empty()) {
        let at = groups.iter().position(|(group, _)| *group == kind.group).unwrap_or_else(|| {
            groups.push((kind.group, BTreeMap::new()));
            groups.len() - 1
        });
        groups[at].1.entry(kind.version).or_default().push(kind);
    }
    groups
}

fn group_value(name: &str, versions: &Versions) -> Value {
    let list: Vec<Value> = versions
        .keys()
        .map(|version| json!({ "groupVersion": format!("{name}/{version}"), "version": version }))
        .collect();
    json!({ "name": name, "preferredVersion": list.first(), "versions": list })
}

fn wants_aggregated(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("g=apidiscovery.k8s.io") && accept.contains("v=v2"))
}

fn aggregated(groups: &[(&str, Versions)]) -> Response<Body> {
    let items: Vec<Value> = groups
        .iter()
        .map(|(name, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|(version, kinds)| {
                    let mut resources: Vec<Value> = kinds.iter().map(|kind| aggregated_resource(kind)).collect();
                    if *name == AUTHORIZATION {
                        resources.extend(REVIEWS.map(|(resource, kind)| {
                            json!({
                                "resource": resource, "scope": "Cluster", "singularResource": kind.to_lowercase(),
                                "responseKind": { "group": "", "version": "", "kind": kind }, "verbs": ["create"],
                            })
                        }));
                    }
                    json!({ "version": version, "resources": resources, "freshness": "Current" })
                })
                .collect();
            let metadata = if name.is_empty() { json!({}) } else { json!({ "name": name }) };
            json!({ "metadata": metadata, "versions": versions })
        })
        .collect();
    let mut response = respond(&json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items,
    }));
    let form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form));
    response
}

fn aggregated_resource(kind: &Kind) -> Value {
    // Built-in kinds leave the group and version of the answer empty, custom resources write them.
    let (group, version) = if kind.crd { (kind.group, kind.version) } else { ("", "") };
    let mut value = json!({
        "resource": kind.plural, "singularResource": kind.singular, "verbs": VERBS,
        "responseKind": { "group": group, "version": version, "kind": kind.kind },
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
    });
    if !kind.short.is_empty() {
        value["shortNames"] = json!(kind.short);
    }
    value
}

fn respond(value: &Value) -> Response<Body> {
    super::json(StatusCode::OK, format!("{value}\n"))
}
