//! The Landfall server: collectors, engine, store and web, wired by `main`.

pub mod clock;
pub mod engine;
