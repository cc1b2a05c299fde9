//! ListOptions from the query string.

use std::time::Duration;

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;

use super::status::Status;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Raw {
    watch: Option<String>,
    limit: Option<String>,
    r#continue: Option<String>,
    resource_version: Option<String>,
    resource_version_match: Option<String>,
    timeout_seconds: Option<String>,
    allow_watch_bookmarks: Option<String>,
    send_initial_events: Option<String>,
    field_selector: Option<String>,
    label_selector: Option<String>,
}

/// What a LIST or WATCH asks for.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub watch: bool,
    pub limit: usize,
    pub continue_at: Option<String>,
    pub version: Version,
    pub version_match: Option<String>,
    pub timeout: Option<Duration>,
    pub bookmarks: bool,
    pub send_initial_events: bool,
    pub field_selector: String,
    pub label_selector: String,
}

/// The version that a client gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// None: the newest state.
    Newest,
    /// `0`: any state will do.
    Any,
    At(u64),
}

impl Options {
    pub fn parse(uri: &Uri) -> Result<Self, Status> {
        let Query(raw) =
            Query::<Raw>::try_from_uri(uri).map_err(|error| Status::bad_request(&error.to_string()))?;
        let version = match raw.resource_version.as_deref() {
            None | Some("") => Version::Newest,
            Some("0") => Version::Any,
            Some(text) => Version::At(text.parse().map_err(|_| Status::bad_version(text))?),
        };
        let truth =
            |text: Option<String>| text.is_some_and(|text| matches!(text.as_str(), "" | "1" | "t" | "true"));
        let number = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok()).filter(|n| *n > 0);
        let options = Self {
            watch: truth(raw.watch),
            limit: number(raw.limit).and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX),
            continue_at: raw.r#continue.filter(|text| !text.is_empty()),
            version,
            version_match: raw.resource_version_match.filter(|text| !text.is_empty()),
            timeout: number(raw.timeout_seconds).map(Duration::from_secs),
            bookmarks: truth(raw.allow_watch_bookmarks),
            send_initial_events: truth(raw.send_initial_events),
            field_selector: raw.field_selector.unwrap_or_default(),
            label_selector: raw.label_selector.unwrap_or_default(),
        };
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), Status> {
        let matches = self.version_match.as_deref();
        if self.send_initial_events && self.watch && matches != Some("NotOlderThan") {
            let why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
            return Err(Status::invalid_options("resourceVersionMatch", why));
        }
        if self.send_initial_events && !self.watch {
            return Err(Status::invalid_options(
                "sendInitialEvents",
                "sendInitialEvents is forbidden for list",
            ));
        }
        if self.watch && matches.is_some() && !self.send_initial_events {
            let why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            return Err(Status::invalid_options("resourceVersionMatch", why));
        }
        if !self.watch && matches.is_some() && self.version == Version::Newest {
            let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
            return Err(Status::invalid_options("resourceVersionMatch", why));
        }
        Ok(())
    }
}
