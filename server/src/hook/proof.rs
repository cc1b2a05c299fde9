//! Whether a webhook was sent by who knows the secret. Compared in constant time.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac::{HMAC_SHA256, Key, sign, verify};
use secrecy::{ExposeSecret as _, SecretString};

/// GitHub signs the bytes of the body, Gitea and Forgejo as well.
const SIGNATURE: &str = "x-hub-signature-256";
const BARE_SIGNATURES: [&str; 2] = ["x-gitea-signature", "x-forgejo-signature"];
/// GitLab sends the secret itself.
const SECRET: &str = "x-gitlab-token";
/// Where nothing can be sent but a URL.
const TOKEN: &str = "token";

/// The secrets that are valid: one per line, so that a new one can stand beside the old one for a while.
#[derive(Clone, Default)]
pub struct Proof(Vec<Key>, Vec<SecretString>);

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proof").field("secrets", &self.0.len()).finish_non_exhaustive()
    }
}

impl Proof {
    pub fn new(text: &SecretString) -> Self {
        let lines = || text.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty());
        Self(
            lines().map(|line| Key::new(HMAC_SHA256, line.as_bytes())).collect(),
            lines().map(|line| SecretString::from(line.to_owned())).collect(),
        )
    }

    /// A signature of the body where there is one, and then nothing else counts; or the secret itself: `Authorization`, as it
    /// is, behind `Bearer` or as the password of `Basic`; `X-Gitlab-Token`; or `?token=` in the URL.
    pub fn holds(&self, headers: &HeaderMap, query: Option<&str>, body: &[u8]) -> bool {
        let bare = || BARE_SIGNATURES.iter().find_map(|name| headers.get(*name));
        if let Some(signature) = headers.get(SIGNATURE).or_else(bare) {
            let prefix = if headers.contains_key(SIGNATURE) { "sha256=" } else { "" };
            let signature = signature.to_str().ok().and_then(|text| text.strip_prefix(prefix)).and_then(hex);
            return signature.is_some_and(|signature| {
                self.0.iter().fold(false, |found, key| found | verify(key, body, &signature).is_ok())
            });
        }
        let said = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::trim);
        let token = query
            .and_then(|query| form_urlencoded(query).find(|(key, _)| key == TOKEN).map(|(_, value)| value));
        // Both are always compared, each with every secret.
        let by_header = said.map(|said| {
            self.is(said)
                | after(said, "Bearer ").is_some_and(|said| self.is(said))
                | after(said, "Basic ").and_then(password).is_some_and(|said| self.is(&said))
        });
        let by_token = token.map(|token| self.is(&token));
        let by_secret = headers.get(SECRET).and_then(|value| value.to_str().ok()).map(|said| self.is(said));
        by_header.unwrap_or_default() | by_token.unwrap_or_default() | by_secret.unwrap_or_default()
    }

    fn is(&self, said: &str) -> bool {
        // What is compared are tags under the secret: their equality tells nothing about how much of it was right.
        self.0.iter().zip(&self.1).fold(false, |found, (key, secret)| {
            let meant = sign(key, secret.expose_secret().as_bytes());
            found | verify(key, said.as_bytes(), meant.as_ref()).is_ok()
        })
    }
}

fn form_urlencoded(query: &str) -> impl Iterator<Item = (String, String)> {
    reqwest::Url::parse(&format!("http://query/?{query}"))
        .map(|url| {
            url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect::<Vec<_>>()
        })
        .unwrap_or_default()
        .into_iter()
}

/// What follows a word, in whatever case that is written.
fn after<'a>(said: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = said.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then(|| rest.trim())
}

fn password(basic: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| {
        let pair =
            std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()))?;
        (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok()).flatten()
    });
    digits.collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(name: &str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::try_from(name).unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn a_signature_of_these_very_bytes() {
        // The example of GitHub's documentation.
        let proof = Proof::new(&"It's a Secret to Everybody".into());
        let signed = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(proof.holds(&headers(SIGNATURE, signed), None, b"Hello, World!"));
        for (value, body) in [
            (signed, &b"Hello, World! "[..]),
            (&signed.replace('7', "8"), b"Hello, World!"),
            (&signed[..70], b"Hello, World!"),
            ("sha256=", b"Hello, World!"),
            ("sha1=757107ea", b"Hello, World!"),
            ("sha256=zz", b"Hello, World!"),
        ] {
            assert!(!proof.holds(&headers(SIGNATURE, value), None, body), "{value}");
        }
        // A wrong signature is not mended by a token.
        let wrong = headers(SIGNATURE, "sha256=00");
        assert!(!proof.holds(&wrong, Some("token=It's%20a%20Secret%20to%20Everybody"), b""));
    }

    #[test]
    fn the_ways_of_other_forges() {
        let proof = Proof::new(&"It's a Secret to Everybody".into());
        let signed = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        for name in BARE_SIGNATURES {
            assert!(proof.holds(&headers(name, signed), None, b"Hello, World!"), "{name}");
            assert!(!proof.holds(&headers(name, signed), None, b"Hello, World"), "{name}");
            assert!(!proof.holds(&headers(name, ""), None, b"Hello, World!"), "{name}");
        }
        assert!(proof.holds(&headers(SECRET, "It's a Secret to Everybody"), None, b"anything"));
        assert!(!proof.holds(&headers(SECRET, "It's a Secret"), None, b"anything"));
    }

    #[test]
    fn the_secret_itself_in_each_place_and_two_while_one_is_replaced() {
        let proof = Proof::new(&" old-one\n\nnew one \n".into());
        let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("any:{secret}")));
        for secret in ["old-one", "new one"] {
            for said in
                [secret.to_owned(), format!("Bearer {secret}"), format!("bearer  {secret}"), basic(secret)]
            {
                assert!(proof.holds(&headers("authorization", &said), None, b""), "{said}");
            }
        }
        assert!(proof.holds(&HeaderMap::new(), Some("a=b&token=new%20one"), b""));
        assert!(proof.holds(&HeaderMap::new(), Some("token=new+one"), b""));
        for said in
            ["", "old", "old-one2", "Bearer", "Bearer nothing", "Basic !", &basic(""), "old-one\u{20}new one"]
        {
            assert!(!proof.holds(&headers("authorization", said), None, b""), "{said}");
        }
        for query in [
            None,
            Some(""),
            Some("token="),
            Some("token"),
            Some("Token=old-one"),
            Some("token=x&token=old-one"),
        ] {
            assert!(!proof.holds(&HeaderMap::new(), query, b""), "{query:?}");
        }
        // Without a secret nobody is let in, not even with nothing.
        for said in ["", "Bearer ", "Basic Og=="] {
            assert!(!Proof::default().holds(&headers("authorization", said), Some("token="), b""));
        }
        assert!(!format!("{proof:?}").contains("one"));
    }
}
