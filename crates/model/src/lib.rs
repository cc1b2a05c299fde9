//! The pure heart of Landfall: no clock, no randomness, no I/O.
//!
//! ```text
//!  JSON text --reduce--> Observation --apply/delete/reset--> Index --advance(now)--> Arc<Snapshot>
//!                                                              |                        |
//!                                                              '---- Transition, Finding (what changed its meaning)
//! ```
//!
//! * [`words`]: the vocabulary (states, severities, kinds), one enum each.
//! * [`observe`]: what a source said about one object, reduced to what Landfall needs.
//! * [`reduce`]: from an object's JSON text to an [`observe::Observation`]; a broken object becomes an
//!   [`observe::Unreadable`], never a panic.
//! * [`settings`]: how Applications become services and environments, grace times.
//! * [`index`]: the join. The same observations in any order give the same snapshot.
//! * [`view`]: what a page, the API and a stored frame show.
//! * [`finding`]: the rules that fire, one file each.
//! * [`transition`]: what a change of meaning is.
//! * [`preview`]: the six steps of a pull request's preview.
//! * [`phrase`]: a sentence in English with its parts, for pages in other languages.
//! * [`query`]: filter, facets, sort and paging, the same for pages and API.

pub mod finding;
pub mod image;
pub mod index;
pub mod mapping;
pub mod observe;
pub mod phrase;
pub mod preview;
pub mod query;
pub mod reduce;
pub mod settings;
pub mod text;
pub mod time;
pub mod transition;
pub mod updater;
pub mod view;
pub mod words;

pub use text::{Interner, Text};
