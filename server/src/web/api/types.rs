//! Shapes of the API. Fields are added, never renamed or dropped: scripts of others read them.

mod facet;
mod finding;
mod history;
mod pull;
mod service;
mod source;

pub use self::{
    facet::{Facet, FacetValue},
    finding::{Finding, Proof, Subject},
    history::{Gap, Transition},
    pull::{
        LastGood, Preview, PreviewRound, PreviewStep, PreviewWeek, Pull, PullCommit, PullLabel, PullRequest,
        StuckAt, Traced, UsualDuration, Waits, WorkflowRun,
    },
    service::{Environment, FindingRef, Image, Operation, Running, Service, TagDigest, Trouble, Workload},
    source::{Column, Source},
};
