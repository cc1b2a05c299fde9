//! Every way to reach an API server, over real TLS: private authorities, client certificates, commands that sign in,
//! the pod's own account; and what becomes of each when it is replaced or wrong.

pub mod front;

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall::{
    config::{Access, Cluster, Config, Limits, Pod, Variables},
    doctor::{self, Check, Outcome},
    watch::{Failure, Pace, Server},
};
use landfall_sandbox::{Running, World};

use front::{Authority, Front, Signed};

/// A world of one cluster, `prod`, behind TLS, and a folder for the files of a test.
struct Stage {
    world: World,
    front: Front,
    authority: Authority,
    folder: tempfile::TempDir,
    _running: Running,
}

impl Stage {
    async fn new(names: &[&str], clients: Option<&Authority>) -> Self {
        let authority = Authority::new();
        let world = World::empty();
        let _made = world.cluster("prod");
        let running = world.start().await.unwrap();
        let own = authority.server(names);
        let front = Front::start(running.url("prod"), &own, clients).await;
        let stage = Self { world, front, authority, folder: tempfile::tempdir().unwrap(), _running: running };
        stage.write("ca.crt", &stage.authority.pem());
        stage
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A kubeconfig with this user in the context `prod`, and another one that is the current.
    fn kubeconfig(&self, user: &str) -> PathBuf {
        let ca = STANDARD.encode(self.authority.pem());
        let url = self.front.url();
        self.write(
            "kubeconfig",
            &format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: other\n\
                 clusters:\n- name: prod\n  cluster: {{server: '{url}', certificate-authority-data: {ca}}}\n\
                 - name: other\n  cluster: {{server: 'https://127.0.0.1:9'}}\n\
                 contexts:\n- name: prod\n  context: {{cluster: prod, user: me}}\n\
                 - name: other\n  context: {{cluster: other, user: me}}\n\
                 users:\n- name: me\n  user: {user}\n"
            ),
        )
    }

    /// A script that prints these words as a credential, and notes each run in `runs`.
    fn plugin(&self, status: &str) -> PathBuf {
        let runs = self.path("runs");
        let script = format!(
            "#!/bin/sh\necho run >> {}\necho \"$KUBERNETES_EXEC_INFO\" > {}\n\
             cat <<'END'\n{{\"kind\":\"ExecCredential\",\"status\":{status}}}\nEND\n",
            runs.display(),
            self.path("info").display(),
        );
        let path = self.write("plugin", &script);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.path("runs")).map_or(0, |text| text.lines().count())
    }
}

fn server(access: Access) -> Server {
    let cluster = Cluster { name: "prod".into(), access, namespaces: Vec::new(), stale_after: None };
    Server::new(&cluster, &Limits::default(), &Arc::new(Pace::quick()))
}

fn at(url: String, ca_file: Option<PathBuf>) -> Access {
    Access::Server { url, token: None, ca_file }
}

fn kubeconfig(path: PathBuf, exec: &[&str]) -> Access {
    Access::Kubeconfig {
        path,
        context: Some("prod".into()),
        exec: exec.iter().map(|name| (*name).to_owned()).collect(),
    }
}

async fn pods(server: &Server) -> Result<(), Failure> {
    server.get("/api/v1/pods?limit=1", "application/json").await.map(drop)
}

/// Some answers come only after what was known before has been given up.
async fn soon(server: &Server) {
    for _ in 0..20 {
        if pods(server).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{}", pods(server).await.unwrap_err());
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_when_it_is_given() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let url = stage.front.url();
    pods(&server(at(url.clone(), Some(stage.path("ca.crt"))))).await.unwrap();
    assert!(stage.front.accepted.load(Ordering::Relaxed) > 0, "it went through TLS");

    let stranger = stage.write("stranger.crt", &Authority::new().pem());
    for (ca_file, says) in [(None, "UnknownIssuer"), (Some(stranger), "UnknownIssuer")] {
        let failure = pods(&server(at(url.clone(), ca_file))).await.unwrap_err().to_string();
        assert!(failure.contains(says), "{failure}");
    }
    let empty = stage.write("empty.crt", "no certificate\n");
    let failure = pods(&server(at(url.clone(), Some(empty)))).await.unwrap_err().to_string();
    assert!(failure.ends_with("empty.crt: holds no certificate (PEM)"), "{failure}");
    let failure = pods(&server(at(url, Some(stage.path("none.crt"))))).await.unwrap_err().to_string();
    assert!(failure.contains("none.crt: No such file"), "{failure}");
}

#[tokio::test]
async fn the_authority_and_the_certificate_are_replaced_while_it_runs() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let server = server(at(stage.front.url(), Some(stage.path("ca.crt"))));
    pods(&server).await.unwrap();
    let next = Authority::new();
    stage.front.change(&next.server(&["127.0.0.1"]), None);
    assert!(pods(&server).await.is_err(), "the new certificate is not yet trusted");
    stage.write("ca.crt", &next.pem());
    soon(&server).await;
}

