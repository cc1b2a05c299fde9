//! The Landfall server: collectors, engine, store and web, wired by `main`.

pub mod args;
pub mod clock;
pub mod config;
pub mod engine;
pub mod shutdown;
pub mod store;
pub mod telemetry;
pub mod watch;
