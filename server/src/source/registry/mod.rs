//! Registries: which tag points at which digest, and what is behind a digest.
//!
//! ```text
//!  Client ── auth (challenge, credentials, token) ── Http (budget, guard, redirects, caps) ──> registry
//!    |- tags      every tag of a repository, page by page, with an end in every case
//!    |- point     tag -> digest: HEAD, else GET and SHA-256 over the very bytes
//!    |- push_time  the registry's own word, where it has one
//!    '- describe  digest -> manifests by platform -> configuration: `created`, labels
//! ```
//!
//! By the OCI distribution specification, with what real registries do otherwise. It only reads: GET and HEAD. Which
//! hosts are asked is the configuration's word alone; see [`http`](super::http) for addresses, [`auth`] for who gets credentials.

mod auth;
mod challenge;
mod client;
mod credentials;
mod describe;
mod kubernetes;
mod manifest;
mod point;
pub mod poll;
mod push_time;
mod tags;

pub use self::{
    client::{Client, base},
    describe::{Described, Label},
    manifest::{Child, Layer, Platform},
    point::{Pointed, Raw},
    push_time::PushTime,
    tags::{Tags, Whole},
};
pub use super::http::{Blocked, Budget, Failure, Patience};
