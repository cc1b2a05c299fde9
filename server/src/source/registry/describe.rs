//! What is behind a digest. None of it ever changes, so it is asked for once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::{
    Client, Failure,
    manifest::{self, Child, Layer, Manifest, Platform},
    point::{Raw, sha256},
};
use crate::source::http::short;

const LARGEST_CONFIG: usize = 8 << 20;
/// Labels that are kept, by what they begin with: others are anybody's, and may hold anything.
const LABELS: &[&str] = &["org.opencontainers.image.", "org.label-schema."];
const MOST_LABELS: usize = 32;
const LONGEST_LABEL: usize = 512;

/// What is behind a digest: of an index its platforms, of an image its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub digest: String,
    pub media_type: String,
    /// Of an index.
    pub children: Vec<Child>,
    /// Of an image: digest of its configuration.
    pub config: Option<String>,
    pub platform: Option<Platform>,
    /// When it says it was made, and the same as it is written, which may be no time at all.
    pub created: Option<Timestamp>,
    pub created_text: Option<String>,
    pub labels: Vec<Label>,
    /// Bytes as they travel.
    pub size: Option<u64>,
    /// From the bottom up; `None`: not read, or no image.
    pub layers: Option<Vec<Layer>>,
    /// What of it could not be read.
    pub error: Option<String>,
}

/// A label of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub name: String,
    pub value: String,
}

/// An image's configuration, as far as it is of use.
#[derive(Default, Deserialize)]
struct Configuration {
    created: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    config: Option<Inner>,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "Labels")]
    labels: Option<BTreeMap<String, String>>,
}

impl Client {
    /// Describes `digest`; of an index, its platforms are described each on their own. `manifest` is what came with it
    /// already, `platform` what its index says of it, if anything.
    ///
    /// Fails where the registry cannot be asked any more; what is broken or gone is described as that.
    pub async fn describe(
        &self,
        repository: &str,
        digest: &str,
        manifest: Option<Raw>,
        platform: Option<Platform>,
    ) -> Result<Described, Failure> {
        let mut found = Described::nothing(digest, platform);
        match self.fill(&mut found, repository, digest, manifest).await {
            Ok(()) => {}
            Err(failure @ (Failure::Broken(_) | Failure::TooLarge(_) | Failure::NotFound(_))) => {
                found.error = Some(short(&failure.to_string()));
            }
            Err(failure) => return Err(failure),
        }
        Ok(found)
    }

    async fn fill(
        &self,
        found: &mut Described,
        repository: &str,
        digest: &str,
        raw: Option<Raw>,
    ) -> Result<(), Failure> {
        let raw = match raw {
            Some(raw) => raw,
            None => self.manifest(repository, digest).await?.0,
        };
        let (manifest, media_type) = manifest::read(&raw, digest)?;
        found.media_type = short(&media_type);
        match manifest {
            Manifest::Index(children) => found.children = children,
            Manifest::Image { config, of_image, size, layers, created } => {
                found.size = Some(size);
                found.layers = Some(layers);
                found.config = Some(config.clone());
                found.say_created(created);
                if of_image {
                    found.configure(self.configuration(repository, &config).await?);
                }
            }
            Manifest::Other => {}
        }
        Ok(())
    }

    async fn configuration(&self, repository: &str, digest: &str) -> Result<Configuration, Failure> {
        let url = self.url(&format!("/v2/{repository}/blobs/{digest}"))?;
        let response = self.ask(Method::GET, &url, repository, "*/*").await?;
        let bytes = self.http.whole(response, LARGEST_CONFIG).await?;
        if digest.starts_with("sha256:") && sha256(&bytes) != digest {
            return Err(Failure::Broken(format!("configuration {digest}: what came has another digest")));
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| Failure::Broken(format!("configuration {digest}: {error}")))
    }
}

impl Described {
    fn nothing(digest: &str, platform: Option<Platform>) -> Self {
        Self {
            digest: digest.to_owned(),
            media_type: String::new(),
            children: Vec::new(),
            config: None,
            platform,
            created: None,
            created_text: None,
            labels: Vec::new(),
            size: None,
            layers: None,
            error: None,
        }
    }

    fn say_created(&mut self, text: Option<String>) {
        if let Some(text) = text {
            self.created = text.trim().parse().ok();
            self.created_text = Some(short(&text));
        }
    }

    /// The configuration's word wins over what stands around it.
    fn configure(&mut self, configuration: Configuration) {
        let Configuration { created, os, architecture, variant, config } = configuration;
        self.say_created(created);
        if let (Some(os), Some(architecture)) = (os, architecture)
            && !os.is_empty()
        {
            self.platform = Some(Platform { os, architecture, variant: variant.filter(|v| !v.is_empty()) });
        }
        let labels = config.and_then(|inner| inner.labels).unwrap_or_default();
        self.labels = labels
            .into_iter()
            .filter(|(name, _)| LABELS.iter().any(|prefix| name.starts_with(prefix)))
            .filter(|(name, value)| name.len() <= 128 && value.len() <= LONGEST_LABEL)
            .take(MOST_LABELS)
            .map(|(name, value)| Label { name, value })
            .collect();
    }
}
