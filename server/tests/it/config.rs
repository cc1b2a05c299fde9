//! What other parts of the repository write as configuration is understood.

use std::path::Path;

use landfall::config::{Config, Variables};
use landfall_sandbox::{Clock, World};

fn parse(text: &str) -> Config {
    Config::parse(Path::new("landfall.toml"), text, &Variables::new())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[tokio::test]
async fn the_configuration_of_a_world_is_understood() {
    let world = World::with_clusters(&["prod", "stg"], Clock::real());
    let _running = world.start().await.unwrap();
    let config = parse(&world.landfall_toml());
    assert_eq!(config.clusters.len(), 2);
    assert_eq!(config.instances.len(), 2);
    assert!(config.check_serve(false).is_ok());
}

#[test]
fn the_configuration_of_the_chart_is_understood() {
    let values = include_str!("../../../deploy/chart/landfall/values.yaml");
    let values: serde_yaml_ng::Value = serde_yaml_ng::from_str(values).unwrap();
    let config = parse(values["config"].as_str().unwrap());
    assert!(matches!(config.clusters[0].access, landfall::config::Access::InCluster(_)));
}

#[test]
fn the_permissions_that_are_shipped_are_those_that_are_used_and_no_more() {
    use landfall::watch::resource::Resource;
    use landfall_model::index::{ARGOCD_KINDS, CLUSTER_KINDS};
    use std::collections::BTreeSet;

    let file = include_str!("../../../deploy/rbac.yaml");
    let mut granted = BTreeSet::new();
    for document in serde_yaml_ng::Deserializer::from_str(file) {
        let document: serde_yaml_ng::Value = serde::Deserialize::deserialize(document).unwrap();
        let rules = document.get("rules").and_then(|rules| rules.as_sequence().cloned()).unwrap_or_default();
        for rule in rules {
            let texts = |key: &str| -> Vec<String> { serde_yaml_ng::from_value(rule[key].clone()).unwrap() };
            for verb in texts("verbs") {
                assert!(["get", "list", "watch"].contains(&verb.as_str()), "{verb}");
            }
            for group in texts("apiGroups") {
                granted.extend(texts("resources").into_iter().map(|plural| (group.clone(), plural)));
            }
        }
    }
    let used: BTreeSet<_> = CLUSTER_KINDS
        .iter()
        .chain(ARGOCD_KINDS)
        .map(|kind| Resource::of(*kind))
        .map(|resource| (resource.group.to_owned(), resource.plural.to_owned()))
        .collect();
    assert_eq!(granted, used);
}
