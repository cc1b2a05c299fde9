//! Integration tests of landfall-nginx.

mod answers;
#[path = "../differential/mod.rs"]
mod differential;
mod differential_test;
mod logs;
mod parser;
mod regressions;
