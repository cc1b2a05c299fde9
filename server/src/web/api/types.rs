//! Shapes of the API. Fields are added, never renamed or dropped: scripts of others read them.

mod facet;
mod finding;
mod history;
mod service;
mod source;

pub use self::{
    facet::{Facet, FacetValue},
    finding::{Finding, Proof, Subject},
    history::{Gap, Transition},
    service::{Environment, FindingRef, Image, Operation, Running, Service, TagDigest, Trouble, Workload},
    source::{Column, Source},
};
