//! Addresses: of our own pages, and of others.

use std::fmt;

use landfall_model::words::Rule;

use crate::components::is_hidden;

mod forge;
mod registry;

pub use forge::{Forge, commit, compare, is_commit, repository, repository_of_pull};
pub use registry::{host_and_path, image};

/// The query string of the page that is shown, as key and value pairs in the order in which they came.
///
/// Every filter, sort and page is a link made from it, so that the address is the whole state of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query string without its `?`. Empty values are dropped: forms send every field.
    pub fn parse(query: &str) -> Self {
        Self(
            form_urlencoded::parse(query.as_bytes())
                .filter(|(_, value)| !value.is_empty())
                .take(200)
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The first value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Every value of `key`.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Whether `key` has this value.
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.0.iter().any(|(k, v)| k == key && v == value)
    }

    /// Key and value pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with `key` set to one value. A changed question begins at its first page again.
    #[must_use]
    pub fn with(&self, key: &str, value: impl fmt::Display) -> Self {
        let mut next = self.without(key);
        next.0.push((key.to_owned(), value.to_string()));
        next
    }

    /// The same without `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        Self(self.0.iter().filter(|(k, _)| k != key && k != "cursor").cloned().collect())
    }

    /// The same with `key` set, at the same place of the list.
    #[must_use]
    pub fn set(&self, key: &str, value: impl fmt::Display) -> Self {
        let mut next = self.strip(key);
        next.0.push((key.to_owned(), value.to_string()));
        next
    }

    /// The same without `key`, at the same place of the list: for what changes the look, not the question.
    #[must_use]
    pub fn strip(&self, key: &str) -> Self {
        Self(self.0.iter().filter(|(k, _)| k != key).cloned().collect())
    }

    /// The same without one value of `key`.
    #[must_use]
    pub fn without_value(&self, key: &str, value: &str) -> Self {
        Self(self.0.iter().filter(|(k, v)| !(k == key && v == value) && k != "cursor").cloned().collect())
    }

    /// The same with one more value of `key`, or without it where it was there.
    #[must_use]
    pub fn toggled(&self, key: &str, value: &str) -> Self {
        if self.has(key, value) {
            return self.without_value(key, value);
        }
        let mut next = self.clone();
        next.0.retain(|(k, _)| k != "cursor");
        next.0.push((key.to_owned(), value.to_owned()));
        next
    }

    /// Only what every page understands: the moment, the marks.
    #[must_use]
    pub fn view(&self) -> Self {
        Self(self.0.iter().filter(|(k, _)| k == "at" || k == "since").cloned().collect())
    }

    /// What is asked, without the moment, the place in the list and the look: what a saved view keeps.
    #[must_use]
    pub fn question(&self) -> Self {
        let other = ["at", "since", "cursor", "lang", "theme"];
        Self(self.0.iter().filter(|(k, _)| !other.contains(&k.as_str())).cloned().collect())
    }

    /// `path` with this query string.
    pub fn on(&self, path: &str) -> String {
        let path = own(path);
        if self.0.is_empty() {
            return path;
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.0);
        format!("{path}?{}", query.finish())
    }
}

/// A path as an address of ours, whatever stands in it: one slash at its front (two would lead to another host), and
/// nothing that a browser might read differently. The empty path stays empty: the address of the page itself.
pub fn own(path: &str) -> String {
    let Some(rest) = path.strip_prefix(['/', '\\']) else {
        return if path.is_empty() { String::new() } else { own(&format!("/{path}")) };
    };
    let rest = rest.trim_start_matches(['/', '\\']);
    let mut out = String::with_capacity(path.len());
    out.push('/');
    for byte in rest.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'?' | b'#' | b' ' => {
                escape(&mut out, byte);
            }
            byte if byte.is_ascii_graphic() => out.push(char::from(byte)),
            byte => escape(&mut out, byte),
        }
    }
    out
}

/// A path segment, percent-encoded.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => escape(&mut out, other),
        }
    }
    out
}

