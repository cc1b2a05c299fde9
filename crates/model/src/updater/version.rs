//! Versions as `Masterminds/semver` reads them: loosely.
//!
//! One to three numbers, an optional `v`, leading zeros in the numbers, no zeros in front of a number of the
//! pre-release.

use std::cmp::Ordering;

/// A version. Equal versions may be written differently: `1.2`, `v1.2.0`, `1.2.0+a`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    /// Without its `-`; empty for a release.
    pub pre: String,
}

impl Version {
    /// `None` where the text is no version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = cut(text, '+');
        let (numbers, pre) = cut(text, '-');
        if !build.is_none_or(is_dotted) || !pre.is_none_or(is_prerelease) {
            return None;
        }
        let mut found = [0; 3];
        for (count, part) in numbers.split('.').enumerate() {
            *found.get_mut(count)? = number(part)?;
        }
        let [major, minor, patch] = found;
        Some(Self { major, minor, patch, pre: pre.unwrap_or_default().to_owned() })
    }

    /// Whether it is one that is left out unless a constraint asks for such.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Digits only; one that needs more than 64 bits is none.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn is_dotted(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

fn is_prerelease(text: &str) -> bool {
    let starts_with_zero =
        |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
    is_dotted(text) && !text.split('.').any(starts_with_zero)
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| compare_pre(&self.pre, &other.pre))
    }
}

/// A release is above its pre-releases. Else part by part: numbers below words, fewer parts below more.
pub(super) fn compare_pre(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}
