//! The one place that asks what time it is.

use jiff::Timestamp;

/// Now, by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "this is the place where time enters")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
