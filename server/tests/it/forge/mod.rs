//! Forges as the sandbox plays them: what is read of each, what it costs, and what happens when it fails.

mod branch;
mod budget;
mod faults;
mod looking;
mod read;
mod sign_in;
mod webhook;

use std::time::Duration;

use landfall::{
    config::{Forge as Config, ForgeAuth, Secret},
    source::forge::Patience,
};
use landfall_model::words::ForgeKind;
use landfall_sandbox::{
    Clock,
    forge::{Forge, RunningForge},
};

pub const TOKEN: &str = "ghp_hunter2";

/// A forge that is served, with a token that is let in; and a folder for what stands in files.
pub struct Stage {
    pub forge: Forge,
    pub running: RunningForge,
    pub folder: tempfile::TempDir,
}

impl Stage {
    pub async fn new() -> Self {
        Self::at(Clock::real()).await
    }

    /// The same by another clock.
    pub async fn at(clock: Clock) -> Self {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let forge = Forge::new(clock);
        forge.let_in(TOKEN, "landfall");
        let running = forge.start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), TOKEN).unwrap();
        Self { forge, running, folder }
    }

    /// On this machine, without TLS, as often as one likes, with the token.
    pub fn config(&self, kind: ForgeKind) -> Config {
        Config {
            plain_http: true,
            allow_private: true,
            requests_per_minute: 60_000,
            auth: ForgeAuth::Token(Secret::File(self.folder.path().join("token"))),
            ..Config::anonymous("git", kind, self.running.url.clone())
        }
    }
}

/// Everything about twenty times as fast.
pub fn quick() -> Patience {
    Patience {
        answer: Duration::from_millis(700),
        whole: Duration::from_secs(3),
        failures: 3,
        first_pause: Duration::from_millis(300),
        longest_pause: Duration::from_secs(1),
        unsaid_pause: Duration::from_millis(300),
    }
}
