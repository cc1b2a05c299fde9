//! Sources that are asked again and again, or that push: what cannot be watched.

pub mod forge;
pub mod http;
pub mod registry;
mod report;
