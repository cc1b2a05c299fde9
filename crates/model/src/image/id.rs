//! `imageID` of a container status: what a runtime says it runs.

use super::is_digest;

/// What an `imageID` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageId<'a> {
    /// The digest by which its repository knows the image (of an index or of one platform), `sha256:…`.
    Repository(&'a str),
    /// An id of the runtime's own store: the digest of the image's configuration. No registry knows it.
    Local(&'a str),
    /// Empty until the image is pulled, or a form that tells nothing certain.
    Unknown,
}

/// Reads an `imageID`. Seen: `docker-pullable://repo@sha256:…`, `docker.io/library/x@sha256:…`, `repo:tag@sha256:…`,
/// `docker://sha256:…` and bare `sha256:…` (ids without a repository), a plain name, and nothing.
pub fn image_id(text: &str) -> ImageId<'_> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    match text.rsplit_once('@') {
        Some((repository, digest)) if is_digest(digest) => {
            if repository.is_empty() {
                ImageId::Local(digest)
            } else {
                ImageId::Repository(digest)
            }
        }
        None if is_digest(text) => ImageId::Local(text),
        _ => ImageId::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_repositorys_digest_from_a_local_id() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        for prefix in
            ["docker-pullable://nginx@", "docker.io/library/nginx@", "h:5000/a/b:1@", "127.0.0.1:1/x@"]
        {
            assert_eq!(image_id(&format!("{prefix}{digest}")), ImageId::Repository(&digest));
        }
        for prefix in ["", "docker://", "@"] {
            assert_eq!(image_id(&format!("{prefix}{digest}")), ImageId::Local(&digest));
        }
        for text in ["", "nginx:1.27", "nginx@sha256:abc", "nginx@", "docker-pullable://", "sha256:short"] {
            assert_eq!(image_id(text), ImageId::Unknown, "{text}");
        }
    }
}
