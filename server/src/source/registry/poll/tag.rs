//! Which tags are likely to move.

/// Whether a tag looks as if it were pushed again and again: `latest`, `main`, `v1`, `1.27`, `staging`. What names one
/// build does not: a version of three numbers, a date, a build's number behind something, a commit.
///
/// It decides how often a tag is looked at, and nothing else: a tag that moved once is looked at from then on, and one
/// that runs always is.
pub fn may_move(tag: &str) -> bool {
    !(is_whole_version(tag) || has_long_number(tag) || has_commit(tag))
}

/// Three numbers or more, parted by dots, at the beginning or behind a `v` or a dash.
fn is_whole_version(tag: &str) -> bool {
    tag.split(['-', '_']).any(|part| {
        let part = part.strip_prefix('v').unwrap_or(part);
        let mut numbers = part.split('.').take(3);
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        numbers.next().is_some_and(is_number)
            && numbers.next().is_some_and(is_number)
            && numbers.next().is_some_and(begins)
    })
}

/// Six digits in a row: a date, a build.
fn has_long_number(tag: &str) -> bool {
    tag.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 6)
}

/// Seven or more hexadecimal digits with a decimal one among them.
fn has_commit(tag: &str) -> bool {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    tag.split(['-', '_', '.'])
        .any(|part| part.len() >= 7 && part.chars().all(hex) && part.bytes().any(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_as_people_write_them() {
        for moves in [
            "latest",
            "main",
            "v1",
            "1",
            "1.27",
            "1.27-alpine",
            "staging",
            "pr-12",
            "feature-x",
            "deadbeef",
            "2026-11",
        ] {
            assert!(may_move(moves), "{moves}");
        }
        for stays in [
            "1.27.3",
            "v1.2.3-rc.1",
            "web-2.0.11",
            "20231127-170000",
            "2026.11.20",
            "build-123456",
            "4f1c9d2",
            "main-4f1c9d2e",
            "pr-12-4f1c9d2",
            "1.2.3_4",
        ] {
            assert!(!may_move(stays), "{stays}");
        }
    }
}
