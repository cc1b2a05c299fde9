//! The smaller objects: Namespaces, Services, Ingresses, Jobs, AppProjects, ApplicationSets, routes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::application::ARGO_VERSION;
use super::{time, uid_of};

fn metadata(
    resource: &str,
    namespace: &str,
    name: &str,
    created: Timestamp,
    tracking: Option<&str>,
) -> Value {
    let mut metadata = json!({
        "creationTimestamp": time(created), "name": name, "uid": uid_of(&[resource, namespace, name]),
    });
    if !matches!(resource, "namespaces" | "services") {
        metadata["generation"] = 1.into();
    }
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    if let Some(id) = tracking {
        metadata["annotations"] = json!({ "argocd.argoproj.io/tracking-id": id });
        metadata["labels"] = json!({ "app.kubernetes.io/name": name });
    }
    metadata
}

/// A Namespace.
pub fn namespace(name: &str, created: Timestamp) -> Value {
    let mut metadata = metadata("namespaces", "", name, created, None);
    metadata["labels"] = json!({ "kubernetes.io/metadata.name": name });
    json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    })
}

/// A Service in front of a workload.
pub fn service(app: &str, namespace: &str, name: &str, created: Timestamp) -> Value {
    let id = format!("{app}:/Service:{namespace}/{name}");
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": metadata("services", namespace, name, created, Some(&id)),
        "spec": {
            "clusterIP": "10.96.12.7", "clusterIPs": ["10.96.12.7"], "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
            "ports": [{ "port": 80, "protocol": "TCP", "targetPort": 8080 }],
            "selector": { "app.kubernetes.io/name": name }, "sessionAffinity": "None", "type": "ClusterIP",
        },
        "status": { "loadBalancer": {} },
    })
}

/// An Ingress for a host.
pub fn ingress(app: &str, namespace: &str, name: &str, host: &str, created: Timestamp) -> Value {
    let id = format!("{app}:networking.k8s.io/Ingress:{namespace}/{name}");
    let backend = json!({ "service": { "name": name, "port": { "number": 80 } } });
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": metadata("ingresses", namespace, name, created, Some(&id)),
        "spec": { "ingressClassName": "nginx", "rules": [{
            "host": host, "http": { "paths": [{ "backend": backend, "path": "/", "pathType": "Prefix" }] },
        }] },
        "status": { "loadBalancer": { "ingress": [{ "ip": "203.0.113.20" }] } },
    })
}

/// A finished Job of a CronJob.
pub fn job(
    namespace: &str,
    cron_job: &str,
    owner_uid: &str,
    name: &str,
    started: Timestamp,
    image: &str,
) -> Value {
    let at = time(started);
    json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {
            "annotations": { "batch.kubernetes.io/cronjob-scheduled-timestamp": at }, "creationTimestamp": at,
            "generation": 1, "labels": { "app.kubernetes.io/name": cron_job, "batch.kubernetes.io/job-name": name },
            "name": name, "namespace": namespace, "uid": uid_of(&["jobs", namespace, name]),
            "ownerReferences": [{
                "apiVersion": "batch/v1", "blockOwnerDeletion": true, "controller": true, "kind": "CronJob",
                "name": cron_job, "uid": owner_uid,
            }],
        },
        "spec": {
            "backoffLimit": 6, "completionMode": "NonIndexed", "completions": 1, "parallelism": 1, "suspend": false,
            "template": {
                "metadata": { "labels": { "batch.kubernetes.io/job-name": name } },
                "spec": { "containers": [{ "image": image, "name": "app", "resources": {} }], "restartPolicy": "OnFailure" },
            },
        },
        "status": {
            "completionTime": at, "ready": 0, "startTime": at, "succeeded": 1, "terminating": 0,
            "conditions": [{
                "lastProbeTime": at, "lastTransitionTime": at, "message": "Reached expected number of succeeded pods",
                "reason": "CompletionsReached", "status": "True", "type": "Complete",
            }],
        },
    })
}

/// An AppProject.
pub fn project(name: &str, created: Timestamp) -> Value {
    json!({
        "apiVersion": ARGO_VERSION, "kind": "AppProject",
        "metadata": metadata("appprojects", "argocd", name, created, None),
        "spec": {
            "clusterResourceWhitelist": [{ "group": "", "kind": "Namespace" }],
            "description": format!("The services of {name}"),
            "destinations": [{ "namespace": "*", "server": "*" }],
            "orphanedResources": { "warn": true }, "sourceRepos": ["https://git.hosting.example/*"],
        },
    })
}

