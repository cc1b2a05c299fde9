//! The doctor's checks and its explanation of the mapping, against the sandbox.

use std::path::Path;

use landfall::{
    config::{Config, Variables},
    doctor::{self, Check, Outcome},
};
use landfall_sandbox::{
    Clock, World,
    registry::{Dialect, Image, Registry, RegistryFault},
};

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
    assert_eq!(
        pods.mend.as_deref(),
        Some(
            "kubectl apply -f deploy/rbac.yaml, which has: \
             {apiGroups: [\"\"], resources: [pods], verbs: [get, list, watch]}"
        )
    );
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
         [[cluster]]\nname = \"away\"\nserver = \"http://127.0.0.1:9\"\n\
         [[argocd]]\nname = \"main\"\ncluster = \"away\"\n",
        running.url("prod"),
        token.display(),
    );
    let config = config(&text);
    let refused = checks(&config).await;
    let credentials = find(&refused, "cluster/prod", "credentials");
    assert!(credentials.found.starts_with("credentials refused (401)"), "{credentials:?}");
    assert!(credentials.mend.as_deref().unwrap().contains(token.to_str().unwrap()), "{credentials:?}");
    assert_eq!(find(&refused, "cluster/away", "reached").outcome, Outcome::Fail);
    let instance = find(&refused, "argocd/main", "installed");
    assert_eq!(
        (instance.outcome, instance.found.as_str()),
        (Outcome::Warn, "not checked: cluster/away is not reached")
    );

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

/// Rights in some namespaces only: what is missing is named for each, a Namespace itself by its name.
#[tokio::test]
async fn what_is_missing_in_a_namespace_is_named_there() {
    let world = World::empty();
    let prod = world.cluster("prod");
    prod.forbid("pods", Some("b")).unwrap();
    prod.forbid("namespaces", None).unwrap();
    let _running = world.start().await.unwrap();
    let text =
        world.landfall_toml().replacen("[[cluster]]\n", "[[cluster]]\nnamespaces = [\"a\", \"b\"]\n", 1);
    let checks = checks(&config(&text)).await;
    assert_eq!(find(&checks, "cluster/prod", "pods in a").outcome, Outcome::Ok);
    let pods = find(&checks, "cluster/prod", "pods in b");
    assert_eq!(pods.outcome, Outcome::Fail);
    let mend = "in a Role in b, bound to Landfall's account: \
                {apiGroups: [\"\"], resources: [pods], verbs: [get, list, watch]}";
    assert_eq!(pods.mend.as_deref(), Some(mend));
    let namespaces = find(&checks, "cluster/prod", "namespaces in a");
    assert!(namespaces.mend.as_deref().unwrap().contains("resourceNames: [a]"), "{namespaces:?}");
}

#[tokio::test]
async fn an_old_server_and_what_is_no_api_server() {
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};
    for (answer, found) in [
        (
            ResponseTemplate::new(200).set_body_string(r#"{"minor":"19","gitVersion":"v1.19.3"}"#),
            "v1.19.3: too old",
        ),
        (ResponseTemplate::new(200).set_body_string("<html>welcome</html>"), "broken answer"),
        (ResponseTemplate::new(404).set_body_string("not here"), "the server answered 404"),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/version")).respond_with(answer).mount(&server).await;
        let checks =
            checks(&config(&format!("[[cluster]]\nname = \"a\"\nserver = \"{}\"\n", server.uri()))).await;
        let reached = find(&checks, "cluster/a", "reached");
        assert_eq!(reached.outcome, Outcome::Fail);
        assert!(reached.found.contains(found) && reached.mend.is_some(), "{reached:?}");
    }
}

