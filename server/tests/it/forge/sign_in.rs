//! Tokens and Apps: what goes out, what is renewed, and what is never told.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall::{
    config::{Forge as Config, ForgeAuth},
    source::forge::{Failure, Forge as _, Gitea, Github, Gitlab},
};
use landfall_model::words::{ForgeKind, SourceState};
use landfall_sandbox::forge::App;
use ring::{
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};

use super::{Stage, looking::Looking, quick};

/// A key that is used in tests and nowhere else.
const KEY: &str = include_str!("../../fixtures/forge/app-key.pem");
const WEB: &str = "shop/web";

/// Whether a text was signed by the App of the tests.
fn is_signed(text: &[u8], signature: &[u8]) -> bool {
    let der: String = KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = KeyPair::from_der(&STANDARD.decode(der).unwrap()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
        .verify(text, signature)
        .is_ok()
}

fn app(token_seconds: i64) -> App {
    App {
        id: 7,
        slug: "previews".into(),
        installation: 70,
        account: "shop".into(),
        verifies: is_signed,
        token_seconds,
    }
}

fn as_app(stage: &Stage, installation: Option<u64>) -> Config {
    let private_key = stage.folder.path().join("key.pem");
    std::fs::write(&private_key, KEY).unwrap();
    Config { auth: ForgeAuth::App { id: 7, installation, private_key }, ..stage.config(ForgeKind::Github) }
}

#[tokio::test]
async fn each_forge_takes_the_token_in_its_own_way() {
    let stage = Stage::new().await;
    let who = (
        Github::new(&stage.config(ForgeKind::Github), quick()).unwrap().who().await,
        Gitlab::new(&stage.config(ForgeKind::Gitlab), quick()).unwrap().who().await,
        Gitea::new(&stage.config(ForgeKind::Gitea), quick()).unwrap().who().await,
    );
    for who in [who.0, who.1, who.2] {
        assert_eq!(who.unwrap(), "landfall");
    }
}

#[tokio::test]
async fn a_token_that_is_replaced_is_used_at_once() {
    let stage = Stage::new().await;
    stage.forge.open(WEB, 1, "One", "mika", "one");
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB], "preview");
    assert_eq!(looking.look().await.state, SourceState::Ok);
    stage.forge.revoke(super::TOKEN);
    stage.forge.let_in("ghp_other", "landfall");
    let report = looking.look().await;
    assert_eq!(report.state, SourceState::Failing);
    assert_eq!(report.error.unwrap().to_string(), "credentials refused (401): without a word");
    std::fs::write(stage.folder.path().join("token"), "ghp_other\n").unwrap();
    assert_eq!(looking.look().await.state, SourceState::Ok);
    std::fs::remove_file(stage.folder.path().join("token")).unwrap();
    let report = looking.look().await;
    assert!(report.error.unwrap().to_string().starts_with("cannot read "));
    assert_eq!(looking.known().len(), 1);
}

#[tokio::test]
async fn an_app_goes_as_its_installation_and_renews_the_token() {
    for installation in [None, Some(70)] {
        let stage = Stage::new().await;
        stage.forge.install(app(3_600));
        stage.forge.open(WEB, 1, "One", "mika", "one");
        let mut looking = Looking::<Github>::at(&as_app(&stage, installation), quick());
        looking.generate(&[WEB], "preview");
        for _ in 0..3 {
            let report = looking.look().await;
            assert_eq!((report.state, report.error), (SourceState::Ok, None));
        }
        let counters = stage.forge.counters();
        assert_eq!((counters.of("token"), looking.known().len()), (1, 1), "{counters:?}");
        assert_eq!(counters.of("app"), u64::from(installation.is_none()));
        assert_eq!(looking.looker.forge.who().await.unwrap(), "previews[bot]");

        // One that ends within half a minute is not used any more.
        stage.forge.install(app(20));
        let mut looking = Looking::<Github>::at(&as_app(&stage, installation), quick());
        looking.generate(&[WEB], "preview");
        stage.forge.reset_counters();
        assert_eq!(looking.look().await.state, SourceState::Ok);
        assert!(stage.forge.counters().of("token") > 1);
    }
}

