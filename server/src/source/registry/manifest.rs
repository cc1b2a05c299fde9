//! What a manifest says: an index of platforms, an image of one, or something that is no image.

use oci_spec::image::{Descriptor, ImageIndex, ImageManifest};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{Failure, point::Raw};

/// Children of an index that are kept.
const MOST_CHILDREN: usize = 64;
/// Layers of an image that are kept; container runtimes stop at 127.
const MOST_LAYERS: usize = 127;

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    Index(Vec<Child>),
    Image {
        config: String,
        /// Whether the configuration is that of an image; charts and other artifacts have their own.
        of_image: bool,
        /// Bytes of configuration and layers, as they travel.
        size: u64,
        /// From the bottom up.
        layers: Vec<Layer>,
        /// `org.opencontainers.image.created` of the manifest itself.
        created: Option<String>,
    },
    /// Docker's first form, or what is no manifest that we know.
    Other,
}

/// A layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    pub digest: String,
    /// Bytes, as it travels.
    pub size: u64,
}

/// A platform's manifest within an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    pub digest: String,
    pub platform: Option<Platform>,
}

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// `os/arch` or `os/arch/variant`.
impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

/// Enough of any manifest to know what it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Probe {
    #[serde(default)]
    schema_version: u32,
    media_type: Option<String>,
    manifests: Option<IgnoredAny>,
    config: Option<IgnoredAny>,
}

/// Reads a manifest. What has both the parts of an index and those of an image is neither: who reads it one way and who
/// reads it the other would run different things.
pub fn read(raw: &Raw, reference: &str) -> Result<(Manifest, String), Failure> {
    let probe: Probe = parse(&raw.bytes, reference)?;
    let media_type = probe.media_type.unwrap_or_else(|| raw.media_type.clone());
    let manifest = match (probe.schema_version, probe.manifests, probe.config) {
        (_, Some(_), Some(_)) => {
            return Err(Failure::Broken(format!("{reference}: both an index and an image")));
        }
        (2, Some(_), None) => Manifest::Index(children(&parse::<ImageIndex>(&raw.bytes, reference)?)),
        (2, None, Some(_)) => image(&parse(&raw.bytes, reference)?),
        _ => Manifest::Other,
    };
    Ok((manifest, media_type))
}

fn parse<T: DeserializeOwned>(bytes: &[u8], reference: &str) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::Broken(format!("manifest {reference}: {error}")))
}

fn children(index: &ImageIndex) -> Vec<Child> {
    let images = index.manifests().iter().filter(|one| !is_about_another(one));
    let child = |one: &Descriptor| Child {
        digest: one.digest().to_string(),
        platform: one.platform().as_ref().map(|platform| Platform {
            os: platform.os().to_string(),
            architecture: platform.architecture().to_string(),
            variant: platform.variant().clone(),
        }),
    };
    images.take(MOST_CHILDREN).map(child).collect()
}

/// Attestations stand beside the images they are about, for no platform.
fn is_about_another(child: &Descriptor) -> bool {
    let marked =
        child.annotations().as_ref().is_some_and(|all| all.contains_key("vnd.docker.reference.type"));
    let nowhere = child.platform().as_ref().is_some_and(|platform| {
        platform.os().to_string() == "unknown" && platform.architecture().to_string() == "unknown"
    });
    marked || nowhere
}

fn image(manifest: &ImageManifest) -> Manifest {
    const CREATED: &str = "org.opencontainers.image.created";
    let config = manifest.config();
    let kind = config.media_type().to_string();
    Manifest::Image {
        config: config.digest().to_string(),
        of_image: matches!(
            kind.as_str(),
            "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
        ),
        size: manifest.layers().iter().map(Descriptor::size).fold(config.size(), u64::saturating_add),
        layers: manifest.layers().iter().take(MOST_LAYERS).map(layer).collect(),
        created: manifest.annotations().as_ref().and_then(|all| all.get(CREATED).cloned()),
    }
}

fn layer(one: &Descriptor) -> Layer {
    Layer { digest: one.digest().to_string(), size: one.size() }
}
