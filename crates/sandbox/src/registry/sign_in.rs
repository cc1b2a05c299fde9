//! Who may read: basic authentication, or tokens that allow what their scope says and no more.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, Uri, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::answer::{error, json_answer};
use super::dialect::{Dialect, SignIn};
use super::path::Asked;
use super::{Inner, RegistryFault, lock};

/// What a reader's token may allow.
const HARMLESS: [&str; 3] = ["pull", "metadata_read", "content_read"];

/// Tokens that were handed out: repository and actions.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    given: BTreeMap<String, (String, BTreeSet<String>)>,
    count: u64,
}

impl Tokens {
    pub fn forget(&mut self) {
        self.given.clear();
    }
}

/// Whether a request may be answered; else the 401.
pub(super) fn check(
    inner: &Inner,
    asked: &Asked,
    headers: &HeaderMap,
    host: &str,
) -> Result<(), Box<Response<Body>>> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let fine = match inner.dialect.sign_in() {
        // Beside the protocol: Harbor takes a password, Azure a token, the others nothing.
        _ if matches!((inner.dialect, asked), (Dialect::Harbor, Asked::Times(_))) => is_basic(inner, sent),
        _ if matches!((inner.dialect, asked), (Dialect::DockerHub | Dialect::Quay, Asked::Times(_))) => {
            if sent.is_some() {
                lock(&inner.counts).violation("credentials beside the protocol".to_owned());
            }
            true
        }
        SignIn::Basic => is_basic(inner, sent),
        SignIn::Token(_) => sent.and_then(|sent| sent.strip_prefix("Bearer ")).is_some_and(|token| {
            let tokens = lock(&inner.tokens);
            tokens.given.get(token).is_some_and(|(repository, actions)| {
                *asked == Asked::Ping
                    || (repository == asked.repository() && actions.contains(needed(inner.dialect, asked)))
            })
        }),
    };
    if fine { Ok(()) } else { Err(Box::new(challenge(inner, asked, sent, host))) }
}

fn needed(dialect: Dialect, asked: &Asked) -> &'static str {
    if dialect == Dialect::Acr && matches!(asked, Asked::List(_) | Asked::Times(_)) {
        "metadata_read"
    } else {
        "pull"
    }
}

fn is_basic(inner: &Inner, sent: Option<&str>) -> bool {
    let known = lock(&inner.credentials).clone();
    let Some((username, password)) = known else { return true };
    sent == Some(&format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}

fn challenge(inner: &Inner, asked: &Asked, sent: Option<&str>, host: &str) -> Response<Body> {
    let realm = lock(&inner.faults).iter().find_map(|fault| match fault {
        RegistryFault::Realm(realm) => Some(realm.clone()),
        _ => None,
    });
    let value = match inner.dialect.sign_in() {
        SignIn::Basic => "Basic realm=\"sandbox\"".to_owned(),
        SignIn::Token(path) => {
            let realm = realm.unwrap_or_else(|| format!("http://{host}{path}"));
            let scope = match asked.repository() {
                "" => String::new(),
                // A registry may offer more than a reader wants.
                name => format!(",scope=\"repository:{name}:{},push\"", needed(inner.dialect, asked)),
            };
            format!("Bearer realm=\"{realm}\",service=\"{host}\"{scope}")
        }
    };
    let echo = lock(&inner.faults).contains(&RegistryFault::Echo);
    let message = if echo {
        format!("not with {}", sent.unwrap_or("nothing"))
    } else {
        "authentication required".into()
    };
    let mut response = error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", &message);
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// Hands out a token.
pub(super) fn token(inner: &Inner, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !is_basic(inner, sent) {
        return error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "incorrect username or password");
    }
    let query = uri.query().unwrap_or_default().replace("%3A", ":").replace("%2F", "/").replace("%2C", ",");
    let scope = query.split('&').find_map(|pair| pair.strip_prefix("scope=")).unwrap_or_default();
    let mut parts = scope.split(':').skip(1);
    let repository = parts.next().unwrap_or_default().to_owned();
    let actions: BTreeSet<String> = parts.next().unwrap_or_default().split(',').map(str::to_owned).collect();
    if let Some(more) = actions.iter().find(|one| !one.is_empty() && !HARMLESS.contains(&one.as_str())) {
        lock(&inner.counts).violation(format!("a token that allows to {more}"));
    }
    let mut tokens = lock(&inner.tokens);
    tokens.count += 1;
    let token = format!("opaque-{}", tokens.count);
    tokens.given.insert(token.clone(), (repository, actions));
    match inner.dialect {
        // Neither says how long, nor what it is.
        Dialect::Ghcr => json_answer(&json!({"token": token})),
        Dialect::Acr => json_answer(&json!({"access_token": token})),
        _ => json_answer(
            &json!({"token": token, "access_token": token, "expires_in": 300, "issued_at": "2026-11-24T00:00:00Z"}),
        ),
    }
}
