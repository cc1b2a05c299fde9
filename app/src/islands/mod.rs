//! What makes pages live and quick. Every page is whole without them.
//!
//! | island | does |
//! |---|---|
//! | [`Live`] | follows `/events`; patches rows in place, offers what would move rows, can be paused |
//! | [`Ages`] | keeps ages ticking |
//! | [`Keyboard`] | `/`, `j`, `k`, `Enter`, `g` and a letter, `[`, `]`, `p`, `?` |
//! | [`Menus`] | sends a filter when its menu is closed; closes menus |
//! | [`Copy`] | copy buttons beside digests and commits |
//!
//! Their text is compiled for server and browser alike, so nothing here may depend on a feature. What touches the browser
//! stands in functions that only effects and event handlers call, and those run in the browser only.

mod ages;
mod browser;
mod copy;
mod keyboard;
mod live;
mod menus;

pub use ages::Ages;
pub use copy::Copy;
pub use keyboard::Keyboard;
pub use live::{Live, LiveWords, live_words};
pub use menus::Menus;
