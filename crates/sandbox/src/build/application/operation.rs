//! The operation that is asked for, and the one that runs or ran, with a result per object.

use super::{Application, Initiator, Managed, Operation, set};
use crate::build::time;
use serde_json::{Value, json};

pub(super) fn initiated(by: &Initiator) -> Value {
    match by {
        Initiator::Automated => json!({ "automated": true }),
        Initiator::User(name) => json!({ "username": name }),
    }
}

impl Application {
    pub(super) fn operation_value(&self, operation: &Operation) -> Value {
        let mut sync = json!({ "revision": operation.revision, "syncOptions": ["CreateNamespace=true"] });
        let retry = match operation.by {
            Initiator::Automated => {
                set(&mut sync, "prune", true);
                set(&mut sync, "source", self.source(self.image.as_deref()));
                json!({ "limit": 5 })
            }
            Initiator::User(_) => json!({}),
        };
        json!({ "initiatedBy": initiated(&operation.by), "retry": retry, "sync": sync })
    }

    pub(super) fn operation_state(&self, operation: &Operation) -> Value {
        let mut state = json!({
            "operation": self.operation_value(operation), "phase": operation.phase, "startedAt": time(operation.started),
        });
        if !operation.message.is_empty() {
            set(&mut state, "message", operation.message.as_str());
        }
        if let Some(at) = operation.finished {
            set(&mut state, "finishedAt", time(at));
        }
        if operation.retries > 0 {
            set(&mut state, "retryCount", operation.retries);
        }
        if let Some(images) = &operation.images {
            let resources: Vec<Value> = self
                .resources
                .iter()
                .map(|resource| Self::result_of(resource, operation, images, &self.to_namespace))
                .collect();
            state["syncResult"] = json!({
                "resources": resources, "revision": operation.revision, "source": self.source(self.image.as_deref()),
            });
        }
        state
    }

    pub(super) fn result_of(
        resource: &Managed,
        operation: &Operation,
        images: &[String],
        namespace: &str,
    ) -> Value {
        let kind = resource.kind.to_lowercase();
        let named = if resource.group.is_empty() { kind } else { format!("{kind}.{}", resource.group) };
        let mut result = json!({
            "group": resource.group, "hookPhase": "Running", "kind": resource.kind,
            "message": format!("{named}/{} configured", resource.name), "name": resource.name, "namespace": namespace,
            "status": "Synced", "syncPhase": "Sync", "version": resource.version,
        });
        if let Some((failed, message)) = &operation.failed
            && *failed == resource.kind
        {
            set(&mut result, "hookPhase", "Failed");
            set(&mut result, "message", message.as_str());
            set(&mut result, "status", "SyncFailed");
        }
        if matches!(resource.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Rollout") {
            result["images"] = json!(images);
        }
        result
    }
}
