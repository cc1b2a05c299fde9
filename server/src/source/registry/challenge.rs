//! `WWW-Authenticate`: how a registry wants to be signed in at (RFC 9110 §11, the distribution's token specification).

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// How a registry wants to be signed in at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    Basic,
    Bearer {
        /// Where tokens are handed out.
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

impl Challenge {
    /// The way of these headers that is known; Bearer where both are offered.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let offered: Vec<_> = values.flat_map(schemes).collect();
        let bearer = offered.iter().filter(|one| one.name.eq_ignore_ascii_case("bearer")).find_map(|one| {
            let realm = one.parameter("realm").filter(|realm| !realm.is_empty())?;
            Some(Self::Bearer { realm, service: one.parameter("service"), scope: one.parameter("scope") })
        });
        let basic =
            || offered.iter().any(|one| one.name.eq_ignore_ascii_case("basic")).then_some(Self::Basic);
        bearer.or_else(basic)
    }
}

/// One scheme with its parameters.
#[derive(Debug)]
struct Scheme {
    name: String,
    parameters: Vec<(String, String)>,
}

impl Scheme {
    fn parameter(&self, name: &str) -> Option<String> {
        let mut found = self.parameters.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.clone())
    }
}

/// A header may offer several schemes, parted by the same commas as their parameters.
fn schemes(header: &str) -> Vec<Scheme> {
    let mut schemes: Vec<Scheme> = Vec::new();
    for part in parts(header) {
        // `Bearer realm="x"` begins a scheme, `service="y"` goes on with it.
        let before = part.split_once('=').map_or(part, |(before, _)| before).trim_end();
        let (name, first) = match before.split_once(' ') {
            Some((name, _)) => (Some(name), part[name.len()..].trim()),
            None if part.contains('=') => (None, part),
            None => (Some(part), ""),
        };
        if let Some(name) = name {
            schemes.push(Scheme { name: name.to_owned(), parameters: Vec::new() });
        }
        if let (Some(scheme), Some((key, value))) = (schemes.last_mut(), first.split_once('=')) {
            scheme.parameters.push((key.trim().to_owned(), unquoted(value.trim())));
        }
    }
    schemes
}

/// Cuts at commas outside of quotes.
fn parts(header: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    header
        .split(|c: char| {
            let was_escaped = escaped;
            escaped = quoted && !was_escaped && c == '\\';
            quoted ^= c == '"' && !was_escaped;
            c == ',' && !quoted
        })
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        out.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, value.parse().unwrap());
        }
        Challenge::of(&headers)
    }

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer { realm: realm.to_owned(), service: owned(service), scope: owned(scope) }
    }

    #[test]
    fn as_registries_write_it() {
        let docker = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:library/nginx:pull\"";
        assert_eq!(
            of(&[docker]),
            Some(bearer(
                "https://auth.docker.io/token",
                Some("registry.docker.io"),
                Some("repository:library/nginx:pull")
            ))
        );
        let azure = "Bearer realm=\"https://a.azurecr.io/oauth2/token\",service=\"a.azurecr.io\",scope=\"repository:x:metadata_read\",error=\"invalid_token\"";
        assert!(
            matches!(of(&[azure]), Some(Challenge::Bearer { scope: Some(s), .. }) if s.ends_with("metadata_read"))
        );
        assert_eq!(of(&["Basic realm=\"Registry, \\\"ours\\\"\""]), Some(Challenge::Basic));
        assert_eq!(of(&["basic"]), Some(Challenge::Basic));
        assert_eq!(of(&["bearer realm=https://a/t"]), Some(bearer("https://a/t", None, None)));
        assert_eq!(
            of(&["Bearer realm=\"https://a/t\", scope=\"a:b:pull,push\""]),
            Some(bearer("https://a/t", None, Some("a:b:pull,push")))
        );
    }

    #[test]
    fn of_several_the_one_that_is_known() {
        let both = "Basic realm=\"r\", Bearer realm=\"https://a/t\", service=\"s\"";
        assert_eq!(of(&[both]), Some(bearer("https://a/t", Some("s"), None)));
        assert_eq!(of(&["Negotiate", "Basic realm=\"r\""]), Some(Challenge::Basic));
        for nothing in [
            "",
            "Negotiate",
            "Bearer",
            "Bearer service=\"s\"",
            "Bearer realm=\"\"",
            ",,=,\"",
            "Digest realm=\"x\"",
        ] {
            assert_eq!(of(&[nothing]), None, "{nothing}");
        }
    }
}
