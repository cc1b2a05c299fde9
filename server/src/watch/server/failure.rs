//! Why a request did not give what it should, in words that hold no secret.

use std::time::Duration;

use hyper::{HeaderMap, header};
use landfall_model::{phrase::Said, said};

use crate::watch::wire;

/// Why a request did not give what it should.
#[derive(Debug, Clone)]
pub enum Failure {
    /// 401 or 403.
    Refused { status: u16, message: String },
    /// 410, or an ERROR that says so: the version is too old.
    Expired,
    /// Any other status.
    Status { status: u16, message: String, retry_after: Option<Duration> },
    /// No word for longer than allowed.
    Silent(Duration),
    /// In the words of those that failed.
    Connection(String),
    /// Kubeconfig, token or certificate cannot be read.
    Credentials(Said),
    /// The kubeconfig signs in by a command that the configuration does not list.
    NotAllowed(String),
    /// What came is no JSON, or not what it should be.
    Broken(Said),
    /// Bytes that were allowed.
    TooLarge(usize),
    /// What should be read is not installed.
    Absent,
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
            Self::Expired => said!("version-expired", "the version is too old (410)"),
            Self::Status { status, message, .. } => said!(
                "server-answered",
                "the server answered {status}: {message}",
                status = status,
                message = message,
            ),
            Self::Silent(wait) => {
                said!("server-silent", "no word from the server for {seconds} s", seconds = wait.as_secs())
            }
            Self::Connection(why) => said!("connection", "connection: {why}", why = why),
            Self::Credentials(why) => why.clone(),
            Self::NotAllowed(command) => said!(
                "command-not-listed",
                "the kubeconfig signs in by running `{command}`, which `exec` of this [[cluster]] does not list",
                command = command,
            ),
            Self::Broken(why) => said!("broken-answer", "broken answer: {why}", why = why),
            Self::TooLarge(bytes) => {
                said!("answer-too-large", "an answer larger than {mib} MiB", mib = bytes >> 20)
            }
            Self::Absent => said!("not-installed", "not installed"),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.said().fmt(f)
    }
}

impl std::error::Error for Failure {}

/// What libraries put around an error without saying anything of it.
const WRAPPERS: [&str; 4] =
    ["ServiceError", "client error (Connect)", "client error (SendRequest)", "error sending request"];

/// An error with its causes, without wrappers that say nothing, without repeating what a cause already said, and without
/// the system's number beside its words.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let more = without_number(&without_userinfo(&error.to_string())).to_owned();
        if !text.contains(&more) {
            text.push_str(if text.is_empty() { "" } else { ": " });
            text.push_str(&more);
        }
        cause = error.source();
    }
    let told: Vec<&str> = text.split(": ").filter(|part| !WRAPPERS.contains(part)).collect();
    if told.is_empty() { text } else { told.join(": ") }
}

/// `Connection refused (os error 111)` without the bracket.
fn without_number(text: &str) -> &str {
    text.rsplit_once(" (os error ").map_or(text, |(words, _)| words)
}

/// A status with its words, as a failure.
pub fn failure_of(code: u16, said: wire::Status, retry_after: Option<Duration>) -> Failure {
    let message = short(&said.message.or(said.reason).unwrap_or_else(|| "without a word".to_owned()));
    match code {
        401 | 403 => Failure::Refused { status: code, message },
        410 => Failure::Expired,
        _ => Failure::Status { status: code, message, retry_after },
    }
}

/// The first line, at most 300 characters, without control characters.
fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(300).collect()
}

pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.min(60)))
}

/// Text without what stands between `://` and `@`: a proxy's or a server's URL may hold a password there.
fn without_userinfo(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let authority =
            after.find(|c: char| c.is_whitespace() || "/?#\"'`".contains(c)).unwrap_or(after.len());
        rest = match after[..authority].rfind('@') {
            Some(at) => &after[at + 1..],
            None => after,
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls_are_not_told() {
        for (said, told) in [
            ("proxy http://me:pass@proxy:3128/x?y is away", "proxy http://proxy:3128/x?y is away"),
            ("\"https://u:p@a\" and https://b@c/d@e", "\"https://a\" and https://c/d@e"),
            ("no URL, but me@example.org", "no URL, but me@example.org"),
        ] {
            assert_eq!(without_userinfo(said), told);
        }
    }

    #[test]
    fn causes_are_told_once_and_wrappers_are_not() {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Layer(&'static str, #[source] Option<Box<Layer>>);
        let refused = Layer("Connection refused (os error 111)", None);
        let tcp = Layer("tcp connect error", Some(Box::new(refused)));
        let client = Layer("client error (Connect)", Some(Box::new(tcp)));
        let service = Layer("ServiceError: client error (Connect)", Some(Box::new(client)));
        assert_eq!(chain(&service), "tcp connect error: Connection refused");
        assert_eq!(
            chain(&Layer("client error (Connect)", None)),
            "client error (Connect)",
            "better than nothing"
        );
        let twice = Layer("no route: dns error", Some(Box::new(Layer("dns error", None))));
        assert_eq!(chain(&twice), "no route: dns error");
    }

    #[test]
    fn messages_are_short_and_plain() {
        let said = wire::Status {
            message: Some(format!("a\u{7}b{}\nsecond", "x".repeat(400))),
            ..wire::Status::default()
        };
        let Failure::Refused { message, .. } = failure_of(403, said, None) else {
            panic!("403 is a refusal")
        };
        assert!(message.starts_with("abx") && message.chars().count() == 300);
    }
}
