//! The sandbox against what was recorded from real control planes, and against the real client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod big;
mod faults;
mod forge;
mod kube_client;
mod list;
mod story;
mod support;
mod updater;
mod watch;
mod wire;
