//! Who gets credentials, and that nobody else sees them.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall::{
    config::{Access, KubernetesSecret, Registry as Config, RegistryAuth, Secret},
    source::registry::Failure,
};
use landfall_sandbox::{
    World,
    registry::{Dialect, Image, RegistryFault},
};

use super::{client, quick, registry};
use crate::tls::front::{Authority, Front};

/// The same with a user and a password in a file.
pub fn with_password(config: Config, folder: &tempfile::TempDir, user: &str, password: &str) -> Config {
    let file = folder.path().join("password");
    std::fs::write(&file, password).unwrap();
    let auth = RegistryAuth::Password { username: user.into(), password: Secret::File(file) };
    Config { auth, ..config }
}

#[tokio::test]
async fn a_password_that_rotates_is_read_again() {
    for dialect in [Dialect::Distribution, Dialect::Harbor] {
        let (registry, _running, config) = registry(dialect).await;
        registry.protect("me", "first");
        registry.push("web", "1", &Image::plain("a", ""));
        let folder = tempfile::tempdir().unwrap();
        let config = with_password(config, &folder, "me", "first");
        let client = client(&config);
        client.ping().await.unwrap();
        assert_eq!(client.tags("web").await.unwrap().tags.len(), 1);
        registry.protect("me", "second");
        let refused = client.tags("web").await.unwrap_err();
        assert!(matches!(refused, Failure::Refused { status: 401, .. }), "{dialect:?}: {refused:?}");
        std::fs::write(folder.path().join("password"), "second\n").unwrap();
        assert_eq!(client.tags("web").await.unwrap().tags.len(), 1, "{dialect:?}");
    }
}

/// A mirror, a port-forward: images keep their name, and the guard looks at the address.
#[tokio::test]
async fn a_registry_is_asked_where_its_server_is() {
    let (registry, running, config) = registry(Dialect::Harbor).await;
    let digest = registry.push("web", "1", &Image::plain("a", ""));
    registry.protect("me", "hunter2");
    let server = Some(format!("http://{}", running.host));
    let elsewhere = Config { host: "registry.nowhere.invalid".into(), server, ..config };
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = with_password(elsewhere, &folder, "me", "hunter2");
    let client_of = client(&elsewhere);
    assert_eq!(client_of.host(), "registry.nowhere.invalid");
    assert_eq!(client_of.point("web", "1").await.unwrap().unwrap().digest, digest);
    let careful = Config { allow_private: false, ..elsewhere.clone() };
    assert!(matches!(client(&careful).tags("web").await, Err(Failure::Private(_))));
    // It names the place to sign in at by its own name: that may be asked, and is, by the guard's rules.
    registry.inject(RegistryFault::Realm("http://registry.nowhere.invalid/service/token".into()));
    let failure = client(&elsewhere).tags("web").await.unwrap_err();
    assert!(matches!(failure, Failure::Connection(_)), "{failure:?}");
    registry.heal();
    registry.inject(RegistryFault::Realm("http://evil.nowhere.invalid/service/token".into()));
    let failure = client(&elsewhere).tags("web").await.unwrap_err();
    assert!(matches!(failure, Failure::ForeignRealm { .. }), "{failure:?}");
}

#[tokio::test]
async fn a_token_is_used_until_it_ends() {
    let (registry, _running, config) = registry(Dialect::Harbor).await;
    registry.push("web", "1", &Image::plain("a", ""));
    registry.push("api", "1", &Image::plain("a", ""));
    let client = client(&config);
    for _ in 0..3 {
        client.tags("web").await.unwrap();
        client.tags("api").await.unwrap();
        client.point("web", "1").await.unwrap();
    }
    assert_eq!(registry.counters().of("token"), 2, "one for each repository");
    assert_eq!(registry.counters().of("list"), 7, "one of them to learn how to sign in");
}

