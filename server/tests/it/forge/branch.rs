//! Branches: the head of what images are built from, and what Image Updater commits to.

use std::sync::Arc;

use landfall::source::forge::{Gitea, Github, Gitlab};
use landfall_model::{
    Text,
    observe::{Body, Branch, ManifestTarget, ObjectName, Scope},
    said,
    updater::{
        settings::{ImageSettings, Origin, Setting, WritesBack},
        trap::State,
    },
    view::{Outlook, PolicyInForce, Service, Snapshot},
    words::{ForgeKind, Kind},
};
use landfall_sandbox::forge::ForgeFault;

use super::{
    Stage,
    looking::{Looking, Made},
    quick,
};
use crate::web::world::environment;

const UPDATE: &str = "build: automatic update of web-production\n\nupdates image shop/web tag 1 to 2";

fn set<T>(value: T) -> Setting<T> {
    Setting { value, origin: Origin::Default }
}

/// An image that is built from one repository, and written by commits to another.
fn view(url: &str) -> Snapshot {
    let none = || set(None);
    let write_back = WritesBack {
        method: set("git".into()),
        repository: set(Some(format!("{url}/shop/deploy.git").into())),
        branch: set(Some("live".into())),
        target: none(),
        pull_request: None,
    };
    let image = ImageSettings {
        alias: "web".into(),
        repository: "registry.example/hosting/web".into(),
        constraint: "".into(),
        strategy: set("newest-build".into()),
        force_update: set(false),
        allow_tags: set("".into()),
        ignore_tags: set(Vec::new()),
        platforms: set(Vec::new()),
        pull_secret: none(),
        verified: set(false),
        target: ManifestTarget::default(),
        shadowed: Vec::new(),
    };
    let policy = PolicyInForce {
        object: None,
        name_pattern: None,
        from_annotations: true,
        also: Vec::new(),
        write_back,
        image,
    };
    let mut one = environment("web", "production", "healthy");
    if let Some(image) = &mut one.image {
        image.outlook = Some(Box::new(Outlook {
            state: State::Fine,
            cause: None,
            summary: said!("outlook-unknown", "The tags of its repository are not known"),
            proof: Vec::new(),
            way_out: None,
            expected: None,
            would_pick: None,
            since: None,
            settles_at: None,
            policy: Some(Arc::new(policy)),
            built_from: Some(format!("{url}/shop/web").into()),
        }));
    }
    let service = Service {
        name: "web".into(),
        owner: None,
        repository: None,
        environments: vec![Arc::new(one)],
        unassigned: false,
    };
    Snapshot { services: vec![Arc::new(service)], ..Snapshot::default() }
}

fn known<F: Made>(looking: &Looking<F>, path: &str, name: &str) -> Option<Arc<Branch>> {
    let scope = Scope { source: Text::from(looking.looker.config.source()), kind: Kind::Branch };
    let object = ObjectName { namespace: path.into(), name: name.into() };
    match &looking.objects.get(&scope, &object)?.body {
        Body::Branch(branch) => Some(Arc::clone(branch)),
        other => panic!("{other:?}"),
    }
}

async fn of_each<F: Made>(kind: ForgeKind) {
    let stage = Stage::new().await;
    let forge = &stage.forge;
    for n in 0..40 {
        forge.commit("shop/web", "main", &format!("Change {n}\n\nwhy"), "mika");
    }
    let head = forge.commit("shop/web", "main", "Dark mode", "mika");
    forge.commit("shop/deploy", "live", UPDATE, "argocd-image-updater");
    forge.commit("shop/deploy", "main", "elsewhere", "anna");
    let mut looking = Looking::<F>::at(&stage.config(kind), quick());
    looking.show(view(&stage.running.url));
    let report = looking.look().await;
    assert_eq!((report.error, report.objects), (None, 2), "{kind}");
    let own = known(&looking, "shop/web", "HEAD").unwrap();
    assert_eq!((own.head().map(|sha| &**sha), own.commits.len()), (Some(&*head), 30));
    assert_eq!((&*own.commits[1].title, own.commits[1].author.as_deref()), ("Change 39", Some("mika")));
    assert!(own.commits[0].at.is_some() && own.commits[0].update.is_none());
    let live = known(&looking, "shop/deploy", "live").unwrap();
    let update = live.commits[0].update.as_ref().expect("it says what it changed");
    assert_eq!((&*update.application, &*update.images[0].new), ("web-production", "2"));
    // Nothing happened: nothing is told. Then a commit.
    looking.look().await;
    assert_eq!(looking.news, 0);
    let next = forge.commit("shop/web", "main", "More", "mika");
    looking.look().await;
    assert_eq!(looking.news, 1);
    assert_eq!(known(&looking, "shop/web", "HEAD").unwrap().head().map(|sha| &**sha), Some(&*next));
    // One that cannot be read stays what it was, and the other goes on.
    forge.hide("shop/web", true);
    forge.commit("shop/deploy", "live", "by hand", "anna");
    let report = looking.look().await;
    assert!(report.error.is_none() || known(&looking, "shop/web", "HEAD").is_some(), "{report:?}");
    assert_eq!(known(&looking, "shop/deploy", "live").unwrap().commits.len(), 2);
    forge.hide("shop/web", false);
    // Nobody names them any more.
    looking.show(Snapshot::default());
    looking.look().await;
    assert_eq!(known(&looking, "shop/web", "HEAD"), None);
}

#[tokio::test]
async fn github() {
    of_each::<Github>(ForgeKind::Github).await;
}

#[tokio::test]
async fn gitlab() {
    of_each::<Gitlab>(ForgeKind::Gitlab).await;
}

#[tokio::test]
async fn gitea() {
    of_each::<Gitea>(ForgeKind::Gitea).await;
}

#[tokio::test]
async fn a_branch_that_cannot_be_read_now_is_not_gone() {
    let stage = Stage::new().await;
    stage.forge.commit("shop/web", "main", "One", "mika");
    stage.forge.commit("shop/deploy", "live", UPDATE, "mika");
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.show(view(&stage.running.url));
    looking.look().await;
    stage.forge.inject(ForgeFault::Status { of: "branch", code: 500, times: 100 });
    looking.look().await;
    assert!(known(&looking, "shop/web", "HEAD").is_some());
    assert!(known(&looking, "shop/deploy", "live").is_some());
}
