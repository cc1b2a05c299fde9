//! `Link: </v2/a/tags/list?n=100&last=x>; rel="next"` (RFC 8288), as registries and forges write it.

use reqwest::{
    Url,
    header::{HeaderMap, LINK},
};

/// The next page, on the host that was asked and below the path `within`.
///
/// The target is opaque but for its host: servers behind proxies name themselves wrongly (`http`, an inner name), and
/// credentials must not follow a name that an answer made up. So its path and query are asked of the same host.
pub fn next(headers: &HeaderMap, asked: &Url, within: &str) -> Option<Url> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let target = values.flat_map(targets).find(|(_, parameters)| is_next(parameters))?.0;
    let next = asked.join(target).ok()?;
    let mut url = asked.clone();
    url.set_path(next.path());
    url.set_query(next.query());
    url.set_fragment(None);
    // Anything else is no page of a list.
    url.path().starts_with(within).then_some(url)
}

/// Each `<target>; parameters` of a header; commas within `<…>` and quotes part nothing.
fn targets(header: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let mut quoted = false;
        let end = after.find(|c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let (parameters, more) = after.split_at(end.unwrap_or(after.len()));
        found.push((target.trim(), parameters));
        rest = more;
    }
    found
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').filter_map(|one| one.split_once('=')).any(|(name, value)| {
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && relations.any(|rel| rel.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(links: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(LINK, link.parse().unwrap());
        }
        let asked = Url::parse("https://registry.example:5000/v2/a/b/tags/list?n=10").unwrap();
        next(&headers, &asked, "/v2/").map(|url| url.to_string())
    }

    #[test]
    fn every_form_that_was_seen() {
        let wanted = Some("https://registry.example:5000/v2/a/b/tags/list?last=x&n=10".to_owned());
        for link in [
            "</v2/a/b/tags/list?last=x&n=10>; rel=\"next\"",
            "</v2/a/b/tags/list?last=x&n=10>;rel=next",
            "<list?last=x&n=10>; title=\"a, <b>\"; REL=\"prev Next\"",
            "<?last=x&n=10>; rel=\"next\"",
            // A registry behind a proxy that does not know its own name: nothing goes to that host.
            "<http://inner.local/v2/a/b/tags/list?last=x&n=10>; rel=\"next\"",
            "<https://evil.example/v2/a/b/tags/list?last=x&n=10>; rel=\"next\"",
            "<//evil.example/v2/a/b/tags/list?last=x&n=10>; rel=\"next\"",
            "</v2/a/b/tags/list>; rel=\"first\", </v2/a/b/tags/list?last=x&n=10>; rel=\"next\"",
        ] {
            assert_eq!(of(&[link]), wanted, "{link}");
        }
        assert_eq!(of(&["</x>; rel=\"first\"", "</v2/a/b/tags/list?last=x&n=10>; rel=\"next\""]), wanted);
    }

    #[test]
    fn what_is_no_next_page() {
        for link in
            ["", "<", "</v2/a>", "</v2/a>; rel=\"last\"", "</other>; rel=next", "</v2/../x>; rel=next"]
        {
            assert_eq!(of(&[link]), None, "{link}");
        }
        assert_eq!(of(&[]), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_leaves_the_host(link in "\\PC{0,60}") {
            if let Ok(value) = link.parse::<reqwest::header::HeaderValue>() {
                let asked = Url::parse("https://registry.example:5000/v2/a/b/tags/list").unwrap();
                let found = next(&HeaderMap::from_iter([(LINK, value)]), &asked, "/v2/");
                proptest::prop_assert!(found.is_none_or(|url| url.origin() == asked.origin()));
            }
        }
    }
}
