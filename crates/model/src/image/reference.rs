//! Image references by the grammar of the `reference` package of distribution/distribution, with Docker's
//! abbreviations written out: `nginx` is `docker.io/library/nginx`.

use std::{fmt, str::FromStr};

/// Registry of names that have none.
const DEFAULT_REGISTRY: &str = "docker.io";
/// Docker Hub's name of old.
const LEGACY_REGISTRY: &str = "index.docker.io";
/// Namespace of Docker Hub's own images.
const OFFICIAL: &str = "library/";
/// Longest path of a repository.
const PATH_LIMIT: usize = 255;
/// Longest tag.
const TAG_LIMIT: usize = 128;
/// Hexadecimal digits that [`short_digest`] shows.
const SHORT: usize = 12;

/// A whole image reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageRef {
    /// With the registry's host: `registry.example:5000/shop/web`, `docker.io/library/nginx`.
    pub repository: String,
    pub tag: Option<String>,
    /// `sha256:…`
    pub digest: Option<String>,
}

/// Why a text is no image reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageRefError {
    #[error("the image has no name")]
    NoName,
    #[error("the registry's host is not valid")]
    Registry,
    #[error(
        "the repository's name is not valid: lower-case letters, digits and separators, at most 255 characters"
    )]
    Name,
    #[error("the tag is not valid: at most 128 letters, digits, `_`, `.`, `-`")]
    Tag,
    #[error("the digest is not valid: an algorithm, a colon, hexadecimal digits")]
    Digest,
}

impl ImageRef {
    /// Reads a reference; [`FromStr`] says what is wrong with one that is none.
    pub fn parse(text: &str) -> Result<Self, ImageRefError> {
        text.parse()
    }

    /// The registry's host, with its port.
    pub fn registry(&self) -> &str {
        self.repository.split_once('/').map_or(DEFAULT_REGISTRY, |(registry, _)| registry)
    }

    /// The repository's path within its registry.
    pub fn path(&self) -> &str {
        self.repository.split_once('/').map_or(&*self.repository, |(_, path)| path)
    }

    /// The last part of the path: `web` of `registry.example/shop/web`.
    pub fn short_name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }
}

impl FromStr for ImageRef {
    type Err = ImageRefError;

    fn from_str(text: &str) -> Result<Self, ImageRefError> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) if is_digest(digest) => (rest, Some(digest.to_owned())),
            Some(_) => return Err(ImageRefError::Digest),
            None => (text, None),
        };
        // A colon before the last slash belongs to a port.
        let path_start = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest[path_start..].rfind(':').map(|at| path_start + at) {
            Some(at) if is_tag(&rest[at + 1..]) => (&rest[..at], Some(rest[at + 1..].to_owned())),
            Some(_) => return Err(ImageRefError::Tag),
            None => (rest, None),
        };
        Ok(Self { repository: repository(name)?, tag, digest })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// The name with its registry, Docker's abbreviations written out.
fn repository(name: &str) -> Result<String, ImageRefError> {
    if name.is_empty() {
        return Err(ImageRefError::NoName);
    }
    let (registry, path) = match name.split_once('/') {
        Some((first, path)) if looks_like_host(first) => (first, path),
        _ => (DEFAULT_REGISTRY, name),
    };
    let registry = if registry == LEGACY_REGISTRY { DEFAULT_REGISTRY } else { registry };
    if !is_host(registry) {
        return Err(ImageRefError::Registry);
    }
    // 64 hexadecimal digits are an image's id, and Docker refuses them as a name.
    let is_id = path.len() == 64 && path.bytes().all(is_lower_hex);
    if path.len() > PATH_LIMIT || is_id || !path.split('/').all(is_path_component) {
        return Err(ImageRefError::Name);
    }
    let official = if registry == DEFAULT_REGISTRY && !path.contains('/') { OFFICIAL } else { "" };
    Ok(format!("{registry}/{official}{path}"))
}

