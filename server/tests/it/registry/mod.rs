//! The registry client against registries of every habit, and against the distribution project's own.

mod dialects;
mod faults;
mod interleave;
mod looking;
mod poll;
mod push_time;
mod real;
mod sign_in;
mod webhook;

use std::time::Duration;

use landfall::{
    config::Registry as Config,
    source::registry::{Client, Described, Patience},
};
use landfall_sandbox::registry::{Dialect, Image, Registry, RunningRegistry};

/// A registry of this dialect that is served, and how it is configured.
pub async fn registry(dialect: Dialect) -> (Registry, RunningRegistry, Config) {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let registry = Registry::new(dialect);
    let running = registry.start().await.unwrap();
    let config = config(&running.host);
    (registry, running, config)
}

/// On this machine, without TLS, as often as one likes.
pub fn config(host: &str) -> Config {
    let asked = Config::anonymous(host);
    Config { plain_http: true, allow_private: true, requests_per_minute: 60_000, ..asked }
}

pub fn client(config: &Config) -> Client {
    Client::new(config, quick()).unwrap()
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

/// Never leaves a registry alone by itself: whether a look comes through is for the test to say.
pub fn stubborn() -> Patience {
    Patience { failures: u32::MAX, answer: Duration::from_secs(5), whole: Duration::from_secs(30), ..quick() }
}

/// Pushes `count` tags that all point at one image.
pub fn fill(registry: &Registry, repository: &str, count: usize) -> String {
    let digest = registry.push(repository, "tag-00000", &Image::plain("a", "2026-11-20T10:00:00Z"));
    for n in 1..count {
        registry.tag(repository, &format!("tag-{n:05}"), &digest);
    }
    digest
}

/// A digest with its platforms, itself last.
pub async fn whole(client: &Client, repository: &str, digest: &str) -> Vec<Described> {
    let top = client.describe(repository, digest, None, None).await.unwrap();
    let mut all = Vec::new();
    for child in &top.children {
        all.push(client.describe(repository, &child.digest, None, child.platform.clone()).await.unwrap());
    }
    all.push(top);
    all
}
