//! From recorded, broken and hostile objects to observations.

mod canary;
mod decode;
pub mod fixtures;
mod kinds;
mod mutation;
mod size;
mod snapshots;