/// Docker's rule for telling `host/path` from `user/path`.
fn looks_like_host(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.bytes().any(|b| b.is_ascii_uppercase())
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            if address.is_empty() || !address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
                return false;
            }
            (None, port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(text), Some("0")),
        },
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.is_none_or(|host| host.split('.').all(is_label))
        && port.is_some_and(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// Runs of lower-case letters and digits, parted by `.`, `_`, `__` or dashes.
fn is_path_component(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    is_word(*first)
        && is_word(*last)
        && bytes.split(|b| is_word(*b)).all(|separator| {
            matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
        })
}

/// Whether a text is a tag: at most 128 letters, digits, `_`, `.`, `-`, and none of the last two in front.
pub fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= TAG_LIMIT
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Whether a text is a digest: `sha256:` with 64 lower-case hexadecimal digits, `sha384`, `sha512`, or another
/// algorithm with at least 32 digits.
pub fn is_digest(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let parts = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let expected = match algorithm {
        "sha256" => Some(64),
        "sha384" => Some(96),
        "sha512" => Some(128),
        _ => None,
    };
    algorithm.split(['+', '.', '-', '_']).all(parts)
        && match expected {
            Some(length) => encoded.len() == length && encoded.bytes().all(is_lower_hex),
            None => (32..=1024).contains(&encoded.len()) && encoded.bytes().all(|b| b.is_ascii_hexdigit()),
        }
}

/// The first twelve digits of a digest, without its algorithm, for places where the whole does not fit.
pub fn short_digest(digest: &str) -> &str {
    let encoded = digest.split_once(':').map_or(digest, |(_, encoded)| encoded);
    encoded.char_indices().nth(SHORT).map_or(encoded, |(end, _)| &encoded[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (String, Option<String>, Option<String>) {
        let image: ImageRef = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        (image.repository, image.tag, image.digest)
    }

    #[test]
    fn tells_ports_from_tags_and_writes_abbreviations_out() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        let owned = |text: &str| Some(text.to_owned());
        for (text, repository, tag) in [
            ("nginx", "docker.io/library/nginx", None),
            ("nginx:1.27.3", "docker.io/library/nginx", owned("1.27.3")),
            ("shop/web", "docker.io/shop/web", None),
            ("docker.io/nginx", "docker.io/library/nginx", None),
            ("index.docker.io/shop/web:1", "docker.io/shop/web", owned("1")),
            ("localhost/web", "localhost/web", None),
            ("localhost:5000/web:5000", "localhost:5000/web", owned("5000")),
            ("127.0.0.1:26111/shop/web", "127.0.0.1:26111/shop/web", None),
            ("[::1]:5000/web:a", "[::1]:5000/web", owned("a")),
            ("Registry.Example/a__b/c-----d.e_f:T", "Registry.Example/a__b/c-----d.e_f", owned("T")),
            ("web:5000", "docker.io/library/web", owned("5000")),
        ] {
            assert_eq!(parts(text), (repository.to_owned(), tag.clone(), None), "{text}");
            let pinned = format!("{text}@{digest}");
            assert_eq!(parts(&pinned), (repository.to_owned(), tag, Some(digest.clone())), "{pinned}");
        }
    }

    #[test]
    fn refuses_what_is_no_reference() {
        for (text, error) in [
            ("", ImageRefError::NoName),
            (":tag", ImageRefError::NoName),
            ("Nginx", ImageRefError::Name),
            ("a//b", ImageRefError::Name),
            ("a/b___c", ImageRefError::Name),
            ("a/-b", ImageRefError::Name),
            ("a/b._c", ImageRefError::Name),
            ("nginx:", ImageRefError::Tag),
            ("nginx:.x", ImageRefError::Tag),
            ("nginx:a b", ImageRefError::Tag),
            ("nginx@sha256:abc", ImageRefError::Digest),
            ("nginx@", ImageRefError::Digest),
            ("host.example:/a", ImageRefError::Registry),
            ("-host.example/a", ImageRefError::Registry),
            ("host..example/a", ImageRefError::Registry),
        ] {
            assert_eq!(text.parse::<ImageRef>(), Err(error), "{text:?}");
        }
        assert_eq!("ab".repeat(32).parse::<ImageRef>(), Err(ImageRefError::Name), "an id");
    }

    #[test]
    fn shortens_digests() {
        assert_eq!(short_digest("sha256:0123456789abcdef"), "0123456789ab");
        assert_eq!(short_digest("sha256:01"), "01");
        assert_eq!(short_digest(""), "");
        assert_eq!(short_digest("日本語日本語日本語日本語日本語").chars().count(), 12);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            host in "([a-z][a-z0-9]{0,8}\\.[a-z]{2,5}|localhost|10\\.0\\.0\\.1)(:[1-9][0-9]{0,4})?",
            path in "[a-z0-9]{1,8}((__|[._]|-{1,3})[a-z0-9]{1,5}){0,2}(/[a-z0-9]{1,8}){0,3}",
            tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"),
            digest in proptest::option::of("sha256:[0-9a-f]{64}"),
        ) {
            let image = ImageRef { repository: format!("{host}/{path}"), tag, digest };
            prop_assert_eq!(image.to_string().parse::<ImageRef>(), Ok(image));
        }

        #[test]
        fn any_text_parses_to_itself_or_not_at_all(text in "\\PC{0,80}|[a-z0-9.:/@_-]{0,80}") {
            if let Ok(image) = text.parse::<ImageRef>() {
                prop_assert_eq!(image.to_string().parse::<ImageRef>(), Ok(image));
            }
            let _ = short_digest(&text);
        }
    }
}