#[tokio::test]
async fn client_certificates_of_a_kubeconfig_sign_in_and_may_be_replaced() {
    let clients = Authority::new();
    let stage = Stage::new(&["127.0.0.1"], Some(&clients)).await;
    let put =
        |signed: &Signed| (stage.write("me.crt", &signed.certificate), stage.write("me.key", &signed.key));
    let (certificate, key) = put(&clients.client("landfall"));
    let user = format!("{{client-certificate: {}, client-key: {}}}", certificate.display(), key.display());
    let server = server(kubeconfig(stage.kubeconfig(&user), &[]));
    pods(&server).await.unwrap();

    // Other clients are trusted now: the old certificate is refused, the new one is found in the same files.
    let others = Authority::new();
    stage.front.change(&stage.authority.server(&["127.0.0.1"]), Some(&others));
    assert!(pods(&server).await.is_err());
    put(&others.client("landfall"));
    soon(&server).await;

    let without = kubeconfig(stage.kubeconfig("{}"), &[]);
    assert!(pods(&self::server(without)).await.is_err(), "nobody gets in without one");
}

#[tokio::test]
async fn a_context_that_is_not_there_is_named_with_those_that_are() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let path = stage.kubeconfig("{}");
    let access = Access::Kubeconfig { path, context: Some("prud".into()), exec: Vec::new() };
    let failure = pods(&server(access)).await.unwrap_err().to_string();
    assert!(failure.ends_with("there is no context `prud`; there is: prod, other"), "{failure}");
}

#[tokio::test]
async fn a_command_signs_in_only_if_it_is_listed_and_as_often_as_its_token_ends() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let prod = stage.world.cluster("prod");
    prod.set_token(Some("from-plugin"));
    let plugin = stage.plugin(r#"{"token":"from-plugin","expirationTimestamp":"2100-01-01T00:00:00Z"}"#);
    let command = plugin.to_str().unwrap();
    let user = format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {command}}}}}");
    let path = stage.kubeconfig(&user);

    let refused = pods(&server(kubeconfig(path.clone(), &["aws", "plugin"]))).await.unwrap_err();
    assert!(matches!(&refused, Failure::NotAllowed(name) if name == command), "{refused}");
    assert_eq!(stage.runs(), 0, "it was not run");

    let server = server(kubeconfig(path, &["aws", command]));
    for _ in 0..5 {
        pods(&server).await.unwrap();
    }
    assert_eq!(stage.runs(), 1, "once, not for each request");
    let info = std::fs::read_to_string(stage.path("info")).unwrap();
    assert!(info.contains("\"kind\":\"ExecCredential\"") && info.contains("\"interactive\":false"), "{info}");

    // The server wants another one: the command is asked again.
    prod.set_token(Some("renewed"));
    stage.plugin(r#"{"token":"renewed"}"#);
    soon(&server).await;
}