fn escape(out: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

/// A service's page.
pub fn service(name: &str) -> String {
    format!("/services/{}", segment(name))
}

/// The page of a pull request; `None` where repository or number are not known.
pub fn pull(pull: &landfall_model::view::Pull) -> Option<String> {
    (pull.repository.is_some() && pull.number.is_some()).then(|| pull_of_id(&pull.id))
}

/// The page of the pull request with this id: `REPOSITORY#NUMBER`, and `FORGE:` before it for all forges but the first.
pub fn pull_of_id(id: &str) -> String {
    let (forge, rest) = match id.split_once(':') {
        Some((forge, rest)) => (Some(forge), rest),
        None => (None, id),
    };
    let (repository, number) = rest.rsplit_once('#').unwrap_or((rest, ""));
    let path: Vec<String> = repository.split('/').map(segment).collect();
    let path = format!("/pr/{}/{}", path.join("/"), segment(number));
    match forge {
        Some(forge) => format!("/forge/{}{path}", segment(forge)),
        None => path,
    }
}

/// The badge of an environment; `extension` is `svg` or `json`.
pub fn badge(service: &str, environment: &str, extension: &str) -> String {
    format!("/badge/{}/{}.{extension}", segment(service), segment(environment))
}

/// A repository's page: the slashes of its name stay slashes.
pub fn images(repository: &str) -> String {
    let parts: Vec<String> = repository.split('/').map(segment).collect();
    format!("/images/{}", parts.join("/"))
}

/// The page that explains a rule.
pub fn rule(rule: Rule) -> String {
    format!("/docs/findings/{rule}")
}

/// The open findings of a rule.
pub fn findings_of(rule: Rule) -> String {
    Params::default().with("rule", rule.as_str()).on("/findings")
}

/// Search for a tag or digest.
pub fn search(text: &str) -> String {
    Params::default().with("q", text).on("/search")
}

/// An address outside Landfall that may be linked: `http` or `https` with a host, nothing else.
///
/// Addresses come from annotations and configuration of others; `javascript:` and the like never become a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External(String);

impl External {
    /// The address, if it may be linked.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let clean = !text.chars().any(|c| is_hidden(c) || c.is_whitespace() || "\\\"<>`".contains(c));
        let plain = !host.is_empty()
            && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._[]:".contains(c))
            && host.contains(|c: char| c.is_ascii_alphanumeric());
        (clean && plain && text.len() <= 2_000).then(|| Self(text.to_owned()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_keep_order_and_start_over() {
        let params = Params::parse("team=a&team=b&q=&cursor=x&sort=name");
        assert_eq!(params.on("/"), "/?team=a&team=b&cursor=x&sort=name");
        assert_eq!(params.toggled("team", "a").on("/"), "/?team=b&sort=name");
        assert_eq!(params.toggled("state", "healthy").on("/"), "/?team=a&team=b&sort=name&state=healthy");
        assert_eq!(params.with("sort", "since").on("/"), "/?team=a&team=b&sort=since");
        assert_eq!(params.strip("sort").on("/"), "/?team=a&team=b&cursor=x");
        assert_eq!(Params::default().with("q", "a b&c").on("/search"), "/search?q=a+b%26c");
    }

    #[test]
    fn no_address_of_ours_leads_to_another_host() {
        let on = |path| Params::default().on(path);
        assert_eq!(on("/services/a%2Fb"), "/services/a%2Fb");
        assert_eq!(on("//evil.example/x"), "/evil.example/x");
        assert_eq!(on("/\\evil.example"), "/evil.example");
        assert_eq!(on("javascript:alert(1)"), "/javascript:alert(1)");
        assert_eq!(on("/a?b#c<d>"), "/a%3Fb%23c%3Cd%3E");
        assert_eq!(on(""), "");
    }

    #[test]
    fn only_web_addresses_become_links() {
        for good in ["https://argocd.example/x?y#z", "http://10.0.0.1:8080/", "https://[::1]:3000/a"] {
            assert!(External::parse(good).is_some(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            " https://a",
            "https://",
            "https:///x",
            "//a.example",
            "https://a@b.example/",
            "https://a.example/\u{202e}",
            "https://a.example/\u{200b}",
            "data:text/html,x",
            "https://a\nb",
            "https://:80/",
            "https://exa mple/",
            "https://a.example/<script>",
        ] {
            assert!(External::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn segments() {
        assert_eq!(segment("a/b c\u{202e}"), "a%2Fb%20c%E2%80%AE");
    }

    #[test]
    fn pages_of_pull_requests() {
        assert_eq!(pull_of_id("shop/web#7"), "/pr/shop/web/7");
        assert_eq!(pull_of_id("inner:group/sub/a b#12"), "/forge/inner/pr/group/sub/a%20b/12");
        assert_eq!(pull_of_id("<x>"), "/pr/%3Cx%3E/");
    }

    #[test]
    fn a_saved_view_keeps_the_question() {
        let params = Params::parse("q=x&at=-1d&since=-2d&cursor=c&sort=name&lang=ja&theme=dark&team=a");
        assert_eq!(params.question().on("/"), "/?q=x&sort=name&team=a");
    }
}
