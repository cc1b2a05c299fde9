//! Rights, CRDs that are not there, reviews, and what counts as a violation.

use landfall_sandbox::World;
use serde_json::{Value, json};

use crate::support::{APPS, PODS, app, pod, serve};

#[tokio::test]
async fn writes_and_strange_paths_are_refused_and_noted() {
    let served = serve(World::empty()).await;
    served.world.cluster("prod").apply(app("a")).unwrap();
    for (method, path, status) in [
        ("POST", APPS, 403),
        ("PATCH", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/a", 403),
        ("DELETE", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/a", 403),
        ("PUT", "/api/v1/namespaces/a/pods/x", 403),
        ("GET", "/api/v1/secrets", 403),
        ("GET", "/api/v1/namespaces/a/pods/x/log", 403),
        ("GET", "/apis/example.invalid/v1/things", 403),
        ("GET", "/metrics", 404),
        ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 403),
    ] {
        let body = (method != "GET").then(|| json!({}));
        assert_eq!(served.request(method, path, None, body).await.status, status, "{method} {path}");
    }
    assert_eq!(served.world.violations().len(), 9);
    assert_eq!(served.world.counters().violations, 9);
    assert_eq!(served.world.violations()[0].why, "a reader may not write");
    assert!(served.world.cluster("prod").get("applications", "argocd", "a").is_some());
}

#[tokio::test]
async fn a_crd_that_is_not_installed_is_out_of_discovery_and_404_and_can_come() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    let path = "/apis/argoproj.io/v1alpha1/rollouts";
    let names = async || served.get("/apis/argoproj.io/v1alpha1").await.text.contains("\"rollouts\"");
    assert!(names().await);
    cluster.uninstall("rollouts").unwrap();
    assert!(!names().await);
    let answer = served.get(path).await;
    assert_eq!((answer.status, answer.text.as_str()), (404, "404 page not found\n"));
    cluster.forbid("rollouts", None).unwrap();
    assert_eq!(
        served.get(path).await.status,
        403,
        "without rights a missing resource is forbidden, not missing"
    );
    cluster.allow("rollouts", None).unwrap();
    cluster.install("rollouts").unwrap();
    assert_eq!(served.get(path).await.status, 200);

    cluster.uninstall("imageupdaters").unwrap();
    assert_eq!(served.get("/apis/argocd-image-updater.argoproj.io/v1alpha1").await.status, 404);
    assert!(!served.get("/apis").await.text.contains("image-updater"));
    assert!(served.world.violations().is_empty(), "asking for what may be there is no violation");
}

#[tokio::test]
async fn a_forbidden_namespace_is_hidden_and_reviews_say_so() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.apply(pod("open", "one")).unwrap();
    cluster.apply(pod("ssl-prod", "two")).unwrap();
    cluster.forbid("pods", Some("ssl-prod")).unwrap();
    let count = async |path: &str| served.get(path).await.json()["items"].as_array().map(Vec::len);
    assert_eq!(count(PODS).await, Some(1));
    assert_eq!(served.get("/api/v1/namespaces/ssl-prod/pods").await.status, 403);

    let may = async |namespace: &str, verb: &str| {
        let attributes = json!({ "namespace": namespace, "verb": verb, "group": "", "resource": "pods" });
        let review = json!({ "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
                             "spec": { "resourceAttributes": attributes } });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let answer = served.request("POST", path, None, Some(review)).await;
        assert_eq!(answer.status, 201);
        answer.json()["status"]["allowed"].as_bool().unwrap()
    };
    assert!(may("open", "list").await);
    assert!(!may("ssl-prod", "list").await);
    assert!(may("", "watch").await);
    assert!(!may("open", "delete").await);

    let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let rules =
        served.request("POST", path, None, Some(json!({ "spec": { "namespace": "ssl-prod" } }))).await.json();
    let names_pods = |rule: &Value| rule["resources"].as_array().unwrap().contains(&"pods".into());
    assert!(!rules["status"]["resourceRules"].as_array().unwrap().iter().any(names_pods));

    cluster.namespaced_only("pods").unwrap();
    assert_eq!(served.get(PODS).await.status, 403);
    assert_eq!(count("/api/v1/namespaces/open/pods").await, Some(1));
    cluster.allow("pods", None).unwrap();
    assert_eq!(count(PODS).await, Some(2));
    assert!(served.world.violations().is_empty());
}

/// Nobody has to remember to ask for violations: a test with one fails.
#[tokio::test]
async fn a_test_whose_reader_wrote_fails_by_itself() {
    for (method, path) in [("DELETE", "/api/v1/namespaces/a/pods/x"), ("GET", "/api/v1/secrets")] {
        let careless = tokio::spawn(async move {
            let served = serve(World::empty()).await;
            let body = (method != "GET").then(|| json!({}));
            served.request(method, path, None, body).await;
        });
        let failed = careless.await.expect_err("it must fail").into_panic();
        let said = failed.downcast_ref::<String>().unwrap();
        assert!(said.starts_with("what no reader may do: ") && said.contains(path), "{said}");
    }
    let honest = tokio::spawn(async {
        let served = serve(World::empty()).await;
        served.get(PODS).await;
        served.get("/api/v1/secrets").await;
        assert_eq!(served.world.violations().len(), 1, "who looks may go on");
    });
    honest.await.unwrap();
}
