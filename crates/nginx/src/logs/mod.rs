//! Access logs: read by the configuration's own formats, routed line by line, counted by route and caller.

mod clients;
mod counts;
mod format;
mod input;
mod placement;
mod report;
mod router;
mod run;
mod time;

pub use clients::{Client, Clients};
pub use format::{Fields, Format, Reject};
pub use input::{Lines, open};
pub use report::{Agreement, CallerReport, Disagreement, Report, RouteReport};
pub(crate) use router::mark_plain;
pub use run::{LogError, LogOptions, Reader, Warning};
pub use time::Moment;
