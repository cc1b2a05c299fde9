//! The client that Landfall uses, against the sandbox.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::{WatchStreamExt, watcher};
use landfall_sandbox::{Fault, World};

use crate::support::{app, pod, serve};

fn client(url: &str) -> kube::Client {
    kube::Client::try_from(kube::Config::new(url.parse().unwrap())).unwrap()
}

/// Follows a watcher until the names are as wanted.
async fn until<K>(
    stream: &mut (impl StreamExt<Item = watcher::Result<watcher::Event<K>>> + Unpin),
    want: &[&str],
) where
    K: kube::Resource,
{
    let (mut names, mut pending) = (BTreeSet::new(), BTreeSet::new());
    let want: BTreeSet<String> = want.iter().map(|name| (*name).to_owned()).collect();
    let name = |object: &K| object.meta().name.clone().unwrap_or_default();
    let follow = async {
        while names != want {
            match stream.next().await.unwrap() {
                Ok(watcher::Event::Init) => pending.clear(),
                Ok(watcher::Event::InitApply(object)) => _ = pending.insert(name(&object)),
                Ok(watcher::Event::InitDone) => names = std::mem::take(&mut pending),
                Ok(watcher::Event::Apply(object)) => _ = names.insert(name(&object)),
                Ok(watcher::Event::Delete(object)) => _ = names.remove(&name(&object)),
                Err(_) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), follow).await.unwrap_or_else(|_| panic!("never {want:?}"));
}

#[tokio::test]
async fn lists_pages_reviews_and_discovery_work() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    for n in 0..7 {
        cluster.apply(pod("a", &format!("p{n}"))).unwrap();
    }
    let client = client(&served.running.clusters[0].url);
    let pods: Api<Pod> = Api::all(client.clone());
    let page = pods.list(&ListParams::default().limit(3)).await.unwrap();
    assert_eq!((page.items.len(), page.metadata.remaining_item_count), (3, Some(4)));
    let token = page.metadata.continue_.unwrap();
    assert_eq!(
        pods.list(&ListParams::default().limit(9).continue_token(&token)).await.unwrap().items.len(),
        4
    );
    assert_eq!(pods.list_metadata(&ListParams::default()).await.unwrap().items.len(), 7);
    let in_a: Api<Pod> = Api::namespaced(client.clone(), "a");
    assert!(in_a.get_opt("nothing").await.unwrap().is_none());
    assert_eq!(client.apiserver_version().await.unwrap().git_version, "v1.36.3");
    let groups = client.list_api_groups().await.unwrap();
    assert!(groups.groups.iter().any(|group| group.name == "argoproj.io"));
    let resources = client.list_api_group_resources("argoproj.io/v1alpha1").await.unwrap();
    assert!(resources.resources.iter().any(|resource| resource.kind == "Application"));
    assert!(served.world.violations().is_empty());
}

#[tokio::test]
async fn both_kinds_of_watcher_follow_through_faults_without_a_needless_list() {
    for streaming in [false, true] {
        let served = serve(World::empty()).await;
        let cluster = served.world.cluster("prod");
        cluster.apply(app("a")).unwrap();
        cluster.apply(app("b")).unwrap();
        let resource =
            ApiResource::from_gvk(&GroupVersionKind::gvk("argoproj.io", "v1alpha1", "Application"));
        let api: Api<DynamicObject> = Api::all_with(client(&served.running.clusters[0].url), &resource);
        let config =
            if streaming { watcher::Config::default().streaming_lists() } else { watcher::Config::default() };
        let mut stream = Box::pin(watcher(api, config).default_backoff());
        until(&mut stream, &["a", "b"]).await;
        cluster.apply(app("c")).unwrap();
        cluster.delete("applications", "argocd", "a");
        until_from(&mut stream, &["a", "b"], &["b", "c"]).await;

        cluster.inject("*", Fault::CloseWatches).unwrap();
        cluster.apply(app("d")).unwrap();
        until_from(&mut stream, &["b", "c"], &["b", "c", "d"]).await;
        assert_eq!(
            served.world.counters().lists("prod", "applications"),
            1,
            "resumed, not listed: {streaming}"
        );

        cluster.inject("*", Fault::ExpireWatches).unwrap();
        cluster.delete("applications", "argocd", "d");
        until(&mut stream, &["b", "c"]).await;
        assert_eq!(
            served.world.counters().lists("prod", "applications"),
            2,
            "gone, so listed anew: {streaming}"
        );
        assert!(served.world.violations().is_empty());
    }
}

/// As [`until`], beginning with names that are known already.
async fn until_from<K>(
    stream: &mut (impl StreamExt<Item = watcher::Result<watcher::Event<K>>> + Unpin),
    known: &[&str],
    want: &[&str],
) where
    K: kube::Resource,
{
    let mut names: BTreeSet<String> = known.iter().map(|name| (*name).to_owned()).collect();
    let want: BTreeSet<String> = want.iter().map(|name| (*name).to_owned()).collect();
    let follow = async {
        while names != want {
            match stream.next().await.unwrap() {
                Ok(watcher::Event::Apply(object)) => _ = names.insert(object.meta().name.clone().unwrap()),
                Ok(watcher::Event::Delete(object)) => {
                    _ = names.remove(object.meta().name.as_deref().unwrap());
                }
                Ok(_) => panic!("a list where none was needed"),
                Err(_) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), follow).await.unwrap_or_else(|_| panic!("never {want:?}"));
}
