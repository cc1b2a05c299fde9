//! The way out to what is asked over HTTP: how often, how long, which addresses, how much.
//!
//! ```text
//!  Http ── budget    so many requests in a minute, none while it asks to be left alone, none after failures in a row
//!     |── guard      no address of a private network, unless the configuration says so
//!     '── exchange   redirects without credentials, sizes, times, `Retry-After`, limits that are told in headers
//! ```

mod budget;
mod exchange;
mod failure;
mod guard;
pub mod link;

pub(super) use self::failure::{code, failure_of, short};
pub use self::{
    budget::{Blocked, Budget, Patience, Quota},
    exchange::{Answer, Ask, Http, Reach},
    failure::Failure,
};
