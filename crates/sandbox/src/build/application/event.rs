//! Events about an Application, as Argo CD writes them.

use super::{ARGO_VERSION, Application, set};
use jiff::Timestamp;
use serde_json::{Value, json};

impl Application {
    /// An Event on this Application, as Argo CD records them.
    pub fn event(&self, at: Timestamp, reason: &str, message: &str, warning: bool, nth: u64) -> Value {
        let component = "argocd-application-controller";
        self.event_by(component, None, at, reason, message, warning, nth)
    }

    /// An Event by a given component and user.
    #[expect(clippy::too_many_arguments, reason = "an Event is that wide")]
    pub fn event_by(
        &self,
        component: &str,
        user: Option<&str>,
        at: Timestamp,
        reason: &str,
        message: &str,
        warning: bool,
        nth: u64,
    ) -> Value {
        let key = if self.by_name { "dest-name" } else { "dest-server" };
        let mut annotations = json!({ "dest-namespace": self.to_namespace, key: self.destination });
        if let Some(user) = user {
            set(&mut annotations, "user", user);
        }
        let involved = json!({
            "apiVersion": ARGO_VERSION, "kind": "Application", "name": self.name, "namespace": self.namespace,
            "uid": self.uid(),
        });
        let mut event =
            super::super::event(&self.namespace, &involved, component, at, reason, message, warning, nth);
        event["metadata"]["annotations"] = annotations;
        event
    }
}
