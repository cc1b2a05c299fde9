//! Access logs: read by the configuration's own formats, routed line by line, counted by route and caller.

mod asked;
mod build;
mod checkpoint;
mod clients;
mod counts;
mod escape;
mod follow;
mod format;
mod input;
mod line;
mod options;
mod placement;
mod plain;
mod reader;
mod report;
mod router;
mod setup;
mod shape;
mod text;
mod time;
mod wanted;

pub use clients::{Client, Clients};
pub use follow::{Follower, Position};
pub use format::{Fields, Format, Reject};
pub use input::{Blocks, Progress, open};
pub use options::{LogError, LogOptions, Warning};
pub(crate) use plain::mark_plain;
pub use reader::Reader;
pub use report::{Agreement, CallerReport, Disagreement, RejectedLine, Report, RouteReport};
pub use text::people;
pub use time::Moment;
