//! One function per statement. Each takes the connection it runs on and plain values, and does nothing else.

pub mod check;
pub mod digest;
pub mod find;
pub mod finding;
pub mod frame;
pub mod head;
pub mod lease;
pub mod observation;
pub mod partition;
pub mod pull;
pub mod sighting;
pub mod source;
pub mod timeline;
pub mod transition;

/// Rows per statement: arrays of this length are cheap to plan and to send.
pub const ROWS: usize = 500;
