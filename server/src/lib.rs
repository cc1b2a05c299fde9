//! The Landfall server: collectors, engine, store and web, wired by `main`.

pub mod args;
pub mod clock;
mod command;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
pub mod engine;
pub mod hook;
mod migrate;
pub mod serve;
pub mod shutdown;
pub mod source;
pub mod store;
pub mod telemetry;
pub mod watch;
pub mod web;

pub use command::run;
