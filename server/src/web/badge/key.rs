//! The proof in a badge's address, where access to badges is by address alone.
//!
//! `?t=` is a MAC over the path: who has the address of one badge can make none of another. Addresses are taken back by
//! replacing the key. While it is replaced, the old one may stand on a second line.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac::{HMAC_SHA256, Key, sign, verify};
use secrecy::ExposeSecret as _;

use crate::config::Secret;

/// The key is read again after this time, so that a replaced file counts.
const AGE: Duration = Duration::from_secs(5);

/// The configured key, if any. Clones share what was read.
#[derive(Clone, Default)]
pub struct BadgeKeys {
    secret: Option<Secret>,
    read: Arc<Mutex<Option<Read>>>,
}

/// When the keys were read, and what they were.
type Read = (Instant, Vec<Key>);

impl std::fmt::Debug for BadgeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BadgeKeys").field("secret", &self.secret).finish_non_exhaustive()
    }
}

impl BadgeKeys {
    /// By the key that this secret holds; `None`: badges are for everybody who sees the pages.
    pub fn new(secret: Option<Secret>) -> Self {
        Self { secret, read: Arc::default() }
    }

    /// The value of `?t=` for a path; `None` where no key is configured, or it cannot be read.
    pub fn token(&self, path: &str) -> Option<String> {
        let keys = self.keys()?;
        Some(URL_SAFE_NO_PAD.encode(sign(keys.first()?, path.as_bytes())))
    }

    /// Whether this address may be answered.
    pub fn permit(&self, path: &str, token: Option<&str>) -> bool {
        let Some(keys) = self.keys() else { return true };
        let given = token.and_then(|token| URL_SAFE_NO_PAD.decode(token).ok()).unwrap_or_default();
        keys.iter().fold(false, |found, key| found | verify(key, path.as_bytes(), &given).is_ok())
    }

    /// `None`: none is configured. One that cannot be read is no key, and opens nothing.
    fn keys(&self) -> Option<Vec<Key>> {
        let secret = self.secret.as_ref()?;
        let mut slot = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, keys)) = &*slot
            && at.elapsed() < AGE
        {
            return Some(keys.clone());
        }
        let keys = match secret.read() {
            Ok(text) => {
                let lines = text.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty());
                lines.map(|line| Key::new(HMAC_SHA256, line.as_bytes())).collect()
            }
            Err(why) => {
                tracing::warn!(%why, "the key of badges cannot be read");
                // While a file is being replaced the last key is as good as any.
                slot.take().map(|(_, keys)| keys).unwrap_or_default()
            }
        };
        *slot = Some((Instant::now(), keys.clone()));
        Some(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> (tempfile::NamedTempFile, BadgeKeys) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let keys = BadgeKeys::new(Some(Secret::File(file.path().to_owned())));
        (file, keys)
    }

    #[test]
    fn an_address_opens_its_own_badge_only() {
        let (_file, new) = keys("new\nold\n");
        let token = new.token("/badge/mail/production.svg").unwrap();
        assert!(new.permit("/badge/mail/production.svg", Some(&token)));
        assert!(!new.permit("/badge/mail/staging.svg", Some(&token)));
        assert!(!new.permit("/badge/mail/production.json", Some(&token)));
        for wrong in [None, Some(""), Some("?"), Some(&token[..20]), Some("AAAAAAAAAAAAAAAAAAAAAA")] {
            assert!(!new.permit("/badge/mail/production.svg", wrong), "{wrong:?}");
        }
        let (_file, old) = keys("old");
        let token = old.token("/badge/mail/production.svg").unwrap();
        assert!(
            new.permit("/badge/mail/production.svg", Some(&token)),
            "the old key stands on the second line"
        );
    }

    #[test]
    fn without_a_key_everybody_and_with_an_unreadable_one_nobody() {
        assert!(BadgeKeys::default().permit("/badge/mail/production.svg", None));
        assert_eq!(BadgeKeys::default().token("/badge/mail/production.svg"), None);
        let gone = BadgeKeys::new(Some(Secret::File("/nowhere/key".into())));
        assert!(!gone.permit("/badge/mail/production.svg", Some("")));
        assert_eq!(gone.token("/badge/mail/production.svg"), None);
    }
}
