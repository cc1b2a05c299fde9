//! The store against a real PostgreSQL. `DATABASE_URL` names a server on which databases may be created.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking; helpers are no exception")]

mod cluster;
mod commit;
mod follow;
mod found;
mod history;
mod lease;
mod load;
mod migrations;
mod outage;
mod past;
mod pulls;
mod retention;
mod roles;
mod sightings;
mod world;
mod writer;
