//! The web part over real HTTP, on a port of its own each time; history answers from memory.

mod api;
mod client;
mod hostile;
mod limits;
mod live;
mod pages;
mod rules;
mod views;
mod world;
