//! The doctor's checks and its explanation of the mapping, against the sandbox.

use std::path::Path;

use landfall::{
    config::{Config, Variables},
    doctor::{self, Check, Outcome},
};
use landfall_sandbox::{Clock, World};

fn config(text: &str) -> Config {
    let _already = rustls::crypto::ring::default_provider().install_default();
    Config::parse(Path::new("landfall.toml"), text, &Variables::new())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

async fn checks(config: &Config) -> Vec<Check> {
    doctor::checks(config, &Variables::new())
        .await
        .into_iter()
        .filter(|check| check.about != "database")
        .collect()
}

fn find<'a>(checks: &'a [Check], about: &str, what: &str) -> &'a Check {
    checks
        .iter()
        .find(|check| check.about == about && check.what == what)
        .unwrap_or_else(|| panic!("no check `{what}` of {about} in {checks:#?}"))
}

#[tokio::test]
async fn a_world_without_faults_passes() {
    let world = World::story(1, Clock::real());
    let _running = world.start().await.unwrap();
    let config = config(&world.landfall_toml());
    let checks = checks(&config).await;
    // The story has one cluster whose pods may not be read.
    let failed: Vec<_> = checks.iter().filter(|check| check.outcome == Outcome::Fail).collect();
    assert!(failed.iter().all(|check| check.about == "cluster/ssl" && check.what == "pods"), "{failed:#?}");
    assert!(find(&checks, "cluster/prod", "reached").found.starts_with("Kubernetes v1."));
    assert_eq!(find(&checks, "cluster/prod", "pods").found, "list, watch");
    assert_eq!(find(&checks, "cluster/prod", "clock").outcome, Outcome::Ok);
    assert!(find(&checks, "argocd/main", "Applications").found.ends_with("in namespace argocd"));
    assert_eq!(world.violations(), [], "the doctor writes nothing but access reviews");
}

#[tokio::test]
async fn each_lack_is_named_with_the_way_to_mend_it() {
    let world = World::empty();
    let prod = world.cluster("prod");
    prod.forbid("pods", None).unwrap();
    prod.uninstall("rollouts").unwrap();
    prod.uninstall("applications").unwrap();
    let _running = world.start().await.unwrap();
    let checks = checks(&config(&world.landfall_toml())).await;
    let pods = find(&checks, "cluster/prod", "pods");
    assert_eq!((pods.outcome, pods.found.as_str()), (Outcome::Fail, "no permission to list and watch"));
    assert_eq!(pods.mend.as_deref(), Some("kubectl apply -f deploy/rbac.yaml"));
    let rollouts = find(&checks, "cluster/prod", "rollouts.argoproj.io");
    assert_eq!((rollouts.outcome, rollouts.found.as_str()), (Outcome::Ok, "not installed"));
    assert_eq!(find(&checks, "argocd/prod", "installed").outcome, Outcome::Fail);
}

#[tokio::test]
async fn a_token_that_is_refused_and_a_server_that_is_away() {
    let world = World::empty();
    world.cluster("prod").set_token(Some("right"));
    let running = world.start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "wrong\n").unwrap();
    let text = format!(
        "[[cluster]]\nname = \"prod\"\nserver = \"{}\"\ntoken_file = \"{}\"\n\
         [[cluster]]\nname = \"away\"\nserver = \"http://127.0.0.1:9\"\n",
        running.url("prod"),
        token.display(),
    );
    let config = config(&text);
    let refused = checks(&config).await;
    let credentials = find(&refused, "cluster/prod", "credentials");
    assert!(credentials.found.starts_with("credentials refused (401)"), "{credentials:?}");
    assert!(credentials.mend.as_deref().unwrap().contains(token.to_str().unwrap()), "{credentials:?}");
    assert_eq!(find(&refused, "cluster/away", "reached").outcome, Outcome::Fail);

    std::fs::write(&token, "right\n").unwrap();
    assert_eq!(find(&checks(&config).await, "cluster/prod", "credentials").outcome, Outcome::Ok);
}

#[tokio::test]
async fn every_application_is_explained() {
    let world = World::story(1, Clock::real());
    let _running = world.start().await.unwrap();
    let explained = doctor::explain(&config(&world.landfall_toml())).await;
    assert_eq!(explained.failures, []);
    let there: usize = world.clusters().iter().map(|cluster| cluster.list("applications").len()).sum();
    assert_eq!(explained.applications.len() + explained.unassigned.len(), there);
    for row in &explained.applications {
        assert!(row.why.contains("service:") && row.why.contains("environment:"), "{row:?}");
    }
    let text = doctor::table(&explained, false);
    assert!(text.starts_with("APPLICATION"), "{text}");
    assert_eq!(world.violations(), []);
}
