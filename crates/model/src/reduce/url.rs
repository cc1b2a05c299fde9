//! Links from outside.

/// Longest URL kept, in bytes.
const LIMIT: usize = 2000;

/// The URL, if it is one that a page may link to: `http` or `https`, a host, no user name or password, nothing that
/// could end an attribute or be read as another scheme. Argo CD had to mend `javascript:` links twice
/// (CVE-2022-31035, CVE-2024-28175).
pub fn safe_url(url: &str) -> Option<&str> {
    if url.len() > LIMIT || url.contains(is_unsafe) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    (known && !authority.is_empty() && !authority.contains('@') && !authority.starts_with(':')).then_some(url)
}

fn is_unsafe(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '"' | '\'' | '<' | '>' | '`' | '\\')
        // Zero-width and direction marks, which make a link look like another.
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::safe_url;

    #[test]
    fn only_http_and_https_with_a_host() {
        for good in ["http://a.example/", "https://a.example:8443/x?y=z#f", "HTTPS://a", "http://[::1]:80/"] {
            assert_eq!(safe_url(good), Some(good));
        }
        for bad in [
            "javascript:alert(1)",
            "javascript://a.example/%0aalert(1)",
            " https://a.example",
            "java\nscript://a",
            "data:text/html,x",
            "//a.example/",
            "https://",
            "https:///x",
            "https://:80/",
            "https://user:pass@a.example/",
            "https://a.example/\"onclick=x",
            "https://a.example\\@b.example",
            "https://a.example/\u{202e}gpj",
            "",
        ] {
            assert_eq!(safe_url(bad), None, "{bad:?}");
        }
    }
}