#[tokio::test]
async fn forges_are_asked_and_each_lack_has_its_way_to_mend_it() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let forge = landfall_sandbox::forge::Forge::new(landfall_sandbox::Clock::real());
    forge.let_in("hunter2", "landfall");
    forge.open("shop/web", 1, "One", "mika", "one");
    let running = forge.start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let (good, bad) = (file("good", "hunter2"), file("bad", "hunter3"));
    let about = "forge/git";
    let look = async |keys: &str| {
        let url = &running.url;
        let checks = checks(&config(&format!("[[forge]]\nname = \"git\"\nurl = \"{url}\"\n{keys}\n"))).await;
        checks.into_iter().filter(|check| check.about == about).collect::<Vec<_>>()
    };
    let here = "plain_http = true\nallow_private = true\n";
    let repositories = "repositories = [\"shop/web\", \"shop/none\"]\n";
    for kind in ["github", "gitlab", "gitea"] {
        let keys = format!("kind = \"{kind}\"\n{here}{repositories}token_file = \"{good}\"");
        let well = look(&keys).await;
        assert_eq!(find(&well, about, "credentials").found, "landfall is accepted", "{kind}");
        assert_eq!(find(&well, about, "shop/web").found, "1 open pull requests", "{kind}");
        assert_eq!(find(&well, about, "shop/none").outcome, Outcome::Fail, "{kind}");
        if kind == "github" {
            assert!(find(&well, about, "budget").found.ends_with(" of 5000 requests are left"));
        }
        let ill = look(&format!("kind = \"{kind}\"\n{here}token_file = \"{bad}\"")).await;
        let check = find(&ill, about, "credentials");
        assert_eq!(
            (check.outcome, check.found.as_str()),
            (Outcome::Fail, "credentials refused (401): without a word")
        );
        assert!(check.mend.as_ref().is_some_and(|mend| mend.contains("the present one")), "{check:?}");
    }
    for (keys, what, said) in [
        (format!("plain_http = true\ntoken_file = \"{good}\""), "reached", "allow_private = true"),
        (format!("{here}token_file = \"/nowhere\""), "credentials", "correct the path"),
        (format!("{here}app_id = 7\nprivate_key_file = \"{good}\""), "credentials", "correct the path"),
        (format!("{here}webhook_secret_file = \"/nowhere\""), "webhooks", "webhook_secret_file"),
    ] {
        let checks = look(&keys).await;
        let check = find(&checks, about, what);
        assert_eq!(check.outcome, Outcome::Fail, "{check:?}");
        assert!(check.mend.as_ref().is_some_and(|mend| mend.contains(said)), "{check:?}");
    }
    assert_eq!(look("links_only = true").await[0].found, "linked to only, as `links_only` says");
}

#[tokio::test]
async fn registries_are_asked_and_each_lack_has_its_way_to_mend_it() {
    let harbor = Registry::new(Dialect::Harbor);
    harbor.protect("me", "hunter2");
    harbor.push("hosting/web", "1", &Image::plain("a", "2026-11-20T10:00:00Z"));
    let running = harbor.start().await.unwrap();
    let host = &running.host;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let (good, bad) = (file("good", "hunter2"), file("bad", "hunter3"));
    let here = "plain_http = true\nallow_private = true\n";
    let user = |password: &str| format!("auth = {{ username = \"me\", password_file = \"{password}\" }}\n");
    let look = async |keys: &str| {
        let checks = checks(&config(&format!("[[registry]]\nhost = \"{host}\"\n{keys}"))).await;
        checks.into_iter().filter(|check| check.about == format!("registry/{host}")).collect::<Vec<_>>()
    };
    let about = format!("registry/{host}");

    let keys = format!("{here}repositories = [\"hosting/web\", \"hosting/none\"]\n{}", user(&good));
    let well = look(&keys).await;
    assert_eq!(find(&well, &about, "credentials").found, "me is accepted");
    assert_eq!(find(&well, &about, "hosting/web").found, "1 tags");
    assert_eq!(find(&well, &about, "hosting/none").outcome, Outcome::Fail);
    assert_eq!(find(&well, &about, "use").found, "asked every 120 s, at most 300 requests in a minute");

    for (keys, what, outcome, found, mend) in [
        (
            format!("{here}{}", user(&bad)),
            "credentials",
            Outcome::Fail,
            "credentials refused (401)",
            "the password of me",
        ),
        (here.to_owned(), "credentials", Outcome::Warn, "credentials refused (401)", "give `auth`"),
        (
            format!("{here}{}", user("/nowhere")),
            "credentials",
            Outcome::Fail,
            "cannot read /nowhere",
            "correct the path",
        ),
        (
            "plain_http = true\n".to_owned(),
            "reached",
            Outcome::Fail,
            "private network",
            "allow_private = true",
        ),
        ("allow_private = true\n".to_owned(), "reached", Outcome::Fail, "connection", "plain_http = true"),
    ] {
        let checks = look(&keys).await;
        let check = find(&checks, &about, what);
        assert_eq!(check.outcome, outcome, "{check:?}");
        assert!(check.found.contains(found), "{check:?}");
        assert!(check.mend.as_ref().is_some_and(|way| way.contains(mend)), "{check:?}");
    }
    harbor.inject(RegistryFault::Realm("https://auth.example/token".into()));
    let checks = look(&format!("{here}{}", user(&good))).await;
    let mend = find(&checks, &about, "credentials").mend.clone().unwrap();
    assert!(mend.contains("auth_hosts = [\"auth.example\"]"), "{mend}");
    harbor.reset_counters();
    let checks = look("links_only = true\n").await;
    assert_eq!((checks.len(), checks[0].outcome), (1, Outcome::Ok));
    assert_eq!(harbor.counters().of(""), 0);
}
