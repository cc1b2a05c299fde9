//! What Argo CD Image Updater would choose, and why: its rule, as its v1.3.0 applies it.
//!
//! ```text
//! tags -> allow, ignore, digest's own tag -> dates and platforms, where the strategy wants them -> constraint -> order
//! ```
//!
//! The last tag of the order is the pick. Every tag that is left out is told with the rule that did it.
//! The source of each rule is the program's documentation (`argoproj-labs/argocd-image-updater:docs/`), and for versions and
//! constraints that of `Masterminds/semver`; what neither says was checked against the program's own answers.

mod allow;
mod constraint;
pub(crate) mod created;
mod explain;
mod glob;
mod go_regex;
mod lint;
mod pick;
mod reason;
pub mod settings;
mod strategy;
pub mod trap;
mod version;

pub use allow::{Allow, Ignore};
pub use constraint::{Constraint, ImproperConstraint};
pub use explain::{Alternative, Explained, Placed, explain};
pub use lint::{Lint, Reversed, Switch, lint, switch};
pub use pick::{Choice, Dropped, Pick, Policy, Refusal, Tag, pick};
pub use reason::{Reason, Why};
pub use strategy::{OddName, Strategy};
pub use version::Version;

/// Whether a text holds a match of a regular expression of Go's; `None` where Go refuses the expression.
pub(crate) fn go_regex_fits(pattern: &str, text: &str) -> Option<bool> {
    Some(go_regex::compile(pattern).ok()?.is_match(text))
}
