//! Times, ages and numbers for people, by language.

pub mod number;
pub mod time;

pub use time::{Clock, age, length};
