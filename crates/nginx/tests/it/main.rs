//! Integration tests of landfall-nginx.

mod answers;
mod corpus;
#[path = "../differential/mod.rs"]
mod differential;
mod differential_test;
mod follow;
mod logs;
mod parser;
mod regressions;
