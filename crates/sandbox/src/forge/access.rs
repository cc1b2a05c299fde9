//! Who asks: a token's owner, an App by its signed word, one of its installations, or nobody.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

/// A GitHub App with one installation.
#[derive(Clone, Debug)]
pub struct App {
    pub id: u64,
    /// `shop-previews`; what it writes is by `shop-previews[bot]`.
    pub slug: String,
    pub installation: u64,
    /// Owner of the repositories that it may see.
    pub account: String,
    /// Whether a signature is its own: text that was signed, and the signature's bytes.
    pub verifies: fn(&[u8], &[u8]) -> bool,
    /// How long its tokens last, in seconds.
    pub token_seconds: i64,
}

#[derive(Debug, Default)]
pub(super) struct Access {
    pub tokens: BTreeMap<String, String>,
    pub app: Option<App>,
    /// Installation tokens with their end.
    issued: BTreeMap<String, Timestamp>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    User(String),
    /// The App itself: only for what lies below `/app`.
    App,
    /// The bot's login.
    Installation(String),
    /// A token that is worth nothing.
    Unknown,
}

impl Who {
    /// What limits count by.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::User(login) | Self::Installation(login) => Some(login),
            Self::App => Some("app"),
            Self::Nobody | Self::Unknown => None,
        }
    }

    pub fn login(&self) -> &str {
        self.key().unwrap_or("nobody")
    }
}

impl Access {
    /// From `Authorization` (Bearer, token, Basic is not taken) or GitLab's `PRIVATE-TOKEN`.
    pub fn who(&self, headers: &HeaderMap, now: Timestamp) -> Who {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let said = text(header::AUTHORIZATION.as_str())
            .and_then(|text| text.split_once(' '))
            .map(|(_, token)| token.trim())
            .or_else(|| text("private-token"));
        let Some(token) = said else { return Who::Nobody };
        if let Some(login) = self.tokens.get(token) {
            return Who::User(login.clone());
        }
        if let (Some(app), Some(end)) = (&self.app, self.issued.get(token))
            && now < *end
        {
            return Who::Installation(format!("{}[bot]", app.slug));
        }
        match &self.app {
            Some(app) if is_signed(app, token, now) => Who::App,
            _ => Who::Unknown,
        }
    }

    /// Hands out a token of the installation, with its end.
    pub fn issue(&mut self, now: Timestamp) -> Option<(String, Timestamp)> {
        let app = self.app.as_ref()?;
        let end = Timestamp::from_second(now.as_second() + app.token_seconds).ok()?;
        let token = format!("ghs_{:032x}", fastrand::u128(..));
        self.issued.insert(token.clone(), end);
        Some((token, end))
    }

    /// Whether somebody must sign in.
    pub fn is_closed(&self) -> bool {
        !self.tokens.is_empty() || self.app.is_some()
    }
}

/// A JSON Web Token as GitHub wants it: RS256, of this App, for at most ten minutes.
fn is_signed(app: &App, token: &str, now: Timestamp) -> bool {
    let Some((signed, signature)) = token.rsplit_once('.') else { return false };
    let Some((head, claims)) = signed.split_once('.') else { return false };
    let json = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    };
    let (Some(head), Some(claims)) = (json(head), json(claims)) else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    let issuer = claims["iss"].as_u64().or_else(|| claims["iss"].as_str()?.parse().ok());
    let (from, until) = (claims["iat"].as_i64().unwrap_or(i64::MAX), claims["exp"].as_i64().unwrap_or(0));
    let now = now.as_second();
    head["alg"] == "RS256"
        && issuer == Some(app.id)
        && from <= now
        && now < until
        && until - now <= 600
        && (app.verifies)(signed.as_bytes(), &signature)
}
