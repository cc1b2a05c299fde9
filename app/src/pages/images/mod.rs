//! `/images`: every repository that is used, and how it stands. `/images/{repository}`: one of them.

mod compare;
mod list;
mod one;
mod outlook;
mod pick;
mod ran;
mod sightings;

pub use list::images;
pub use one::repository;
pub(in crate::pages) use outlook::{expected, newer, standing_word};
