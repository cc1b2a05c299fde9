//! Webhooks as the forges send them: a body, and headers that prove it. Sending is the test's.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// One delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// GitHub's: signed by HMAC-SHA-256 over the bytes of the body.
pub fn github(secret: &str, id: &str, event: &str, body: &Value) -> Delivery {
    let body = body.to_string().into_bytes();
    let signature = format!("sha256={}", hmac(secret, &body));
    let headers = vec![
        ("x-github-event", event.to_owned()),
        ("x-github-delivery", id.to_owned()),
        ("x-hub-signature-256", signature),
        ("content-type", "application/json".to_owned()),
    ];
    Delivery { headers, body }
}

/// GitLab's: the secret itself in a header.
pub fn gitlab(secret: &str, id: &str, event: &str, body: &Value) -> Delivery {
    let headers = vec![
        ("x-gitlab-event", event.to_owned()),
        ("x-gitlab-event-uuid", id.to_owned()),
        ("x-gitlab-token", secret.to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    Delivery { headers, body: body.to_string().into_bytes() }
}

/// Gitea's and Forgejo's: as GitHub's, the signature in hexadecimal without a prefix.
pub fn gitea(secret: &str, id: &str, event: &str, body: &Value) -> Delivery {
    let body = body.to_string().into_bytes();
    let headers = vec![
        ("x-gitea-event", event.to_owned()),
        ("x-gitea-delivery", id.to_owned()),
        ("x-gitea-signature", hmac(secret, &body)),
        ("content-type", "application/json".to_owned()),
    ];
    Delivery { headers, body }
}

/// The body of a pull request's event at GitHub and Gitea.
pub fn pull_event(repository: &str, number: u64, action: &str) -> Value {
    json!({"action": action, "number": number, "pull_request": {"number": number},
           "repository": {"full_name": repository}, "sender": {"login": "mika"}})
}

/// The body of a merge request's event at GitLab.
pub fn merge_request_event(repository: &str, number: u64, action: &str) -> Value {
    json!({"object_kind": "merge_request", "project": {"path_with_namespace": repository},
           "object_attributes": {"iid": number, "action": action}})
}

/// HMAC-SHA-256 (RFC 2104) in hexadecimal.
fn hmac(secret: &str, body: &[u8]) -> String {
    const BLOCK: usize = 64;
    let mut key = [0_u8; BLOCK];
    let bytes = secret.as_bytes();
    if bytes.len() > BLOCK {
        key[..32].copy_from_slice(&Sha256::digest(bytes));
    } else {
        key[..bytes.len()].copy_from_slice(bytes);
    }
    let pad = |with: u8| key.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(body).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    super::state::hex(&outer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_githubs_documentation() {
        assert_eq!(
            hmac("It's a Secret to Everybody", b"Hello, World!"),
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }
}
