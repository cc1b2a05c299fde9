//! The server's parts against the sandbox's API servers and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod config;
mod doctor;
mod faults_churn;
mod forge;
mod program;
mod registry;
mod secrets;
mod tls;
mod watch;
mod web;
mod whole;