#[tokio::test]
async fn a_command_that_fails_hangs_or_babbles_is_named_without_what_it_printed() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    for (script, says) in [
        (
            "echo sec-canary; echo sec-canary >&2; exit 3",
            "ended with exit status: 3: run it by hand to see why",
        ),
        ("echo sec-canary", "said what is no ExecCredential (JSON)"),
        ("echo '{\"status\":{\"token\":null}}'", "said no credentials"),
        ("echo '{\"status\":{\"token\":\"sec-canary\",\"expirationTimestamp\":\"soon\"}}'", "is no time"),
        ("echo '{\"status\":{\"clientKeyData\":\"sec-canary\"}}'", "half of a certificate"),
        ("sleep 100", "did not end within"),
    ] {
        let path = stage.write("failing", &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        // A path with a separator counts from the kubeconfig's folder.
        let file = stage.kubeconfig("{exec: {command: ./failing}}");
        let failure = pods(&server(kubeconfig(file, &["./failing"]))).await.unwrap_err();
        let text = format!("{failure} {failure:?}");
        assert!(text.contains(says) && text.contains("failing"), "{text}");
        assert!(!text.contains("sec-canary"), "{text}");
    }
    let file = stage.kubeconfig("{exec: {command: landfall-no-such-plugin}}");
    let failure = pods(&server(kubeconfig(file, &["landfall-no-such-plugin"]))).await.unwrap_err();
    assert!(failure.to_string().contains("cannot be run: No such file"), "{failure}");
    let file = stage.kubeconfig("{auth-provider: {name: gcp, config: {cmd-path: /bin/sh}}}");
    let failure = pods(&server(kubeconfig(file, &["/bin/sh"]))).await.unwrap_err();
    assert!(failure.to_string().contains("which Kubernetes has removed"), "{failure}");
}

#[tokio::test]
async fn a_command_may_give_a_client_certificate() {
    let clients = Authority::new();
    let stage = Stage::new(&["127.0.0.1"], Some(&clients)).await;
    let signed = clients.client("landfall");
    let text = |pem: &str| serde_json::Value::from(pem).to_string();
    let (certificate, key) = (text(&signed.certificate), text(&signed.key));
    let plugin =
        stage.plugin(&format!("{{\"clientCertificateData\":{certificate},\"clientKeyData\":{key}}}"));
    let command = plugin.to_str().unwrap();
    let file = stage.kubeconfig(&format!("{{exec: {{command: {command}}}}}"));
    pods(&server(kubeconfig(file, &[command]))).await.unwrap();
}

#[tokio::test]
async fn a_pod_uses_its_own_account_and_sees_both_files_replaced() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let prod = stage.world.cluster("prod");
    prod.set_token(Some("first"));
    stage.write("token", "first\n");
    let account = Pod { url: Some(stage.front.url()), account: stage.folder.path().to_owned() };
    let server = server(Access::InCluster(account.clone()));
    pods(&server).await.unwrap();
    prod.set_token(Some("second"));
    stage.write("token", "second\n");
    soon(&server).await;
    let next = Authority::new();
    stage.front.change(&next.server(&["127.0.0.1"]), None);
    stage.write("ca.crt", &next.pem());
    soon(&server).await;

    let nowhere = self::server(Access::InCluster(Pod { url: None, ..account }));
    let failure = pods(&nowhere).await.unwrap_err().to_string();
    assert!(failure.contains("runs in no pod"), "{failure}");
}

