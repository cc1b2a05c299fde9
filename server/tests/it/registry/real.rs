//! Against the distribution project's own registry, where it is installed.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures::StreamExt as _;
use landfall::source::registry::Whole;
use sha2::{Digest as _, Sha256};

use super::{client, config};

/// A running registry with its folder.
struct Real {
    program: Child,
    host: String,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// `docker-registry` (Debian's name) or `registry` on the path, or what `LANDFALL_TEST_REGISTRY` names.
fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LANDFALL_TEST_REGISTRY") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    ["docker-registry", "registry"]
        .iter()
        .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
}

async fn start() -> Option<Real> {
    let Some(program) = program() else {
        eprintln!(
            "\n*** NOT RUN: no registry of the distribution project: `apt-get install docker-registry`, or name its \
             program in LANDFALL_TEST_REGISTRY ***\n"
        );
        return None;
    };
    let _already = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let host = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let settings = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\n\
         http: {{addr: \"{host}\"}}\n",
        folder.path().join("data").display()
    );
    let file = folder.path().join("config.yml");
    std::fs::write(&file, settings).unwrap();
    let program = Command::new(program)
        .arg("serve")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let real = Real { program, host, http, _folder: folder };
    for _ in 0..300 {
        if real.http.get(format!("http://{}/v2/", real.host)).send().await.is_ok() {
            return Some(real);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the registry does not answer");
}

impl Real {
    async fn blob(&self, repository: &str, bytes: &[u8]) -> String {
        let digest = digest(bytes);
        let begun = self
            .http
            .post(format!("http://{}/v2/{repository}/blobs/uploads/", self.host))
            .send()
            .await
            .unwrap();
        let place = begun.headers()["location"].to_str().unwrap().to_owned();
        let joint = if place.contains('?') { '&' } else { '?' };
        let sent = self
            .http
            .put(format!("{place}{joint}digest={digest}"))
            .body(bytes.to_vec())
            .send()
            .await
            .unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
        digest
    }

    async fn manifest(&self, repository: &str, reference: &str, kind: &str, bytes: String) -> String {
        let url = format!("http://{}/v2/{repository}/manifests/{reference}", self.host);
        let digest = digest(bytes.as_bytes());
        let sent = self.http.put(url).header("content-type", kind).body(bytes).send().await.unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
        digest
    }

    /// Pushes an image; the same `content` is the same image.
    async fn push(&self, repository: &str, tag: &str, content: &str) -> (String, usize) {
        const KIND: &str = "application/vnd.oci.image.manifest.v1+json";
        let layer = self.blob(repository, content.as_bytes()).await;
        let config = format!(
            r#"{{"created":"2026-11-20T10:00:00Z","os":"linux","architecture":"amd64","config":{{"Labels":{{"org.opencontainers.image.revision":"{content}"}}}},"rootfs":{{"type":"layers","diff_ids":["{layer}"]}}}}"#
        );
        let size = config.len();
        let config = self.blob(repository, config.as_bytes()).await;
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{KIND}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":{size}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer}","size":{}}}]}}"#,
            content.len()
        );
        let length = manifest.len();
        (self.manifest(repository, tag, KIND, manifest).await, length)
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex: Vec<String> = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{}", hex.concat())
}

#[tokio::test]
async fn the_distribution_projects_registry() {
    let Some(real) = start().await else { return };
    let client = client(&config(&real.host));
    client.ping().await.unwrap();
    let (a, size) = real.push("hosting/web", "1", "a").await;
    let (b, _) = real.push("hosting/web", "2", "b").await;
    let (reverted, _) = real.push("hosting/web", "3", "a").await;
    assert!(a == reverted && a != b);
    let tags = client.tags("hosting/web").await.unwrap();
    assert_eq!(
        (tags.tags.into_iter().collect::<Vec<_>>(), tags.whole),
        (vec!["1".into(), "2".into(), "3".into()], Whole::Yes)
    );
    for (tag, digest) in [("1", &a), ("2", &b), ("3", &a)] {
        let pointed = client.point("hosting/web", tag).await.unwrap().unwrap();
        assert_eq!((&pointed.digest, pointed.manifest), (digest, None));
    }
    assert_eq!(client.point("hosting/web", "4").await.unwrap(), None);
    assert!(client.tags("hosting/none").await.is_err());

    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{a}","size":{size},"platform":{{"os":"linux","architecture":"amd64"}}}}]}}"#
    );
    let index = real.manifest("hosting/web", "4", "application/vnd.oci.image.index.v1+json", index).await;
    let all = super::whole(&client, "hosting/web", &index).await;
    assert_eq!(all.iter().map(|one| one.digest.as_str()).collect::<Vec<_>>(), [a.as_str(), index.as_str()]);
    assert_eq!(all[0].created, Some("2026-11-20T10:00:00Z".parse().unwrap()));
    assert_eq!(all[0].labels[0].value, "a");
    assert_eq!(all[0].error, None);
}

#[tokio::test]
async fn its_pages() {
    let Some(real) = start().await else { return };
    let (_, _) = real.push("many", "tag-0000", "a").await;
    let url = format!("http://{}/v2/many/manifests/tag-0000", real.host);
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let bytes = real.http.get(url).header("accept", kind).send().await.unwrap().text().await.unwrap();
    let pushes = (1..1_203).map(|n| {
        let (real, bytes) = (&real, bytes.clone());
        async move { real.manifest("many", &format!("tag-{n:04}"), kind, bytes).await }
    });
    futures::stream::iter(pushes).buffer_unordered(16).collect::<Vec<_>>().await;
    let tags = client(&config(&real.host)).tags("many").await.unwrap();
    assert_eq!((tags.tags.len(), tags.whole), (1_203, Whole::Yes));
}
