//! Which service and environment an Application becomes, and why.

use landfall_model::{
    Interner, Text,
    mapping::{Mapped, Mapper},
    observe::{Application, ApplicationSet, Body, Destination, ObjectName},
    reduce::reduce,
    settings::{
        CatalogEntry, ClusterSettings, DestinationRule, EnvironmentRule, InstanceSettings, Settings,
        UPDATER_INTERVAL,
    },
    words::Kind,
};

fn text(s: &str) -> Text {
    Text::from(s)
}

/// An Application as JSON says it: labels and the owner go the whole way through `reduce`.
fn application(name: &str, namespace: &str, labels: &[(&str, &str)], set: Option<&str>) -> Application {
    let labels: serde_json::Map<_, _> = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
    let owners =
        set.map(|set| serde_json::json!([{"kind": "ApplicationSet", "name": set, "controller": true}]));
    let json = serde_json::json!({
        "metadata": {"name": name, "namespace": "argocd", "labels": labels, "ownerReferences": owners},
        "spec": {"destination": {"server": "https://kubernetes.default.svc", "namespace": namespace}},
    });
    let at = "2026-11-24T12:00:00Z".parse().expect("a time");
    let reduced =
        reduce(Kind::Application, "argocd/main", &json.to_string(), 0, at, &mut Interner::default());
    match reduced.expect("it has a name").observation.expect("it matters").body {
        Body::Application(app) => (*app).clone(),
        other => panic!("{other:?}"),
    }
}

fn name(name: &str) -> ObjectName {
    ObjectName { namespace: text("argocd"), name: text(name) }
}

fn map(
    settings: &Settings,
    app: &str,
    namespace: &str,
    labels: &[(&str, &str)],
    set: Option<&str>,
    preview: bool,
) -> Mapped {
    let mapper = Mapper::new(settings).expect("patterns compile");
    let previews = ApplicationSet { generators: vec![text("pullRequest")], ..ApplicationSet::default() };
    let previews = preview.then_some(&previews);
    mapper.map("main", &name(app), &application(app, namespace, labels, set), Some("hetzner"), previews)
}

#[test]
fn discovers_services_and_environments() {
    type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], Option<&'a str>, &'a str, &'a str, bool);
    let rows: &[Row<'_>] = &[
        // name, namespace, labels, set -> service, environment, assigned
        ("a", "b", &[("app.kubernetes.io/name", "web"), ("env", "prd")], None, "web", "production", true),
        ("a", "b", &[("service", "web"), ("environment", "eu-west")], None, "web", "eu-west", true),
        ("a", "b", &[("landfall.dev/service", "x"), ("service", "web")], None, "x", "b", true),
        ("checkout-prod", "checkout", &[], None, "checkout", "production", true),
        ("checkout-stg", "prod", &[], None, "checkout", "production", true),
        ("control-panel-qa", "control-panel-qa", &[], None, "control-panel", "test", true),
        ("dev-checkout", "x", &[], None, "checkout", "development", true),
        ("checkout-us-east", "us-east", &[], None, "checkout", "us-east", true),
        ("billing-eu", "billing", &[], Some("billing"), "billing", "billing", true),
        ("billing-prod", "x", &[], Some("fleet"), "billing", "production", true),
        // Only what is left does a wide label decide.
        ("cart-prod", "x", &[("app.kubernetes.io/instance", "fleet")], None, "cart", "production", true),
        ("cart", "x", &[("app.kubernetes.io/part-of", "shop")], None, "shop", "x", true),
        ("search", "tools", &[], None, "search", "tools", false),
        ("search", "", &[], None, "search", "-", false),
        ("search", "tools", &[("service", "")], None, "search", "tools", false),
    ];
    for (app, namespace, labels, set, service, environment, assigned) in rows {
        let mapped = map(&Settings::default(), app, namespace, labels, *set, false);
        let found = (&*mapped.service, &*mapped.environment, mapped.assigned, mapped.preview);
        assert_eq!(found, (*service, *environment, *assigned, false), "{app}: {}", mapped.mapped_by);
    }
}