#[test]
fn a_pods_url_comes_from_its_variables() {
    for (host, url) in [("10.0.0.1", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:443")] {
        let variables = [("KUBERNETES_SERVICE_HOST", host), ("KUBERNETES_SERVICE_PORT", "443")];
        let variables: Variables = variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let text = "[[cluster]]\nname = \"prod\"\nin_cluster = true\n";
        let config = Config::parse(Path::new("landfall.toml"), text, &variables).unwrap();
        let Access::InCluster(pod) = &config.clusters[0].access else { panic!("{config:?}") };
        assert_eq!(pod.url.as_deref(), Some(url));
    }
}

async fn doctors(text: &str) -> Vec<Check> {
    let config = Config::parse(Path::new("landfall.toml"), text, &Variables::new())
        .unwrap_or_else(|problems| panic!("{problems}"));
    doctor::checks(&config, &Variables::new()).await
}

/// What the doctor says when the way to the server is wrong: the failing line, and how to mend it.
#[tokio::test]
async fn the_doctor_tells_each_way_of_not_reaching_a_server_apart() {
    let stage = Stage::new(&["api.prod.example"], None).await;
    let url = stage.front.url();
    let ca = stage.path("ca.crt");
    let expired = Front::start("http://127.0.0.1:9", &stage.authority.expired(&["127.0.0.1"]), None).await;
    let cluster = |keys: String| format!("[[cluster]]\nname = \"prod\"\n{keys}\n");
    let plain = stage.world.landfall_toml();
    let plain = plain.lines().find_map(|line| line.strip_prefix("server = \"http://")).unwrap();
    let plain = plain.trim_end_matches('"');
    let listed = stage.kubeconfig("{exec: {command: aws}}");
    for (keys, says, mend) in [
        (format!("server = \"{url}\""), "UnknownIssuer", "ca_file"),
        (
            format!("server = \"{url}\"\nca_file = \"{}\"", ca.display()),
            "api.prod.example",
            "a name that the certificate holds",
        ),
        (
            format!("server = \"{}\"\nca_file = \"{}\"", expired.url(), ca.display()),
            "expired",
            "the server's certificate",
        ),
        ("server = \"https://127.0.0.1:9\"".to_owned(), "refused", "nothing listens"),
        ("server = \"https://no-such-host.invalid\"".to_owned(), "dns error", "name"),
        (format!("server = \"https://{plain}\""), "corrupt message", "does not speak TLS"),
        (format!("server = \"{url}\"\nca_file = \"/nowhere/ca.crt\""), "/nowhere/ca.crt", "path"),
        (
            format!("server = \"{url}\"\nca_file = \"{}\"\ntoken_env = \"NO_SUCH_VARIABLE\"", ca.display()),
            "NO_SUCH_VARIABLE is not set",
            "variable",
        ),
        (
            format!("kubeconfig = \"{}\"\ncontext = \"prod\"", listed.display()),
            "running `aws`",
            "exec = [\"aws\"]",
        ),
        ("kubeconfig = \"/nowhere/config\"".to_owned(), "/nowhere/config", "path"),
        ("in_cluster = true".to_owned(), "runs in no pod", "kubeconfig"),
    ] {
        let checks = doctors(&cluster(keys.clone())).await;
        let check = checks.iter().find(|check| check.about == "cluster/prod" && check.what == "reached");
        let check = check.unwrap_or_else(|| panic!("{keys}: {checks:#?}"));
        assert_eq!(check.outcome, Outcome::Fail, "{keys}");
        assert!(check.found.contains(says), "{keys}: {check:#?}");
        let way = check.mend.as_deref().unwrap_or_default();
        assert!(way.contains(mend), "{keys}: {check:#?}");
    }
}

#[tokio::test]
async fn a_kubeconfig_that_verifies_nothing_is_warned_of() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let text = std::fs::read_to_string(stage.kubeconfig("{}")).unwrap();
    for (text, warned) in [
        (text.clone(), false),
        (text.replace("certificate-authority-data:", "insecure-skip-tls-verify: true, x:"), true),
    ] {
        let file = stage.write("kubeconfig", &text);
        let checks = doctors(&format!(
            "[[cluster]]\nname = \"prod\"\nkubeconfig = \"{}\"\ncontext = \"prod\"\n",
            file.display()
        ))
        .await;
        let warning =
            checks.iter().find(|check| check.about == "cluster/prod" && check.what == "certificate");
        assert_eq!(warning.map(|check| check.outcome), warned.then_some(Outcome::Warn), "{checks:#?}");
    }
}

#[tokio::test]
async fn proxies_and_passwords_in_urls_are_refused_without_being_repeated() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let text = std::fs::read_to_string(stage.kubeconfig("{}")).unwrap();
    for (text, says) in [
        (
            text.replace("{server:", "{proxy-url: 'http://me:sec-canary@127.0.0.1:9', server:"),
            "`proxy-url` is not supported",
        ),
        (text.replace("https://127", "https://me:sec-canary@127"), "the server's URL holds a user name"),
    ] {
        let file = stage.write("kubeconfig", &text);
        let failure = format!("{:?}", pods(&server(kubeconfig(file, &[]))).await.unwrap_err());
        assert!(failure.contains(says) && !failure.contains("sec-canary"), "{failure}");
    }
}

/// What a cluster that was set up anew looks like: the same names, another key.
#[tokio::test]
async fn an_authority_that_was_made_anew_under_its_name_is_told_as_such() {
    let stage = Stage::new(&["127.0.0.1"], None).await;
    let before = stage.write("before.crt", &Authority::named("kubernetes").pem());
    stage.front.change(&Authority::named("kubernetes").server(&["127.0.0.1"]), None);
    let text = format!(
        "[[cluster]]\nname = \"prod\"\nserver = \"{}\"\nca_file = \"{}\"\n",
        stage.front.url(),
        before.display()
    );
    let checks = doctors(&text).await;
    let check = checks.iter().find(|check| check.about == "cluster/prod").unwrap();
    assert!(check.found.contains("BadSignature"), "{check:?}");
    assert!(check.mend.as_deref().unwrap().contains("replace `ca_file`"), "{check:?}");
}
