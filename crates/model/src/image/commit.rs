//! Which commit a tag is of, by its name.

/// Shortest part of a commit's id that counts as one.
const SHORTEST: usize = 7;

/// The part of a tag that is the commit, in full or shortened: `pr-482-e41c07d`, `sha-e41c07d8…`, `v1.2-3-ge41c07d`.
#[must_use]
pub fn commit_in_tag<'t>(tag: &'t str, sha: &str) -> Option<&'t str> {
    let is_of = |part: &&str| part.len() >= SHORTEST && sha.starts_with(&part.to_ascii_lowercase());
    tag.split(|c: char| !c.is_ascii_alphanumeric()).find_map(|part| {
        // `git describe` writes a `g` before it.
        let parts = [Some(part), part.strip_prefix('g'), part.strip_prefix("sha")];
        parts.into_iter().flatten().find(is_of)
    })
}

#[cfg(test)]
mod tests {
    use super::commit_in_tag;

    #[test]
    fn a_tag_names_a_commit() {
        let sha = "e41c07d8a1b2c3d4e5f60718293a4b5c6d7e8f90";
        for tag in [
            "pr-482-e41c07d",
            "e41c07d8",
            "sha-e41c07d8a1b2",
            "v1.2-3-ge41c07d",
            "shae41c07d",
            "PR482_E41C07D",
        ] {
            assert!(commit_in_tag(tag, sha).is_some(), "{tag}");
        }
        for tag in ["pr-482", "e41c07", "pr-482-9b2f6d0", "20261124-132727", "latest", "xe41c07d"] {
            assert!(commit_in_tag(tag, sha).is_none(), "{tag}");
        }
    }
}
