//! Anybody's text, cut to what is kept.

use landfall_model::{
    observe::{Pull, PullLabel},
    text::Text,
};
use reqwest::Url;

/// First line without control characters, at most so many characters.
pub fn line(text: &str, most: usize) -> Text {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let kept: String = first.chars().filter(|c| !c.is_control()).take(most).collect();
    Text::from(kept)
}

/// A title, or the first line of a commit's message.
pub fn title(text: &str) -> Text {
    line(text, Pull::TITLE)
}

/// A login, a branch, a label: `None` where it is empty.
pub fn name(text: Option<&str>) -> Option<Text> {
    let name = line(text?, 255);
    (!name.is_empty()).then_some(name)
}

/// An address for people: http or https, without credentials.
pub fn url(text: Option<&str>) -> Option<Text> {
    let url = Url::parse(text?).ok()?;
    let fits =
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    (fits && url.as_str().len() <= 2_000).then(|| Text::from(url.as_str()))
}

/// Whether the first line that is not empty is the command, alone or with words behind it.
pub fn begins_with(body: &str, command: &str) -> bool {
    let first = body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    first.split_whitespace().next() == Some(command)
}

/// A part of a path or a value of a query, escaped.
pub fn escaped(text: &str) -> String {
    let mut url = Url::parse("http://x/").ok();
    let query = url.as_mut().map(|url| {
        url.query_pairs_mut().append_key_only(text);
        url.query().unwrap_or_default().replace('+', "%20")
    });
    query.unwrap_or_default()
}

/// Labels of which no more is known yet, by name.
pub fn plain_labels<'a>(names: impl Iterator<Item = &'a str>) -> Vec<PullLabel> {
    let one = |name: Text| PullLabel { name, since: None, by: None };
    let mut labels: Vec<PullLabel> = names.filter_map(|text| name(Some(text))).map(one).collect();
    labels.sort_by(|a, b| a.name.cmp(&b.name));
    labels.truncate(Pull::LABELS);
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_are_one_short_line() {
        assert_eq!(&*title("\n\n <b>x</b>\u{0}\u{1b}[31m\r\nmore"), "<b>x</b>[31m");
        assert_eq!(title(&"ä".repeat(1_000)).chars().count(), 256);
        assert_eq!(name(Some(" \n ")), None);
        for bad in ["javascript:alert(1)", "ftp://x/", "https://user:word@x/", "/relative", ""] {
            assert_eq!(url(Some(bad)), None, "{bad}");
        }
        assert!(url(Some("https://github.com/a/b/pull/1")).is_some());
    }

    #[test]
    fn a_command_stands_alone_at_the_beginning() {
        for yes in ["/preview", "  /preview please", "\n/preview\r\nthanks"] {
            assert!(begins_with(yes, "/preview"), "{yes}");
        }
        for no in ["/previews", "please /preview", "> /preview", "", "x\n/preview"] {
            assert!(!begins_with(no, "/preview"), "{no}");
        }
    }

    #[test]
    fn paths_are_escaped() {
        assert_eq!(escaped("group/sub project?&"), "group%2Fsub%20project%3F%26");
    }
}
