//! Where a tag points.

use landfall_model::image::is_digest;
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use sha2::{Digest as _, Sha256};

use super::{Client, Failure};

/// All that an image can be. Without the index types some registries choose a platform by themselves.
pub(super) const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";
pub(super) const LARGEST_MANIFEST: usize = 4 << 20;

/// Where a tag points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointed {
    pub digest: String,
    /// The manifest, where it had to be read to know.
    pub manifest: Option<Raw>,
}

/// A manifest as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl Client {
    /// Where `tag` of `repository` points; `None`: there is no such tag.
    pub async fn point(&self, repository: &str, tag: &str) -> Result<Option<Pointed>, Failure> {
        let url = self.url(&format!("/v2/{repository}/manifests/{tag}"))?;
        if self.head_tells() {
            let response = self.ask(Method::HEAD, &url, repository, MANIFESTS).await?;
            let status = response.status();
            match status {
                _ if status.is_success() => {
                    self.budget().well();
                    if let Some(digest) = told(response.headers()) {
                        return Ok(Some(Pointed { digest, manifest: None }));
                    }
                }
                StatusCode::NOT_FOUND => return Ok(None),
                StatusCode::METHOD_NOT_ALLOWED | StatusCode::BAD_REQUEST | StatusCode::NOT_ACCEPTABLE => {}
                _ => return Err(crate::source::http::failure_of(status.as_u16(), b"")),
            }
        }
        let raw = match self.manifest(repository, tag).await {
            Err(Failure::NotFound(_)) => return Ok(None),
            other => other?,
        };
        // Only now: a page in place of a manifest says nothing about HEAD.
        self.head_does_not_tell();
        Ok(Some(Pointed { digest: raw.1, manifest: Some(raw.0) }))
    }

    /// A manifest with its digest, by tag or digest. The digest is worked out, and must be the one that was told.
    pub(super) async fn manifest(&self, repository: &str, reference: &str) -> Result<(Raw, String), Failure> {
        let url = self.url(&format!("/v2/{repository}/manifests/{reference}"))?;
        let response = self.ask(Method::GET, &url, repository, MANIFESTS).await?;
        let said = told(response.headers());
        let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type =
            media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned();
        let bytes = self.http.whole(response, LARGEST_MANIFEST).await?;
        if !matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{')) {
            return Err(Failure::Broken(format!("{reference}: {media_type} in place of a manifest")));
        }
        let digest = sha256(&bytes);
        let wanted = if is_digest(reference) { Some(reference.to_owned()) } else { said };
        match wanted {
            // Others than SHA-256 are taken at their word.
            Some(wanted) if wanted.starts_with("sha256:") && wanted != digest => {
                Err(Failure::Broken(format!("{reference}: what came has the digest {digest}, not {wanted}")))
            }
            wanted => Ok((Raw { media_type, bytes }, wanted.unwrap_or(digest))),
        }
    }
}

/// The digest in the headers, if it is one.
fn told(headers: &HeaderMap) -> Option<String> {
    let digest = headers.get("docker-content-digest")?.to_str().ok()?.trim();
    is_digest(digest).then(|| digest.to_owned())
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::from("sha256:"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
