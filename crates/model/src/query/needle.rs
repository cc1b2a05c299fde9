//! What a search for one image can mean: the beginning of a digest, of a tag, of a commit.

use super::search::MIN_HASH;

/// Shortest beginning of a tag that is looked for.
const MIN_TAG: usize = 2;
/// Longest tag, and longest commit.
const MAX_TAG: usize = 128;
const MAX_HASH: usize = 64;
/// Shortest commit that a tag holds.
const SHORT_COMMIT: usize = 6;

/// What a word can mean; at least one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    /// With the registry's host, where the word names one: `registry.example/web:1.0`.
    pub repository: Option<String>,
    /// `sha256:` and at least six digits.
    pub digest: Option<String>,
    pub tag: Option<String>,
    /// At least six digits, in lower case.
    pub commit: Option<String>,
}

impl Needle {
    /// Reads a word; `None` where it can be none of these, as with several words.
    #[must_use]
    pub fn read(q: &str) -> Option<Self> {
        let q = q.trim();
        let (repository, word) = match q.split_once('@') {
            Some((image, digest)) => {
                (Some(image.split_once(':').map_or(image, |_| without_tag(image))), digest)
            }
            None => match (q.rfind('/'), q.rfind(':')) {
                (Some(slash), Some(colon)) if slash < colon => (Some(&q[..colon]), &q[colon + 1..]),
                _ => (None, q),
            },
        };
        let digits = word.strip_prefix("sha256:").unwrap_or(word).to_ascii_lowercase();
        let is_hash =
            (MIN_HASH..=MAX_HASH).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let is_tag = (MIN_TAG..=MAX_TAG).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
            && !word.starts_with(['.', '-']);
        let needle = Self {
            repository: repository.filter(|name| !name.is_empty()).map(str::to_owned),
            digest: is_hash.then(|| format!("sha256:{digits}")),
            tag: is_tag.then(|| word.to_owned()),
            commit: (is_hash && !word.starts_with("sha256:")).then_some(digits),
        };
        (needle.digest.is_some() || needle.tag.is_some()).then_some(needle)
    }

    /// What a tag may hold of the commit where it shortens it more than the word does.
    #[must_use]
    pub fn shortened(&self) -> Vec<String> {
        let commit = self.commit.as_deref().unwrap_or_default();
        (SHORT_COMMIT..commit.len()).map(|length| commit[..length].to_owned()).collect()
    }
}

fn without_tag(image: &str) -> &str {
    match (image.rfind('/'), image.rfind(':')) {
        (Some(slash), Some(colon)) if slash < colon => &image[..colon],
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Repository, digest, tag and commit; `-` for what it cannot be.
    fn read(q: &str) -> Option<[String; 4]> {
        let or_none = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
        Needle::read(q).map(|it| [it.repository, it.digest, it.tag, it.commit].map(or_none))
    }

    #[track_caller]
    fn reads(q: &str, parts: [&str; 4]) {
        assert_eq!(read(q), Some(parts.map(str::to_owned)), "{q}");
    }

    #[test]
    fn a_word_is_what_it_can_be() {
        reads("1a2b3c", ["-", "sha256:1a2b3c", "1a2b3c", "1a2b3c"]);
        reads("sha256:1A2B3C", ["-", "sha256:1a2b3c", "-", "-"]);
        reads("main-1a2b3c", ["-", "-", "main-1a2b3c", "-"]);
        // Too short for a hash.
        reads("abc", ["-", "-", "abc", "-"]);
        reads("r.example:5000/a/b:1.0", ["r.example:5000/a/b", "-", "1.0", "-"]);
        let whole = format!("r.example/a:1.0@sha256:{}", "a".repeat(64));
        let digest = format!("sha256:{}", "a".repeat(64));
        reads(&whole, ["r.example/a", &digest, "-", "-"]);
        for none in ["", "a", "two words", "sha256:1a2b", "sha256:", "r.example/a", "-x-", &"a".repeat(200)] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn a_long_commit_finds_tags_that_hold_less_of_it() {
        assert_eq!(Needle::read("1a2b3c4d").unwrap().shortened(), ["1a2b3c", "1a2b3c4"]);
        assert_eq!(Needle::read("main").unwrap().shortened(), [""; 0]);
    }
}
