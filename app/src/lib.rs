//! The pages of Landfall.
//!
//! * [`pages`] turn plain data into a whole HTML document, in one go, on the server. They know neither the network nor
//!   the clock: what they show is in [`data`], so a test can show any state of the world.
//! * [`components`] are what pages share: state, age, tag, source, pager.
//! * [`islands`] are the only part that reaches the browser. Every page is whole without them.
//! * [`lang`] holds the words, [`format`] times and numbers, [`links`] addresses.

pub mod islands;

#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
pub mod data;
#[cfg(feature = "ssr")]
pub mod format;
#[cfg(feature = "ssr")]
pub mod lang;
#[cfg(feature = "ssr")]
pub mod links;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod shell;
