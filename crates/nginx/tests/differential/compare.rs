//! Whether what nginx did is what the engine said.

use landfall_nginx::route::{Answer, Kind, Outcome, Verdict};

use super::http::Observed;

/// Whether the observation is (among) what the answer allows; an unknown answer claims nothing.
pub fn fits(answer: &Answer, observed: &Observed) -> bool {
    if answer.verdict == Verdict::Unknown {
        return true;
    }
    if !answer.outcomes.iter().any(|outcome| same(outcome, observed)) {
        return false;
    }
    answer.verdict != Verdict::Certain || observed.closed || observed.at.is_empty() || place(answer) == observed.at
        // an error page of a failing upstream answers for it
        || (observed.status >= 500 && !observed.upstream.is_empty())
        // several ways to the same end may lead through different locations
        || answer.because.last().is_some_and(|step| step.starts_with("what is on disk"))
        // a file: index files and error pages of files lead to other locations, where it is a file as well
        || answer.outcomes[0].kind == Kind::Static
}

fn place(answer: &Answer) -> String {
    match (&answer.location, &answer.server) {
        (Some(location), _) => format!("L{}", location.line),
        (None, Some(server)) => format!("S{}", server.line),
        _ => String::new(),
    }
}

fn same(outcome: &Outcome, observed: &Observed) -> bool {
    // after a try without an address only separators are left
    let passed = observed.upstream.bytes().any(|byte| byte.is_ascii_alphanumeric());
    if outcome.kind == Kind::Proxy
        && outcome
            .uri
            .as_deref()
            .is_some_and(|uri| !uri.starts_with('/') || uri.bytes().any(|b| b <= 0x20 || b == 0x7f))
    {
        return true; // no upstream can read such a request line: nothing to compare
    }
    match outcome.kind {
        Kind::Closed => observed.closed,
        _ if observed.closed => false,
        Kind::Proxy => {
            if !passed {
                return false;
            }
            let address =
                observed.upstream.split([',', ' ']).any(|tried| outcome.addresses.iter().any(|a| a == tried));
            match &observed.echo {
                // an echo that could not read its request line tells no URI
                Some((_, uri)) => {
                    address && (uri.is_empty() || outcome.uri.as_deref().is_none_or(|ours| ours == uri))
                }
                None => address,
            }
        }
        Kind::Fastcgi | Kind::Uwsgi | Kind::Scgi | Kind::Grpc => {
            passed
                && observed
                    .upstream
                    .split([',', ' '])
                    .any(|tried| outcome.addresses.iter().any(|a| a == tried))
        }
        // a file may have got any status from an error page, and the Location of a redirect before it stays
        Kind::Static => {
            !passed && (!matches!(observed.status, 302 | 303 | 307 | 308) || observed.location.is_none())
        }
        // an error page may have given it another status
        Kind::Stub => !passed && observed.status != 405,
        Kind::Return => {
            let location = match (&outcome.uri, &observed.location) {
                (Some(ours), Some(theirs)) => ours == theirs,
                (None, None) => true,
                _ => false,
            };
            !passed && outcome.status == Some(observed.status) && location
        }
    }
}
