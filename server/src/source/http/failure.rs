//! Why a source did not give what it should, in words that hold no secret.

use std::time::Duration;

use jiff::Timestamp;
use landfall_model::{phrase::Said, said};
use serde::Deserialize;

/// Why a source did not give what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// 401 or 403, after signing in as the configuration says.
    Refused {
        status: u16,
        message: String,
    },
    /// 404. Some registries answer so where they mean "not for you".
    NotFound(String),
    /// Any other status.
    Status {
        status: u16,
        message: String,
    },
    /// Nothing was asked: the source is left alone until then.
    Blocked {
        until: Timestamp,
        why: Said,
    },
    /// No word for longer than allowed.
    Silent {
        host: String,
        after: Duration,
    },
    Connection(String),
    /// Credentials or authority cannot be read.
    Credentials(Said),
    /// The registry asks to sign in at a host that nobody listed.
    ForeignRealm {
        host: String,
        realm: String,
    },
    /// The name means no public address.
    Private(String),
    /// What came is not what was asked for.
    Broken(String),
    /// Bytes that were allowed.
    TooLarge(usize),
}

impl Failure {
    /// The failure as a sentence.
    pub fn said(&self) -> Said {
        match self {
            Self::Refused { status: 401, message } => {
                said!("credentials-refused", "credentials refused (401): {message}", message = message)
            }
            Self::Refused { message, .. } => {
                said!("not-permitted", "no permission (403): {message}", message = message)
            }
            Self::NotFound(message) => said!("not-there", "not found (404): {message}", message = message),
            Self::Status { status, message } => said!(
                "server-answered",
                "the server answered {status}: {message}",
                status = status,
                message = message,
            ),
            Self::Blocked { until, why } => {
                let until = until.to_string();
                said!("not-asked-before", "not asked before {until}: {why}", until = until, why = why)
            }
            Self::Silent { host, after } => said!(
                "host-silent",
                "no word from {host} for {seconds} s",
                host = host,
                seconds = after.as_secs(),
            ),
            Self::Connection(why) => said!("connection", "connection: {why}", why = why),
            Self::Credentials(why) => why.clone(),
            Self::ForeignRealm { host, realm } => said!(
                "foreign-realm",
                "{host} wants its tokens to be fetched from {realm}, which `auth_hosts` does not list",
                host = host,
                realm = realm,
            ),
            Self::Private(host) => said!(
                "private-address",
                "{host} is an address of a private network, which `allow_private` does not permit",
                host = host,
            ),
            Self::Broken(why) => said!("broken-answer", "broken answer: {why}", why = why),
            Self::TooLarge(bytes) => {
                said!("answer-too-large", "an answer larger than {mib} MiB", mib = bytes >> 20)
            }
        }
    }

    /// Whether the host itself is in trouble, so that it is better left alone: what one repository or one tag does
    /// wrong is no reason not to ask for others.
    pub const fn is_of_host(&self) -> bool {
        match self {
            Self::Silent { .. } | Self::Connection(_) | Self::Private(_) | Self::ForeignRealm { .. } => true,
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.said().fmt(f)
    }
}

impl std::error::Error for Failure {}

/// The body of an error, as the specification gives it.
#[derive(Deserialize)]
struct Errors {
    errors: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    #[serde(default)]
    code: String,
}

/// A status with the code of its body, as a failure. The message beside the code is free text, which may repeat what was
/// sent, a token among it: it is shown to nobody.
pub fn failure_of(status: u16, body: &[u8]) -> Failure {
    let message = code(body).unwrap_or_else(|| "without a word".to_owned());
    match status {
        401 | 403 => Failure::Refused { status, message },
        404 => Failure::NotFound(message),
        _ => Failure::Status { status, message },
    }
}

/// The first error of a body: `MANIFEST_UNKNOWN`. The specification's codes are capitals and underscores.
pub fn code(body: &[u8]) -> Option<String> {
    let errors: Errors = serde_json::from_slice(body).ok()?;
    let code = errors.errors.into_iter().next()?.code;
    let is_code = (1..=40).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    is_code.then_some(code)
}

/// The first line, at most 200 characters, without control characters.
pub fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_of_an_error_is_told() {
        let body = br#"{"errors":[{"code":"DENIED","message":"not with Bearer hunter2","detail":{"x":1}}]}"#;
        assert_eq!(failure_of(403, body).to_string(), "no permission (403): DENIED");
        for body in [
            &b"<html>"[..],
            br#"{"errors":[]}"#,
            br#"{"errors":[{"code":"Bearer hunter2"}]}"#,
            br#"{"errors":[{}]}"#,
        ] {
            assert_eq!(failure_of(401, body).to_string(), "credentials refused (401): without a word");
        }
    }

    #[test]
    fn one_repository_is_not_the_host() {
        for (status, host) in
            [(401, false), (403, false), (404, false), (400, false), (429, true), (503, true)]
        {
            assert_eq!(failure_of(status, b"").is_of_host(), host, "{status}");
        }
    }
}