#[test]
fn says_why() {
    let by = |app: &str, labels: &[(&str, &str)]| {
        map(&Settings::default(), app, "x", labels, None, false).mapped_by.text
    };
    assert_eq!(
        &*by("checkout-production", &[]),
        "service: Application name without -production; environment: Application name"
    );
    assert_eq!(
        &*by("a", &[("app.kubernetes.io/name", "web"), ("env", "dev")]),
        "service: label app.kubernetes.io/name; environment: label env"
    );
    assert_eq!(
        &*by("a", &[]),
        "service: no rule fits, the Application name as it is; environment: no rule fits, the namespace as it is"
    );
}

#[test]
fn the_cluster_is_the_last_hint() {
    let mapper = Mapper::new(&Settings::default()).expect("no patterns");
    let web = mapper.map("main", &name("web"), &application("web", "web", &[], None), Some("prod-eu"), None);
    assert_eq!(&*web.environment, "production");
}

#[test]
fn previews_are_named_by_their_pull_request() {
    let rows = [
        ("shop-pr-7", &[][..], Some("previews"), true, "shop", "pr-7"),
        ("shop-pr-7", &[], Some("shop-pr"), true, "shop", "pr-7"),
        ("shop-feature", &[("landfall.dev/pr", "12"), ("service", "shop")], None, false, "shop", "pr-12"),
        ("shop-feature", &[], Some("shop"), true, "shop", "shop-feature"),
    ];
    for (app, labels, set, preview_set, service, environment) in rows {
        let mapped = map(&Settings::default(), app, "prod", labels, set, preview_set);
        assert_eq!((&*mapped.service, &*mapped.environment), (service, environment), "{}", mapped.mapped_by);
        assert!(mapped.preview);
    }
    let not_one = map(&Settings::default(), "shop-pr-7", "prod", &[], None, false);
    assert!(!not_one.preview, "a name alone makes no preview");
}

#[test]
fn the_first_rule_that_fits_wins() {
    let rule = |name: &str| EnvironmentRule { name: text(name), ..EnvironmentRule::default() };
    let settings = Settings {
        environments: vec![
            EnvironmentRule { cluster: Some(text("other")), ..rule("nowhere") },
            EnvironmentRule { namespace: Some(text("*-production")), order: Some(1), ..rule("production") },
            EnvironmentRule {
                label: Some((text("tier"), text("{qa,uat}"))),
                order: Some(3),
                ..rule("acceptance")
            },
            EnvironmentRule {
                application: Some(text("main:argocd/*-branch-?")),
                preview: true,
                ..rule("branches")
            },
            EnvironmentRule { cluster: Some(text("hetz*")), namespace: Some(text("late")), ..rule("late") },
        ],
        ..Settings::default()
    };
    let environment = |app: &str, namespace: &str, labels: &[(&str, &str)]| {
        let mapped = map(&settings, app, namespace, labels, None, false);
        (mapped.environment.to_string(), mapped.preview)
    };
    assert_eq!(environment("a", "a-production", &[("tier", "uat")]), ("production".into(), false));
    assert_eq!(environment("a-dev", "b", &[("tier", "uat")]), ("acceptance".into(), false));
    assert_eq!(environment("a-branch-1", "b", &[]), ("branches".into(), true));
    assert_eq!(environment("a", "late", &[]), ("late".into(), false));
    assert_eq!(environment("a-dev", "b", &[]), ("development".into(), false), "no rule fits: discovered");
    let mapper = Mapper::new(&settings).expect("patterns compile");
    let mut names = ["-", "development", "zoo", "late", "staging", "acceptance", "production", "canary"];
    names.sort_by_key(|name| mapper.environment_rank(name));
    assert_eq!(names, ["production", "acceptance", "late", "canary", "staging", "development", "zoo", "-"]);
}

#[test]
fn the_catalogue_comes_first() {
    let entry = |name: &str, applications: &[&str]| CatalogEntry {
        name: text(name),
        owner: Some(text("team-a")),
        applications: applications.iter().map(|a| text(a)).collect(),
        repository: Some(text("https://forge.example/a")),
        ..CatalogEntry::default()
    };
    let settings = Settings {
        catalog: vec![
            entry("panel", &["control-*", "main:argocd/cp"]),
            entry("all-b", &["*-b"]),
            entry("cart", &[]),
        ],
        ..Settings::default()
    };
    let mapped = |app: &str, labels: &[(&str, &str)]| map(&settings, app, "prod", labels, None, false);
    let panel = mapped("control-b", &[("service", "x"), ("team", "team-z")]);
    assert_eq!((&*panel.service, panel.owner.as_deref(), panel.assigned), ("panel", Some("team-a"), true));
    assert_eq!(panel.repository.as_deref(), Some("https://forge.example/a"));
    assert_eq!(&*mapped("cp", &[]).service, "panel");
    assert_eq!(&*mapped("x-b", &[]).service, "all-b");
    let cart = mapped("cart-prod", &[]);
    assert_eq!((&*cart.service, cart.assigned), ("cart", true));
    let other = mapped("other-prod", &[("owner", "team-o")]);
    assert_eq!((&*other.service, other.owner.as_deref(), other.assigned), ("other", Some("team-o"), false));
    assert!(other.mapped_by.text.contains("not in the catalogue"), "{}", other.mapped_by);
}

