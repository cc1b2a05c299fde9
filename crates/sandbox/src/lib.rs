//! A small world that speaks the real protocols over HTTP: Kubernetes API servers with Argo CD's objects in them, and
//! registries ([`registry`]).
//!
//! The demo and the tests run on it. It answers as Kubernetes 1.36 and Argo CD 3.5 were recorded to answer, plays a
//! story, can be told to fail ([`Fault`]), counts what is asked of it ([`Counters`]), and notes what a reader must
//! never do ([`Violation`]): any write, any path that Landfall has no business with.

mod access;
mod api;
mod big;
pub mod build;
mod clock;
mod cluster;
mod control;
mod counters;
mod faults;
pub mod forge;
mod hostile;
mod kinds;
pub mod registry;
mod store;
mod story;
mod toml;
mod world;

pub use big::{Big, Churn};
pub use clock::Clock;
pub use cluster::Cluster;
pub use counters::{Counters, OpenWatches, RequestCount, Violation};
pub use faults::{Fault, Faults, Malformed, Perturb, UnknownResource};
pub use kinds::{KINDS, Kind};
pub use store::ApplyError;
pub use story::{Action, NoSuchUnit, Past, PastEvent, PastVerb, Policy, Push};
pub use world::{ClusterEndpoint, Running, World};