#[tokio::test]
async fn credentials_go_to_no_host_that_is_not_listed() {
    let (other, running_other, _) = registry(Dialect::Harbor).await;
    let (registry, _running, config) = registry(Dialect::Harbor).await;
    other.protect("me", "hunter2");
    registry.protect("me", "hunter2");
    registry.push("web", "1", &Image::plain("a", ""));
    registry.inject(RegistryFault::Realm(format!("http://{}/service/token", running_other.host)));
    let folder = tempfile::tempdir().unwrap();
    let config = with_password(config, &folder, "me", "hunter2");
    let failure = client(&config).tags("web").await.unwrap_err();
    assert!(matches!(&failure, Failure::ForeignRealm { realm, .. } if realm.ends_with(&running_other.host)));
    assert_eq!(other.counters().of(""), 0);
    // Listed, it is asked; that its token is worth nothing here is another matter.
    let listed = Config { auth_hosts: vec![running_other.host.clone()], ..config };
    let failure = client(&listed).tags("web").await.unwrap_err();
    assert!(matches!(failure, Failure::Refused { status: 401, .. }));
    assert_eq!(other.counters().of("token"), 1);
    for realm in ["file:///etc/passwd", "nonsense", "http://me:pw@127.0.0.1/x", "https://evil.example/token"]
    {
        registry.heal();
        registry.inject(RegistryFault::Realm(realm.into()));
        let failure = client(&listed).tags("web").await.unwrap_err();
        assert!(matches!(failure, Failure::ForeignRealm { .. } | Failure::Broken(_)), "{realm}: {failure:?}");
    }
}

#[tokio::test]
async fn private_addresses_and_plain_http_only_where_the_configuration_says_so() {
    let (registry, running, config) = registry(Dialect::Distribution).await;
    registry.push("web", "1", &Image::plain("a", ""));
    let careful = Config { allow_private: false, ..config.clone() };
    let failure = client(&careful).tags("web").await.unwrap_err();
    assert!(matches!(failure, Failure::Private(_)), "{failure:?}");
    let port = running.host.rsplit(':').next().unwrap();
    let named = Config { host: format!("localhost:{port}"), ..careful };
    let failure = client(&named).tags("web").await.unwrap_err();
    assert!(matches!(&failure, Failure::Private(host) if host == "localhost"), "{failure:?}");
    assert_eq!(registry.counters().of(""), 0);
    let secure = Config { plain_http: false, ..config };
    assert!(matches!(client(&secure).tags("web").await.unwrap_err(), Failure::Connection(_)));
    assert_eq!(registry.counters().of(""), 0);
}

#[tokio::test]
async fn an_authority_of_ones_own_and_its_successor() {
    let (registry, running, config) = registry(Dialect::Distribution).await;
    registry.push("web", "1", &Image::plain("a", ""));
    let (first, second) = (Authority::new(), Authority::new());
    let front = Front::start(&format!("http://{}", running.host), &first.server(&["127.0.0.1"]), None).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.crt");
    std::fs::write(&file, first.pem()).unwrap();
    let unknown = Config { host: front.address.to_string(), plain_http: false, ..config };
    let failure = client(&unknown).tags("web").await.unwrap_err();
    assert!(matches!(&failure, Failure::Connection(why) if why.contains("UnknownIssuer")), "{failure:?}");
    let known = Config { ca_file: Some(file.clone()), ..unknown };
    let client = client(&known);
    assert_eq!(client.tags("web").await.unwrap().tags.len(), 1);
    front.change(&second.server(&["127.0.0.1"]), None);
    assert!(client.tags("web").await.is_err());
    std::fs::write(&file, format!("{}\n{}", first.pem(), second.pem())).unwrap();
    assert_eq!(client.tags("web").await.unwrap().tags.len(), 1);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(client.tags("web").await.unwrap().tags.len(), 1, "while it is being replaced");
    let empty = folder.path().join("empty.crt");
    std::fs::write(&empty, "nothing").unwrap();
    let failure = super::client(&Config { ca_file: Some(empty), ..known }).ping().await.unwrap_err();
    assert!(failure.to_string().ends_with("holds no certificate (PEM)"), "{failure}");
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_in_errors_logs_or_debug_output() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber =
        tracing_subscriber::fmt().with_env_filter("trace").with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut said = String::new();
    for dialect in Dialect::ALL {
        let (registry, _running, config) = registry(dialect).await;
        registry.protect("me", "hunter2");
        let digest = registry.push("web", "1", &Image::plain("a", ""));
        let folder = tempfile::tempdir().unwrap();
        let config = with_password(config, &folder, "me", "hunter2");
        let client = client(&config);
        registry.inject(RegistryFault::Echo);
        client.tags("web").await.unwrap();
        let mut tell = |failure: Failure| writeln!(said, "{failure} {failure:?}").unwrap();
        registry.inject(RegistryFault::Redirect("http://127.0.0.1:9/x?signature=s3cr3t".into()));
        tell(client.describe("web", &digest, None, None).await.unwrap_err());
        registry.protect("me", "other");
        tell(client.tags("web").await.unwrap_err());
        registry.inject(RegistryFault::Html { of: "" });
        registry.inject(RegistryFault::Cut { of: "token", times: 1 });
        if let Err(failure) = client.tags("web").await {
            tell(failure);
        }
        writeln!(said, "{client:?} {config:?}").unwrap();
    }
    let logged = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    // `bWU6` is how `me:` begins in base64.
    for secret in ["hunter2", "opaque-", "s3cr3t", "bWU6"] {
        assert!(!said.contains(secret), "{secret}: {said}");
        let line = logged.lines().find(|line| line.contains(secret) && line.contains("landfall::"));
        assert_eq!(line, None, "{secret}");
    }
    assert!(said.contains("credentials refused (401)"), "{said}");
}

