//! What may be read: one SelfSubjectAccessReview per verb, kind and namespace.

use futures::{StreamExt as _, stream};
use serde::Deserialize;

use super::{Check, Outcome};
use crate::watch::{Failure, Server, resource::Plan};

const PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const VERBS: [&str; 2] = ["list", "watch"];

#[derive(Debug, Deserialize)]
struct Review {
    status: Option<Status>,
}

#[derive(Debug, Deserialize)]
struct Status {
    #[serde(default)]
    allowed: bool,
}

/// One check per plan: installed, and both verbs allowed.
pub async fn checks(server: &Server, about: &str, plans: &[Plan]) -> Vec<Check> {
    stream::iter(plans.iter().map(|plan| check(server, about, plan))).buffered(8).collect().await
}

async fn check(server: &Server, about: &str, plan: &Plan) -> Check {
    let what = match &plan.within {
        Some(namespace) => format!("{} in {namespace}", plan.resource.qualified()),
        None => plan.resource.qualified(),
    };
    match server.find(&plan.resource).await {
        Ok(_) => {}
        Err(Failure::Absent) => return Check::new(about, what, Outcome::Ok, "not installed"),
        Err(failure) => return Check::new(about, what, Outcome::Fail, failure.to_string()),
    }
    let mut denied = Vec::new();
    for verb in VERBS {
        match allowed(server, plan, verb).await {
            Ok(true) => {}
            Ok(false) => denied.push(verb),
            Err(failure) => {
                return Check::new(
                    about,
                    what,
                    Outcome::Warn,
                    format!("permission cannot be asked: {failure}"),
                );
            }
        }
    }
    if denied.is_empty() {
        return Check::new(about, what, Outcome::Ok, "list, watch");
    }
    Check::new(about, what, Outcome::Fail, format!("no permission to {}", denied.join(" and ")))
        .mend(rule_to_add(plan))
}

/// The rule that is missing, and where it belongs.
pub fn rule_to_add(plan: &Plan) -> String {
    let resource = &plan.resource;
    let named = match &plan.within {
        Some(namespace) if !resource.namespaced => format!(", resourceNames: [{namespace}]"),
        _ => String::new(),
    };
    let rule = format!(
        "{{apiGroups: [\"{}\"], resources: [{}]{named}, verbs: [get, list, watch]}}",
        resource.group, resource.plural
    );
    match &plan.within {
        Some(namespace) if resource.namespaced => {
            format!("in a Role in {namespace}, bound to Landfall's account: {rule}")
        }
        Some(_) => format!("in a ClusterRole, bound to Landfall's account: {rule}"),
        None => format!("kubectl apply -f deploy/rbac.yaml, which has: {rule}"),
    }
}

/// Whether the server knows us well enough to be asked.
pub async fn may_ask(server: &Server) -> Result<(), Failure> {
    ask(server, serde_json::json!({ "verb": "list", "group": "", "resource": "pods" })).await.map(drop)
}

async fn allowed(server: &Server, plan: &Plan, verb: &str) -> Result<bool, Failure> {
    let mut attributes = serde_json::json!({
        "verb": verb,
        "group": plan.resource.group,
        "resource": plan.resource.plural,
    });
    if let Some(namespace) = &plan.within {
        // Of the namespaces themselves one is asked for by name.
        let key = if plan.resource.namespaced { "namespace" } else { "name" };
        attributes[key] = serde_json::Value::from(&**namespace);
    }
    ask(server, attributes).await
}

async fn ask(server: &Server, attributes: serde_json::Value) -> Result<bool, Failure> {
    let review = serde_json::json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": attributes },
    });
    let answer: Review = server.review(PATH, &review).await?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}
