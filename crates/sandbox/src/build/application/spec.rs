//! What an Application asks for: source, destination, policies.

use super::Application;
use serde_json::{Value, json};

impl Application {
    pub(super) fn source(&self, image: Option<&str>) -> Value {
        let mut source = json!({ "path": self.path, "repoURL": self.repo, "targetRevision": self.target });
        if let Some(image) = image {
            source["kustomize"] = json!({ "images": [image] });
        }
        source
    }

    pub(super) fn destination(&self) -> Value {
        let key = if self.by_name { "name" } else { "server" };
        json!({ key: self.destination, "namespace": self.to_namespace })
    }

    pub(super) fn spec(&self) -> Value {
        let mut policy = json!({ "syncOptions": ["CreateNamespace=true"] });
        match self.automated {
            Some(true) => policy["automated"] = json!({ "prune": true, "selfHeal": false }),
            Some(false) => {
                policy["automated"] = json!({ "enabled": false, "prune": true, "selfHeal": false });
            }
            None => {}
        }
        json!({
            "destination": self.destination(), "project": self.project, "source": self.source(self.image.as_deref()),
            "syncPolicy": policy,
        })
    }
}
