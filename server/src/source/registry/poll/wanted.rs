//! Which repositories of a registry are looked at, and what of them is in use.

use std::collections::{BTreeMap, BTreeSet};

use landfall_model::{updater::settings::ImageSettings, view::Snapshot};

use crate::config::Registry;

/// Repositories by their path in the registry.
pub type Wanted = BTreeMap<String, Use>;

/// What of a repository is in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// That run, are meant to, or are reported.
    pub tags: BTreeSet<String>,
    /// That run or are meant to.
    pub digests: BTreeSet<String>,
    /// Policies of Image Updater that pick among its tags.
    pub policies: Vec<ImageSettings>,
}

/// Every repository of the registry that an image of the view names, and those of the configuration.
pub fn wanted(snapshot: &Snapshot, registry: &Registry) -> Wanted {
    let mut wanted: Wanted =
        registry.repositories.iter().map(|path| (path.clone(), Use::default())).collect();
    let environments = snapshot.services.iter().flat_map(|service| &service.environments);
    for image in
        environments.flat_map(|environment| environment.image.iter().chain(&environment.other_images))
    {
        let Some((host, path)) = image.repository.split_once('/') else { continue };
        if host != registry.host {
            continue;
        }
        let of = wanted.entry(path.to_owned()).or_default();
        if let Some(policy) = image.outlook.as_ref().and_then(|outlook| outlook.policy.as_ref())
            && !of.policies.contains(&policy.image)
        {
            of.policies.push(policy.image.clone());
        }
        let meant = image.meant.iter().chain(&image.reported).map(|one| (&one.tag, &one.digest));
        let running = image.running.iter().map(|one| (&one.tag, &one.digest));
        for (tag, digest) in meant.chain(running) {
            of.tags.extend(tag.iter().map(ToString::to_string));
            of.digests.extend(digest.iter().map(ToString::to_string));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use landfall_model::view::{Environment, Service};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_images_name_and_what_is_configured() {
        let image = |repository: &str, tag: &str| {
            json!({"repository": repository, "containers": [], "meant": [{"tag": tag, "digest": null}], "reported": [],
                   "running": [{"tag": tag, "digest": format!("sha256:{tag}"), "pods": 1, "ready": 1}],
                   "since": null, "since_exact": false, "chosen_by": ""})
        };
        let environment: Environment = serde_json::from_value(json!({
            "id": "a", "service": "web", "name": "production", "preview": false, "mapped_by": "", "instance": "main",
            "application": "argocd/app", "project": "default", "state": "healthy", "since_exact": true, "compared": [],
            "deployed": [], "manifests": [], "finalizers": [], "conditions": [], "workloads": [],
            "image": image("r.example:5000/hosting/web", "1"),
            "other_images": [image("r.example:5000/hosting/web", "2"), image("docker.io/library/nginx", "3")],
            "urls": [], "objects": 1, "objects_out_of_sync": 0, "sources": [],
        }))
        .unwrap();
        let service = Service {
            name: "web".into(),
            owner: None,
            repository: None,
            environments: vec![Arc::new(environment)],
            unassigned: false,
        };
        let view = Snapshot { services: vec![Arc::new(service)], ..Snapshot::default() };
        let registry =
            Registry { repositories: vec!["extra".into()], ..Registry::anonymous("r.example:5000") };
        let found = wanted(&view, &registry);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["extra", "hosting/web"]);
        assert_eq!(found["hosting/web"].tags.iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(found["hosting/web"].digests.len(), 2);
        let hub = wanted(&view, &Registry::anonymous("docker.io"));
        assert_eq!(hub.keys().collect::<Vec<_>>(), ["library/nginx"]);
    }
}