/// The data of a Secret that signs in at `host` as `me`.
fn docker_config(host: &str, password: &str) -> serde_json::Value {
    let config = serde_json::json!({"auths": {host: {"username": "me", "password": password}}}).to_string();
    serde_json::json!({".dockerconfigjson": STANDARD.encode(config)})
}

#[tokio::test]
async fn a_secret_of_a_cluster_is_read_seldom_and_again_when_it_is_refused() {
    for dialect in [Dialect::Distribution, Dialect::Harbor] {
        let (registry, running, config) = registry(dialect).await;
        registry.push("web", "1", &Image::plain("a", ""));
        registry.protect("me", "first");
        let world = World::empty();
        let cluster = world.cluster("prod");
        let served = world.start().await.unwrap();
        cluster.secret("landfall", "registry", Some(docker_config(&running.host, "first")));
        let access = Access::Server { url: served.url("prod").to_owned(), token: None, ca_file: None };
        let secret = KubernetesSecret {
            cluster: "prod".into(),
            access,
            namespace: "landfall".into(),
            name: "registry".into(),
        };
        let config = Config { auth: RegistryAuth::Secret(secret), ..config };
        let client = client(&config);
        let reads = || world.counters().requests("prod", "get", "secrets");
        for _ in 0..20 {
            assert_eq!(client.tags("web").await.unwrap().tags.len(), 1);
        }
        assert_eq!(reads(), 1, "{dialect:?}");
        // It rotates: the registry first, and then the Secret.
        registry.protect("me", "second");
        for _ in 0..20 {
            let refused = client.tags("web").await.unwrap_err();
            assert!(matches!(refused, Failure::Refused { status: 401, .. }), "{dialect:?}: {refused:?}");
        }
        assert!(reads() <= 10, "{dialect:?}: refusals are no rush: {}", reads());
        cluster.secret("landfall", "registry", Some(docker_config(&running.host, "second")));
        tokio::time::sleep(quick().first_pause).await;
        assert_eq!(client.tags("web").await.unwrap().tags.len(), 1, "{dialect:?}");
        assert!(!format!("{client:?}").contains("second"), "{dialect:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_secret_is_said_without_what_it_holds() {
    let (registry, running, config) = registry(Dialect::Harbor).await;
    registry.protect("me", "hunter2");
    let world = World::empty();
    let cluster = world.cluster("prod");
    let served = world.start().await.unwrap();
    let encoded = |text: &str| Some(serde_json::json!({".dockerconfigjson": STANDARD.encode(text)}));
    for (n, (data, said)) in [
        (None, "cannot be read: no permission (403)"),
        (Some(serde_json::json!({"password": "aHVudGVyMg=="})), "holds no `.dockerconfigjson`"),
        (Some(serde_json::json!({".dockerconfigjson": "hunter2!"})), "holds no `.dockerconfigjson`"),
        (encoded("{\"auths\": \"hunter2\"}"), ":1:19: not a Docker configuration"),
        (Some(docker_config("other.example", "hunter2")), "holds no credentials for 127.0.0.1"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("registry-{n}");
        cluster.secret("landfall", &name, data);
        let access = Access::Server { url: served.url("prod").to_owned(), token: None, ca_file: None };
        let secret = KubernetesSecret { cluster: "prod".into(), access, namespace: "landfall".into(), name };
        let config = Config { auth: RegistryAuth::Secret(secret), ..config.clone() };
        let failure = client(&config).tags("web").await.unwrap_err();
        let Failure::Credentials(told) = &failure else { panic!("{failure:?}") };
        let told = told.to_string();
        assert!(told.contains("Secret prod/landfall/registry-") && told.contains(said), "{told}");
        assert!(!told.contains("hunter2") && !told.contains("aHVudGVyMg"), "{told}");
    }
    assert_eq!(registry.counters().of("list"), 5, "asked once each, for the challenge: {}", running.host);
}
