//! Integration tests of landfall-nginx.

#[path = "../differential/mod.rs"]
mod differential;
mod differential_test;
