//! Images: their bytes follow from what is in them, so that a rebuild of the same is bit by bit the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// About how large the layers of an image are: system, libraries, the application itself.
const BYTES: [u64; 3] = [29_000_000, 41_000_000, 3_100_000];

/// An image to be pushed: one platform, or an index of several.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// One makes a plain image, more an index.
    pub platforms: Vec<PlatformImage>,
    /// Docker's media types instead of the OCI ones.
    pub docker: bool,
    /// An attestation beside the platforms, as `docker buildx` makes it.
    pub attested: bool,
}

/// An image for one platform.
#[derive(Clone, Debug)]
pub struct PlatformImage {
    /// `linux/amd64`, `linux/arm64/v8`.
    pub platform: String,
    /// As written in the configuration; may be anything.
    pub created: Option<String>,
    /// Labels of the configuration.
    pub labels: BTreeMap<String, String>,
    /// What is in it: another content is another digest.
    pub content: String,
}

/// A manifest or a blob.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub media_type: String,
    pub bytes: Bytes,
}

impl Stored {
    /// With its digest.
    pub fn of(media_type: &str, bytes: Vec<u8>) -> (String, Self) {
        (digest(&bytes), Self { media_type: media_type.to_owned(), bytes: bytes.into() })
    }
}

impl Image {
    /// A plain image for `linux/amd64` that says it was made at `created`.
    pub fn plain(content: &str, created: &str) -> Self {
        Self { platforms: vec![PlatformImage::new("linux/amd64", content, created)], ..Self::default() }
    }

    /// An index of `linux/amd64` and `linux/arm64`.
    pub fn multi(content: &str, created: &str) -> Self {
        let platforms = ["linux/amd64", "linux/arm64"];
        Self {
            platforms: platforms.iter().map(|one| PlatformImage::new(one, content, created)).collect(),
            docker: false,
            attested: true,
        }
    }

    /// The digest it has once it is pushed.
    pub fn digest(&self) -> String {
        self.build().0
    }

    pub(super) fn build(&self) -> (String, Vec<(String, Stored)>) {
        let mut stored = Vec::new();
        let children: Vec<Value> = self.platforms.iter().map(|one| self.child(one, &mut stored)).collect();
        if let [only] = children.as_slice() {
            return (only["digest"].as_str().unwrap_or_default().to_owned(), stored);
        }
        let mut manifests = children;
        if self.attested {
            manifests.push(json!({
                "mediaType": self.manifest_type(), "digest": digest(b"attestation"), "size": 1,
                "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
                "platform": {"os": "unknown", "architecture": "unknown"},
            }));
        }
        let kind = if self.docker {
            "application/vnd.docker.distribution.manifest.list.v2+json"
        } else {
            "application/vnd.oci.image.index.v1+json"
        };
        let index = json!({"schemaVersion": 2, "mediaType": kind, "manifests": manifests});
        let (digest, index) = Stored::of(kind, index.to_string().into_bytes());
        stored.push((digest.clone(), index));
        (digest, stored)
    }

    fn manifest_type(&self) -> &'static str {
        if self.docker {
            "application/vnd.docker.distribution.manifest.v2+json"
        } else {
            "application/vnd.oci.image.manifest.v1+json"
        }
    }

    /// Stores one platform's parts; gives its descriptor.
    fn child(&self, one: &PlatformImage, stored: &mut Vec<(String, Stored)>) -> Value {
        let mut parts = one.platform.split('/');
        let os = parts.next().unwrap_or("linux");
        let architecture = parts.next().unwrap_or("amd64");
        let mut platform = json!({"os": os, "architecture": architecture});
        let mut config = json!({
            "os": os, "architecture": architecture, "config": {"Labels": one.labels, "Env": null},
            "rootfs": {"type": "layers", "diff_ids": [digest(one.content.as_bytes())]},
        });
        if let Some(variant) = parts.next() {
            platform["variant"] = json!(variant);
            config["variant"] = json!(variant);
        }
        if let Some(created) = &one.created {
            config["created"] = json!(created);
        }
        let (config_type, layer_type) = if self.docker {
            (
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            )
        } else {
            ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip")
        };
        let (config_digest, config) = Stored::of(config_type, config.to_string().into_bytes());
        let layers: Vec<(String, Stored)> = [
            format!("{} base", one.platform),
            format!("{} libraries", one.platform),
            format!("{}{}", one.platform, one.content),
        ]
        .into_iter()
        .map(|content| Stored::of(layer_type, content.into_bytes()))
        .collect();
        let descriptors: Vec<Value> =
            layers.iter().zip(BYTES).map(|(layer, bytes)| layer_of(layer, bytes)).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": self.manifest_type(),
            "config": {"mediaType": config_type, "digest": config_digest, "size": config.bytes.len()},
            "layers": descriptors,
        });
        let (digest, manifest) = Stored::of(self.manifest_type(), manifest.to_string().into_bytes());
        let size = manifest.bytes.len();
        stored.extend([(config_digest, config), (digest.clone(), manifest)]);
        stored.extend(layers);
        json!({"mediaType": self.manifest_type(), "digest": digest, "size": size, "platform": platform})
    }
}

impl PlatformImage {
    fn new(platform: &str, content: &str, created: &str) -> Self {
        Self {
            platform: platform.to_owned(),
            created: Some(created.to_owned()),
            labels: BTreeMap::from([(
                "org.opencontainers.image.revision".to_owned(),
                digest(content.as_bytes())[7..47].to_owned(),
            )]),
            content: content.to_owned(),
        }
    }
}

/// A layer's descriptor. It claims the size that such a layer has; what is served in its place is a line of text, since
/// nobody here runs it.
fn layer_of((digest, layer): &(String, Stored), bytes: u64) -> Value {
    let odd = u64::from(digest.bytes().last().unwrap_or_default());
    json!({"mediaType": layer.media_type, "digest": digest, "size": bytes + odd * (bytes / 1_000)})
}

/// `sha256:…` of some bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::from("sha256:"), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