#[test]
fn all_broken_patterns_are_told_with_their_places() {
    let settings = Settings {
        environments: vec![
            EnvironmentRule { name: text("a"), ..EnvironmentRule::default() },
            EnvironmentRule { name: text("b"), namespace: Some(text("{a")), ..EnvironmentRule::default() },
        ],
        catalog: vec![CatalogEntry {
            name: text("c"),
            applications: vec![text("*"), text("[")],
            ..CatalogEntry::default()
        }],
        ..Settings::default()
    };
    let error = Mapper::new(&settings).expect_err("two are broken");
    let keys: Vec<_> = error.0.iter().map(|error| &*error.key).collect();
    assert_eq!(keys, ["environment[1].namespace", "catalog[0].applications[1]"]);
    assert!(
        error.to_string().starts_with("environment[1].namespace: the pattern \"{a\" is not valid: "),
        "{error}"
    );
}

#[test]
fn destinations_become_clusters() {
    let rule = |server: Option<&str>, name: Option<&str>, cluster: &str| DestinationRule {
        server: server.map(text),
        name: name.map(text),
        cluster: text(cluster),
    };
    let instance = |name: &str, destinations| InstanceSettings {
        name: text(name),
        cluster: text("home"),
        url: None,
        namespace: text("argocd"),
        destinations,
        updater_interval: UPDATER_INTERVAL,
    };
    let settings = Settings {
        clusters: ["home", "edge"].map(|name| ClusterSettings { name: text(name) }).into(),
        instances: vec![
            instance(
                "main",
                vec![rule(Some("https://10.0.0.1:6443/"), None, "edge"), rule(None, Some("old"), "edge")],
            ),
            instance("odd", vec![rule(Some("https://kubernetes.default.svc"), None, "edge")]),
        ],
        ..Settings::default()
    };
    let mapper = Mapper::new(&settings).expect("no patterns");
    let resolve = |instance: &str, server: Option<&str>, name: Option<&str>| {
        let destination = Destination { server: server.map(text), name: name.map(text), namespace: None };
        mapper.resolve_destination(instance, &destination).map(|cluster| cluster.to_string())
    };
    for (instance, server, name, cluster) in [
        ("main", Some("https://kubernetes.default.svc"), None, Some("home")),
        ("main", Some("https://kubernetes.default.svc/"), None, Some("home")),
        ("main", None, Some("in-cluster"), Some("home")),
        ("main", Some("https://10.0.0.1:6443"), None, Some("edge")),
        ("main", None, Some("old"), Some("edge")),
        ("main", None, Some("edge"), Some("edge")),
        ("main", None, Some("elsewhere"), None),
        ("main", None, None, None),
        ("odd", Some("https://kubernetes.default.svc"), None, Some("edge")),
        ("unknown", None, Some("edge"), None),
    ] {
        assert_eq!(resolve(instance, server, name).as_deref(), cluster, "{instance} {server:?} {name:?}");
    }
}

/// Patterns are compiled once, not per Application: otherwise this alone would take minutes.
#[test]
fn ten_thousand_applications_against_a_thousand_patterns() {
    let settings = Settings {
        catalog: (0..1000)
            .map(|i| CatalogEntry {
                name: text(&format!("service-{i}")),
                applications: vec![text(&format!("service-{i}-*"))],
                ..CatalogEntry::default()
            })
            .collect(),
        ..Settings::default()
    };
    let mapper = Mapper::new(&settings).expect("patterns compile");
    let app = application("service-999-production", "x", &[], None);
    for _ in 0..10_000 {
        let found = mapper.map("main", &name("service-999-production"), &app, None, None);
        assert_eq!(&*found.service, "service-999");
    }
}