#[tokio::test]
async fn an_app_that_is_not_installed_or_has_a_wrong_key_is_told() {
    let stage = Stage::new().await;
    stage.forge.install(app(3_600));
    stage.forge.open("elsewhere/web", 1, "One", "mika", "one");
    let client = Github::new(&as_app(&stage, None), quick()).unwrap();
    assert!(matches!(client.open("elsewhere/web").await, Err(Failure::NotFound(_))));
    let other = Config {
        auth: ForgeAuth::App { id: 8, installation: None, private_key: stage.folder.path().join("key.pem") },
        ..stage.config(ForgeKind::Github)
    };
    let client = Github::new(&other, quick()).unwrap();
    assert!(matches!(client.open(WEB).await, Err(Failure::Refused { status: 401, .. })));
    std::fs::write(stage.folder.path().join("key.pem"), "no key hunter2").unwrap();
    let said = client.open(WEB).await.unwrap_err().to_string();
    assert!(said.ends_with("holds no RSA private key (PEM)") && !said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn credentials_go_nowhere_else() {
    use std::sync::{Arc, Mutex};
    let stage = Stage::new().await;
    stage.forge.open(WEB, 1, "One", "mika", "one");
    // Another host, which notes what it is sent.
    let seen = Arc::new(Mutex::new(Vec::<String>::new()));
    let noted = Arc::clone(&seen);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(move |headers: axum::http::HeaderMap| {
        noted.lock().unwrap().push(format!("{headers:?}"));
        async { "[]" }
    });
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    stage.forge.inject(landfall_sandbox::forge::ForgeFault::Redirect(format!("http://{address}/")));
    let github = Github::new(&stage.config(ForgeKind::Github), quick()).unwrap();
    let gitlab = Gitlab::new(&stage.config(ForgeKind::Gitlab), quick()).unwrap();
    let _ = (github.open(WEB).await, gitlab.open(WEB).await);
    // What writes is not sent on at all.
    let wrote = github.comment(WEB, 1, None, "hello").await;
    assert!(matches!(wrote, Err(Failure::Broken(_))), "{wrote:?}");
    server.abort();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2, "{seen:?}");
    for headers in &*seen {
        let headers = headers.to_lowercase();
        assert!(!headers.contains("hunter2") && !headers.contains("private-token"), "{headers}");
    }
}

#[tokio::test]
async fn an_address_of_a_private_network_is_not_asked() {
    let stage = Stage::new().await;
    let private = |kind| Config { allow_private: false, ..stage.config(kind) };
    let github = Github::new(&private(ForgeKind::Github), quick()).unwrap();
    let gitea = Gitea::new(&private(ForgeKind::Gitea), quick()).unwrap();
    assert!(matches!(github.open(WEB).await, Err(Failure::Private(_))));
    assert!(matches!(gitea.open(WEB).await, Err(Failure::Private(_))));
    assert_eq!(stage.forge.counters().of(""), 0);
}

#[tokio::test]
async fn comments_are_written_and_changed_and_gone_ones_are_told() {
    let stage = Stage::new().await;
    stage.forge.open(WEB, 1, "One", "mika", "one");
    for n in 0..250 {
        stage.forge.comment(WEB, 1, "mika", &format!("before {n}"));
    }
    let clients = (
        Github::new(&stage.config(ForgeKind::Github), quick()).unwrap(),
        Gitlab::new(&stage.config(ForgeKind::Gitlab), quick()).unwrap(),
        Gitea::new(&stage.config(ForgeKind::Gitea), quick()).unwrap(),
    );
    macro_rules! each {
        ($client:expr) => {{
            let client = $client;
            let before = client.comments(WEB, 1).await.unwrap().len();
            let id = client.comment(WEB, 1, None, "first").await.unwrap().unwrap();
            assert_eq!(client.comment(WEB, 1, Some(id), "second").await.unwrap(), Some(id));
            let all = client.comments(WEB, 1).await.unwrap();
            assert_eq!((all.len(), all.last().map(|one| &*one.body)), (before + 1, Some("second")));
            assert_eq!(all.last().map(|one| &*one.author), Some("landfall"));
            stage.forge.delete_comment(WEB, id);
            assert_eq!(client.comment(WEB, 1, Some(id), "third").await.unwrap(), None);
        }};
    }
    each!(&clients.0);
    each!(&clients.1);
    each!(&clients.2);
}
