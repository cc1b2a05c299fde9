//! The web part over real HTTP, on a port of its own each time; history answers from memory.

mod api;
mod badge;
mod card;
pub mod client;
mod forge_webhook;
mod hostile;
mod http2;
mod limits;
mod live;
mod pages;
mod pulls;
mod rules;
mod views;
mod webhook;
pub mod world;