/// An Application that an ApplicationSet made: name, sync, health.
pub type Child = (String, &'static str, &'static str);

/// An ApplicationSet that makes previews of labelled pull requests.
pub fn preview_set(
    name: &str,
    repo: &str,
    created: Timestamp,
    changed: Timestamp,
    children: &[Child],
) -> Value {
    let at = time(changed);
    let list: Vec<Value> = children
        .iter()
        .map(|(name, sync, health)| {
            json!({
                "group": "argoproj.io", "health": { "status": health }, "kind": "Application", "name": name,
                "namespace": "argocd", "status": sync, "version": "v1alpha1",
            })
        })
        .collect();
    let up_to_date = "All applications have been generated successfully";
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({ "lastTransitionTime": at, "message": message, "reason": reason, "status": status, "type": kind });
    let mut status = json!({
        "conditions": [
            condition("ErrorOccurred", "False", "ApplicationSetUpToDate", up_to_date),
            condition("ParametersGenerated", "True", "ParametersGenerated",
                      "Successfully generated parameters for all Applications"),
            condition("ResourcesUpToDate", "True", "ApplicationSetUpToDate", up_to_date),
        ],
        "health": { "message": up_to_date, "status": "Healthy" },
    });
    if !list.is_empty() {
        status["resourcesCount"] = list.len().into();
        status["resources"] = list.into();
    }
    json!({
        "apiVersion": ARGO_VERSION, "kind": "ApplicationSet",
        "metadata": metadata("applicationsets", "argocd", name, created, None),
        "spec": {
            "generators": [{ "pullRequest": {
                "github": { "labels": ["preview"], "owner": "hosting", "repo": repo }, "requeueAfterSeconds": 60,
            } }],
            "goTemplate": true, "goTemplateOptions": ["missingkey=error"],
            "template": {
                "metadata": {
                    "annotations": {
                        "landfall.dev/head-sha": "{{.head_sha}}",
                        "landfall.dev/repo": format!("https://git.hosting.example/hosting/{repo}"),
                    },
                    "finalizers": ["resources-finalizer.argocd.argoproj.io"],
                    "labels": { "app.kubernetes.io/name": repo, "landfall.dev/pr": "{{.number}}", "preview": "yes" },
                    "name": format!("{repo}-pr-{{{{.number}}}}"),
                },
                "spec": {
                    "destination": {
                        "namespace": format!("{repo}-pr-{{{{.number}}}}"), "server": "https://kubernetes.default.svc",
                    },
                    "project": "previews",
                    "source": {
                        "kustomize": { "images": [format!("registry.hosting.example/hosting/{repo}:pr-{{{{.number}}}}-{{{{.head_short_sha_7}}}}")] },
                        "path": "deploy/preview", "repoURL": format!("https://git.hosting.example/hosting/{repo}.git"),
                        "targetRevision": "{{.head_sha}}",
                    },
                    "syncPolicy": { "automated": { "prune": true }, "syncOptions": ["CreateNamespace=true"] },
                },
            },
        },
        "status": status,
    })
}

/// A Gateway.
pub fn gateway(namespace: &str, name: &str, created: Timestamp) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": metadata("gateways", namespace, name, created, None),
        "spec": { "gatewayClassName": "nginx", "listeners": [{ "name": "http", "port": 80, "protocol": "HTTP" }] },
        "status": { "addresses": [{ "type": "IPAddress", "value": "203.0.113.21" }], "conditions": [{
            "lastTransitionTime": time(created), "message": "Gateway is programmed", "observedGeneration": 1,
            "reason": "Programmed", "status": "True", "type": "Programmed",
        }] },
    })
}

/// An HTTPRoute from a host to a workload's Service.
pub fn http_route(app: &str, namespace: &str, name: &str, host: &str, created: Timestamp) -> Value {
    let id = format!("{app}:gateway.networking.k8s.io/HTTPRoute:{namespace}/{name}");
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
        "metadata": metadata("httproutes", namespace, name, created, Some(&id)),
        "spec": {
            "hostnames": [host], "parentRefs": [{ "name": "edge", "namespace": "gateway" }],
            "rules": [{ "backendRefs": [{ "name": name, "port": 80 }] }],
        },
        "status": { "parents": [] },
    })
}
